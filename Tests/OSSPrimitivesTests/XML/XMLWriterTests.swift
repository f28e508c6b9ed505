import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Writing XML")
struct XMLWriterTests {
    private func text(_ writer: consuming XMLWriter) -> String {
        String(decoding: writer.finish(), as: UTF8.self)
    }

    @Test("Elements are nested after the XML declaration")
    func structure() {
        var writer = XMLWriter(root: "Delete")
        writer.element("Quiet", "true")
        for key in ["a", "b"] {
            writer.element("Object") { object in
                object.element("Key", key)
                object.element("VersionId", "")
            }
        }
        #expect(
            text(writer) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Delete><Quiet>true</Quiet><Object><Key>a</Key><VersionId></VersionId></Object>\
                <Object><Key>b</Key><VersionId></VersionId></Object></Delete>
                """)
    }

    @Test("Text is escaped as in the service's own clients")
    func escaping() throws {
        struct Vector: Decodable {
            var kind: String
            var input: String?
            var expected: String?
            enum Key: CodingKey { case kind, input, expected }
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                kind = try values.decode(String.self, forKey: .kind)
                guard kind == "xml-escape" else { return }
                input = try values.decode(String.self, forKey: .input)
                expected = try values.decode(String.self, forKey: .expected)
            }
        }
        let vector = try #require(
            VectorFile<Vector>.load("url_encoding", keys: .useDefaultKeys).first { $0.kind == "xml-escape" })
        var writer = XMLWriter(root: "r")
        writer.text(try #require(vector.input))
        #expect(text(writer).hasSuffix("<r>\(try #require(vector.expected))</r>"))
    }

    @Test("Any text survives a round trip")
    func roundTrips() throws {
        let controls = String(decoding: Array(0...0x1f) + [0x7f], as: UTF8.self)
        var random = SeededRandom(seed: 9)
        let texts =
            [
                "", " ", " x ", "\r\n", "\t", controls, "]]>", "&amp;", "<![CDATA[", "e\u{301}\u{e9}😀",
                "\u{fffe}\u{ffff}\u{85}",
            ]
            + (0..<50).map { String(decoding: random.bytes($0 * 7), as: UTF8.self) }
        var writer = XMLWriter(root: "r")
        for text in texts { writer.element("Key", text) }
        let node = try XMLReader.read(writer.finish())
        #expect(node.all("Key").map { Array($0.text.utf8) } == texts.map { Array($0.utf8) })
    }

    @Test("Foundation parses written documents as far as XML 1.0 allows")
    func secondOpinion() throws {
        var writer = XMLWriter(root: "r")
        writer.element("a") { $0.element("Key", " <&>\"'\t\r\n 中😀 ") }
        let document = writer.finish()
        #expect(FoundationTree.read(document) == (try XMLReader.read(document)))
        #expect(FoundationTree.read(document)?.text("a", "Key") == " <&>\"'\t\r\n 中😀 ")
    }
}
