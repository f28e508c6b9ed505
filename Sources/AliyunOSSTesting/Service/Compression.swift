import Foundation

/// Functions that compress responses as the service does. Text objects of at least 1 KB are compressed for clients that
/// accept gzip and request the entire object.
enum Compression {
    private static let minimumLength = 1024
    /// Maximum size, in bytes, of an object whose responses are compressed. The service may compress larger objects,
    /// but this server would have to hold them in memory.
    static let maximumLength = 4 << 20
    private static let types: Set<String> = [
        "application/javascript", "application/json", "application/rss+xml", "application/x-javascript",
        "text/cache-manifest", "text/css", "text/html", "text/json", "text/plain", "text/xml",
    ]

    static func applies(to request: ServiceRequest, _ object: MockObject) -> Bool {
        guard (minimumLength...maximumLength).contains(object.attributes.size),
            let accepted = request.header("Accept-Encoding"),
            accepted.lowercased().contains("gzip"), request.header("Range") == nil,
            object.attributes.headers["content-encoding"] == nil
        else { return false }
        let type = object.attributes.headers["content-type"]?.split(separator: ";").first ?? ""
        return types.contains(type.trimmingCharacters(in: .whitespaces).lowercased())
    }

    static func compress(_ response: inout ServiceResponse, _ bytes: ObjectBytes) {
        response.body = .data(Data(StoredGzip.encode(Array(bytes.data))))
        describe(&response)
    }

    /// Sets the headers of a compressed response, including a response to HEAD. The digests remain those of the stored
    /// object.
    static func describe(_ response: inout ServiceResponse) {
        response.isChunked = true
        response.set("Content-Encoding", "gzip")
        response.set("Vary", "Accept-Encoding")
        for name in ["ETag", "Accept-Ranges"] { response.set(name, nil) }
    }
}

/// A gzip encoder that writes uncompressed blocks and therefore does not require zlib.
enum StoredGzip {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xFFFF)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            encoded.append(rest.isEmpty ? 1 : 0)
            append(length, 2, to: &encoded)
            append(~length, 2, to: &encoded)
            encoded += block
        } while !rest.isEmpty
        append(checksum(bytes), 4, to: &encoded)
        append(UInt32(truncatingIfNeeded: bytes.count), 4, to: &encoded)
        return encoded
    }

    private static func append(_ value: some FixedWidthInteger, _ count: Int, to bytes: inout [UInt8]) {
        for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = UInt32.max
        for byte in bytes { value = value >> 8 ^ table[Int((value ^ UInt32(byte)) & 0xFF)] }
        return ~value
    }

    /// CRC-32 of every possible byte value.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
}
