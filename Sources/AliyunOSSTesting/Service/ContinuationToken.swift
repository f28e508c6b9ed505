import Foundation

/// The service's token: a small protobuf with the last key, in Base64 with `.`, `_` and `-` for `+`, `/` and `=`.
enum ContinuationToken {
    static func encode(_ key: [UInt8]) -> String {
        var message: [UInt8] = [0x0A]
        var length = key.count
        while length >= 0x80 {
            message.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        message.append(UInt8(length))
        let text = Data(message + key).base64EncodedString()
        return String(text.map { $0 == "+" ? "." : $0 == "/" ? "_" : $0 == "=" ? "-" : $0 })
    }

    static func decode(_ token: String) -> [UInt8]? {
        let text = String(token.map { $0 == "." ? "+" : $0 == "_" ? "/" : $0 == "-" ? "=" : $0 })
        guard let message = Data(base64Encoded: text).map(Array.init), message.count > 2, message.first == 0x0A
        else { return nil }
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
