import Testing

@testable import AliyunOSS

@Suite("Gzip metadata of an object")
struct GzipMarkTests {
    @Test(
        "Gzip metadata survives a round trip",
        arguments: [(0, 0), (1, 2), (5_000_000_000, 1 << 63), (.max, .max)] as [(Int64, UInt64)])
    func roundTrip(size: Int64, crc64: UInt64) {
        let mark = GzipMark(size: size, crc64: crc64)
        #expect(GzipMark(metadata: mark.metadata) == mark)
    }

    @Test("Gzip metadata is written in decimal")
    func format() {
        #expect(
            GzipMark(size: 12, crc64: .max).metadata == ["gzip-size": "12", "gzip-crc64": "18446744073709551615"])
    }

    @Test(
        "Incomplete or malformed gzip metadata is ignored",
        arguments: [
            [:], ["gzip-size": "1"], ["gzip-crc64": "1"], ["gzip-size": "", "gzip-crc64": "1"],
            ["gzip-size": "1", "gzip-crc64": ""], ["gzip-size": "-1", "gzip-crc64": "1"],
            ["gzip-size": "+1", "gzip-crc64": "1"], ["gzip-size": "1", "gzip-crc64": "+1"],
            ["gzip-size": " 1", "gzip-crc64": "1"], ["gzip-size": "1", "gzip-crc64": "0xff"],
            ["gzip-size": "9223372036854775808", "gzip-crc64": "1"],
            ["gzip-size": "1", "gzip-crc64": "18446744073709551616"], ["gzip-size": "١", "gzip-crc64": "1"],
        ] as [[String: String]])
    func malformed(metadata: [String: String]) {
        #expect(GzipMark(metadata: metadata) == nil)
    }

    @Test("Gzip metadata is added to other metadata and replaces earlier gzip metadata")
    func attributes() throws {
        var attributes = ObjectAttributes()
        attributes.contentType = "text/css"
        attributes.metadata = ["mode": "644", "gzip-size": "1"]
        try GzipMark(size: 7, crc64: 8).add(to: &attributes)
        #expect(attributes.contentEncoding == "gzip")
        #expect(attributes.contentType == "text/css")
        #expect(attributes.metadata == ["mode": "644", "gzip-size": "7", "gzip-crc64": "8"])
    }

    @Test("Content with another encoding is not compressed")
    func encodedAlready() {
        var attributes = ObjectAttributes()
        attributes.contentEncoding = "br"
        let error = #expect(throws: OSSError.self) { try GzipMark(size: 7, crc64: 8).add(to: &attributes) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("'br'") == true)
    }
}
