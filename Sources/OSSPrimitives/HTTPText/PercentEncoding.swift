/// The percent-encoding that the service uses in paths, queries, signatures and listings. Every byte except `A–Z a–z
/// 0–9 - . _ ~` becomes `%XX` with uppercase digits. A space is `%20`, and `+` stands for itself.
package enum PercentEncoding {
    /// Encodes a query name or value, including any `/`.
    package static func encode(_ text: String) -> String {
        encode(text, keepingSlashes: false)
    }

    /// Encodes a key for use in a path, leaving `/` unchanged.
    package static func encodePath(_ text: String) -> String {
        encode(text, keepingSlashes: true)
    }

    /// Decodes a percent-encoded string, or returns `nil` if an escape is invalid or the decoded bytes are not valid
    /// UTF-8.
    package static func decode(_ text: String) -> String? {
        var text = text
        enum Outcome {
            case unchanged
            case decoded(String?)
        }
        // The temporary buffer is on the stack for all but the longest keys, so the result is the only allocation.
        let outcome = text.withUTF8 { encoded -> Outcome in
            guard encoded.contains(escape) else { return .unchanged }
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: encoded.count) { scratch in
                guard let count = decode(encoded, into: scratch) else { return .decoded(nil) }
                return .decoded(String(validating: UnsafeBufferPointer(rebasing: scratch[..<count]), as: UTF8.self))
            }
        }
        switch outcome {
        case .unchanged: return text
        case .decoded(let result): return result
        }
    }

    /// Decodes percent-encoded bytes, or returns `nil` if an escape is invalid. The decoded bytes need not be UTF-8.
    package static func decodeBytes(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        // An array with a capacity of 0 is the storage that all empty arrays share, and the initializer below writes its
        // count there: the thread sanitizer reports that as a race with every reader of an empty array.
        guard !bytes.isEmpty else { return [] }
        let encoded = Array(bytes)
        var isSound = true
        let decoded = [UInt8](unsafeUninitializedCapacity: encoded.count) { buffer, count in
            let written = encoded.withUnsafeBufferPointer { decode($0, into: buffer) }
            isSound = written != nil
            count = written ?? 0
        }
        return isSound ? decoded : nil
    }

    private static let escape = UInt8(ascii: "%")

    private static func encode(_ text: String, keepingSlashes: Bool) -> String {
        var text = text
        return text.withUTF8 { plain -> String? in
            let escaped = plain.reduce(into: 0) { count, byte in
                if !isKept(byte, keepingSlashes) { count += 1 }
            }
            guard escaped > 0 else { return nil }
            return String(unsafeUninitializedCapacity: plain.count + 2 * escaped) { buffer in
                var next = 0
                for byte in plain {
                    if isKept(byte, keepingSlashes) {
                        buffer[next] = byte
                        next += 1
                    } else {
                        buffer[next] = escape
                        buffer[next + 1] = Hexadecimal.uppercaseDigit(byte >> 4)
                        buffer[next + 2] = Hexadecimal.uppercaseDigit(byte & 0xf)
                        next += 3
                    }
                }
                return next
            }
        } ?? text
    }

    private static func isKept(_ byte: UInt8, _ keepingSlashes: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        case UInt8(ascii: "/"): keepingSlashes
        default: false
        }
    }

    /// Decodes bytes into `output` and returns the number of bytes written, or `nil` if an escape is invalid. `output`
    /// must be at least as long as `encoded`.
    private static func decode(
        _ encoded: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        var read = 0
        var written = 0
        while read < encoded.count {
            var byte = encoded[read]
            read += 1
            if byte == escape {
                guard encoded.count - read >= 2, let high = Hexadecimal.value(encoded[read]),
                    let low = Hexadecimal.value(encoded[read + 1])
                else { return nil }
                byte = high << 4 | low
                read += 2
            }
            output[written] = byte
            written += 1
        }
        return written
    }
}
