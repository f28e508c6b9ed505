/// What an object that is the gzip form of a file says of that file.
///
/// In its metadata, `gzip-size` is the file's size in bytes and `gzip-crc64` its CRC-64/XZ, both decimal.
struct GzipMark: Hashable, Sendable {
    /// What the object has as its `Content-Encoding`.
    static let contentEncoding = "gzip"

    /// The size of the file in bytes.
    var size: Int64
    /// CRC-64/XZ of its content.
    var crc64: UInt64

    init(size: Int64, crc64: UInt64) {
        self.size = size
        self.crc64 = crc64
    }

    /// Reads metadata. An object on which one of the two is missing or malformed is taken as it is.
    init?(metadata: [String: String]) {
        guard let size = metadata["gzip-size"].flatMap(Self.number), let size = Int64(exactly: size),
            let crc64 = metadata["gzip-crc64"].flatMap(Self.number)
        else { return nil }
        self.init(size: size, crc64: crc64)
    }

    /// The metadata to store.
    var metadata: [String: String] { ["gzip-size": String(size), "gzip-crc64": String(crc64)] }

    /// Adds what an object of these bytes must have stored beside them.
    ///
    /// - Throws: ``OSSError`` when the attributes say that the bytes are encoded in another way.
    func add(to attributes: inout ObjectAttributes) throws(OSSError) {
        if let encoding = attributes.contentEncoding, encoding != Self.contentEncoding {
            throw OSSError(
                .invalidArgument,
                "content with the encoding '\(encoding)' cannot be compressed as gzip; leave out one of the two")
        }
        attributes.contentEncoding = Self.contentEncoding
        attributes.metadata.merge(metadata) { _, mark in mark }
    }

    private static func number(_ text: String) -> UInt64? {
        // Swift's own reading takes a sign, too.
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}
