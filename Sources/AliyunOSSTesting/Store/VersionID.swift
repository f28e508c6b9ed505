import Foundation

/// The format of the service's version IDs. An ID is a small protobuf message that contains the time of the write,
/// encoded in the service's variant of Base64.
///
/// The sequence number is the time in milliseconds, shifted by 20 bits, plus a counter within the millisecond.
enum VersionID {
    private static let hexadecimalCount = 32

    static func make(sequence: UInt64) -> String {
        var message: [UInt8] = [0x08, 0x01, 0x10, 0x31, 0x18]
        var rest = sequence
        while rest >= 0x80 {
            message.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        message += [UInt8(rest), 0x22, UInt8(hexadecimalCount)]
        for _ in 0..<hexadecimalCount / 16 {
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            message += String(repeating: "0", count: 16 - digits.count).utf8
            message += digits.utf8
        }
        return ServiceBase64.encode(message)
    }

    /// Returns the sequence number in a version ID, or `nil` if the ID is invalid.
    static func sequence(of id: String) -> UInt64? {
        // The two small fields depend on the service's cluster.
        guard let message = ServiceBase64.decode(id), message.count > 6, message[0] == 0x08, message[2] == 0x10,
            message[1] < 0x80, message[3] < 0x80, message[4] == 0x18
        else { return nil }
        var sequence: UInt64 = 0
        var index = 5
        var shift: UInt64 = 0
        repeat {
            guard index < message.count, shift < 63 else { return nil }
            sequence |= UInt64(message[index] & 0x7F) << shift
            shift += 7
            index += 1
        } while message[index - 1] >= 0x80
        guard message.count == index + 2 + hexadecimalCount, message[index] == 0x22,
            message[index + 1] == UInt8(hexadecimalCount)
        else { return nil }
        return sequence
    }

    /// Returns the lowest possible sequence number of a version written at the given time.
    static func sequence(at date: Date) -> UInt64 {
        UInt64(max(0, date.timeIntervalSince1970 * 1000)) << 20
    }
}

/// The variant of Base64 that the service uses in tokens and IDs, with `.`, `_` and `-` instead of `+`, `/` and `=`.
enum ServiceBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().map { $0 == "+" ? "." : $0 == "/" ? "_" : $0 == "=" ? "-" : $0 })
    }

    static func decode(_ text: String) -> [UInt8]? {
        let text = String(text.map { $0 == "." ? "+" : $0 == "_" ? "/" : $0 == "-" ? "=" : $0 })
        return Data(base64Encoded: text).map(Array.init)
    }
}

/// The format of the service's continuation tokens. A token is a small protobuf message that contains the last key,
/// encoded in the service's variant of Base64.
enum ContinuationToken {
    static func encode(_ key: [UInt8]) -> String {
        var message: [UInt8] = [0x0A]
        var length = key.count
        while length >= 0x80 {
            message.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        message.append(UInt8(length))
        return ServiceBase64.encode(message + key)
    }

    static func decode(_ token: String) -> [UInt8]? {
        guard let message = ServiceBase64.decode(token), message.count > 2, message.first == 0x0A else { return nil }
        var length = 0
        var index = 1
        while index < message.count, index < 4 {
            length |= Int(message[index] & 0x7F) << (7 * (index - 1))
            index += 1
            if message[index - 1] < 0x80 { break }
        }
        guard index + length == message.count else { return nil }
        return Array(message[index...])
    }
}
