import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Percent-encoding")
struct PercentEncodingTests {
    struct Vector: Decodable {
        var id: String
        var kind: String
        var input: String?
        var expected: String?
        var keepSlash: Bool?

        enum Key: String, CodingKey {
            case id, kind, input, expected
            case keepSlash = "keep_slash"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            id = try values.decode(String.self, forKey: .id)
            kind = try values.decode(String.self, forKey: .kind)
            guard kind == "encode" || kind == "decode-list-field" else { return }
            input = try values.decode(String.self, forKey: .input)
            expected = try values.decode(String.self, forKey: .expected)
            keepSlash = try values.decodeIfPresent(Bool.self, forKey: .keepSlash)
        }
    }

    @Test("Every published encoding is reproduced and can be decoded")
    func encodings() throws {
        let vectors = VectorFile<Vector>.load("url_encoding", keys: .useDefaultKeys).filter { $0.kind == "encode" }
        #expect(vectors.count == 13)
        for vector in vectors {
            let input = try #require(vector.input)
            let encoded =
                vector.keepSlash == true ? PercentEncoding.encodePath(input) : PercentEncoding.encode(input)
            #expect(encoded == vector.expected, "\(vector.id)")
            #expect(PercentEncoding.decode(encoded).map { Array($0.utf8) } == Array(input.utf8), "\(vector.id)")
        }
    }

    @Test("Every published list field decodes")
    func listFields() throws {
        let vectors = VectorFile<Vector>.load("url_encoding", keys: .useDefaultKeys).filter {
            $0.kind == "decode-list-field"
        }
        #expect(vectors.count == 7)
        for vector in vectors {
            let decoded = PercentEncoding.decode(try #require(vector.input))
            #expect(decoded.map { Array($0.utf8) } == vector.expected.map { Array($0.utf8) }, "\(vector.id)")
        }
    }

    @Test("Only unreserved bytes and, in a path, slashes are left unencoded")
    func everyByte() {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        for byte in UInt8.min..<0x80 {
            let text = String(decoding: [byte], as: UTF8.self)
            let escape = "%" + Hexadecimal.uppercase([byte])
            #expect(PercentEncoding.encode(text) == (unreserved.contains(byte) ? text : escape))
            let staysInPath = unreserved.contains(byte) || byte == UInt8(ascii: "/")
            #expect(PercentEncoding.encodePath(text) == (staysInPath ? text : escape))
        }
    }

    @Test("Composed and decomposed letters are not changed")
    func normalization() {
        #expect(PercentEncoding.encode("\u{e9}") == "%C3%A9")
        #expect(PercentEncoding.encode("e\u{301}") == "e%CC%81")
        #expect(PercentEncoding.decode("e%CC%81").map { Array($0.utf8) } == Array("e\u{301}".utf8))
    }

    @Test("Escapes of either case are decoded, and a plus sign is not changed")
    func leniency() {
        #expect(PercentEncoding.decode("%e4%B8%aD+%2b") == "中++")
        #expect(PercentEncoding.decode("plain") == "plain")
        #expect(PercentEncoding.decode("") == "")
        #expect(PercentEncoding.decode("中%20") == "中 ")
        #expect(PercentEncoding.decode("%00") == "\0")
    }

    @Test(
        "An invalid escape and text that is not UTF-8 are rejected",
        arguments: ["%", "a%", "%4", "%4g", "%g4", "%%20", "% 41", "%+4", "%C3", "%C3%28", "%FF", "%ED%A0%80", "%é"])
    func refusals(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }

    @Test("Bytes that are not text can be decoded")
    func bytes() {
        #expect(PercentEncoding.decodeBytes(Array("a%FF%00b".utf8)) == [0x61, 0xff, 0, 0x62])
        #expect(PercentEncoding.decodeBytes("%C3".utf8) == [0xc3])
        #expect(PercentEncoding.decodeBytes([]) == [])
        #expect(PercentEncoding.decodeBytes("%4".utf8) == nil)
        #expect(PercentEncoding.decodeBytes("%zz".utf8) == nil)
    }

    @Test("Text of any length and content round-trips")
    func roundTrips() {
        var random = SeededRandom(seed: 11)
        for count in [1, 14, 15, 16, 17, 100, 1023, 5000] {
            let text = String(decoding: random.bytes(count), as: UTF8.self)
            #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
            #expect(PercentEncoding.decode(PercentEncoding.encodePath(text)) == text)
        }
    }
}
