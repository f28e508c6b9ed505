import Foundation
import OSSPrimitives
import Testing

@Suite("Reading XML")
struct XMLReaderTests {
    private func read(_ text: String) throws(XMLSyntaxError) -> XMLTree {
        try XMLReader.read(Data(text.utf8))
    }

    @Test("Text is never trimmed")
    func blanks() throws {
        #expect(
            try read("<a><Key> x  </Key><Key>  </Key><Key>\t\n</Key></a>").all("Key").map(\.text) == [
                " x  ", "  ", "\t\n",
            ])
    }

    @Test("White space next to child elements is ignored")
    func layout() throws {
        let node = try read("<a>\n  <b>1</b>\r\n  <c/>\n</a>\n")
        #expect(node == XMLTree(name: "a", children: [XMLTree(name: "b", text: "1"), XMLTree(name: "c")]))
    }

    @Test("White space around comments is ignored next to child elements")
    func layoutAroundComments() throws {
        #expect(try read("<a>\n <!-- x -->\n <b/>\r\n<!-- y --> <?z?> </a>").text == "")
        #expect(try read("<a> <!-- x --> </a>").text == "  ")
    }

    @Test("Text around child elements is kept")
    func mixed() throws {
        let node = try read("<a>one<b/>two<!-- -->three<b/> </a>")
        #expect(node.text == "onetwothree")
        #expect(node.children.count == 2)
    }

    @Test("The five entities and character references are decoded")
    func references() throws {
        #expect(try read("<a>&lt;&gt;&amp;&quot;&apos;</a>").text == "<>&\"'")
        #expect(try read("<a>&#65;&#x41;&#x4e2D;&#128512;&#x1F600;</a>").text == "AA中😀😀")
        #expect(try read("<a>x&amp;y</a>").text == "x&y")
        #expect(try read("<a>&amp;lt;</a>").text == "&lt;")
        #expect(try read("<a>&#0000000000000000000065;</a>").text == "A")
    }

    @Test("References to control characters are decoded, as keys require")
    func controlReferences() throws {
        let all = (0...0x1f).map { "&#x\(String($0, radix: 16));" }.joined()
        #expect(Array(try read("<a>\(all)</a>").text.utf8) == Array(0...0x1f))
        // One of the reasons for this library's own parser. If this test fails, that reason no longer applies.
        #expect(FoundationTree.read(Data("<a>&#x1;</a>".utf8)) == nil)
    }

    @Test("A carriage return becomes a line feed unless it is a reference")
    func lineEnds() throws {
        #expect(try read("<a>x\r\ny\rz\r\r\n&#xD;&#13;</a>").text == "x\ny\nz\n\n\r\r")
        #expect(try read("<a><![CDATA[x\r\ny\r]]></a>").text == "x\ny\n")
    }

    @Test("CDATA sections are text, whatever their content")
    func cdata() throws {
        #expect(try read("<a>1<![CDATA[<b>&amp;]] >]]>2<![CDATA[]]></a>").text == "1<b>&amp;]] >2")
    }

    @Test("Comments, instructions, attributes and prefixes are ignored")
    func ignored() throws {
        let text = """
            \u{FEFF}<?xml version='1.0' encoding='utf-8' standalone="yes"?>
            <!-- <x> & --><?pi ?><o:a xmlns:o="http://x/?a=1&amp;b=2" c = '">"' ><!-- - -- > --><o:b/><?pi <y>?><b
            />x</o:a ><!---->
            """
        #expect(try read(text) == XMLTree(name: "a", text: "x", children: [XMLTree(name: "b"), XMLTree(name: "b")]))
    }

    @Test("Any Unicode text is read code point by code point")
    func unicode() throws {
        let text = "e\u{301} \u{e9} 😀 \u{85}\u{2028}"
        #expect(Array(try read("<a>\(text)</a>").text.utf8) == Array(text.utf8))
        #expect(try read("<ключ>中</ключ>") == XMLTree(name: "ключ", text: "中"))
    }

    @Test("A slice of data is read from the start of the slice")
    func slice() throws {
        let data = Data("junk<a>x</a>junk".utf8)
        #expect(try XMLReader.read(data.dropFirst(4).dropLast(4)).text == "x")
    }

    @Test("A path returns the first element with each name")
    func paths() throws {
        let node = try read("<r><a><b>1</b><b>2</b></a><a><b>3</b></a></r>")
        #expect(node.text("a", "b") == "1")
        #expect(node.text("a", "c") == nil)
        #expect(node.text("b") == nil)
        #expect(node.text() == "")
        #expect(node["a"]?.all("b").map(\.text) == ["1", "2"])
        #expect(node.all("a").count == 2)
        #expect(node.all("b").isEmpty)
    }

    @Test("Text in a large number of fragments is joined")
    func manyPieces() throws {
        let pieces = 50_000
        #expect(try read("<a>\(String(repeating: "x&amp;<!---->", count: pieces))</a>").text.utf8.count == 2 * pieces)
    }

    typealias Refusal = (text: String, reason: XMLSyntaxError.Reason)

    @Test(
        "Malformed documents are rejected with the reason",
        arguments: [
            ("", .empty), ("   \n", .empty), ("<?xml version=\"1.0\"?>", .empty), ("<!-- -->", .empty),
            ("text", .malformedMarkup), ("<", .unfinished), ("<a", .unfinished), ("<a>", .unfinished),
            ("<a></a", .unfinished), ("<a/", .malformedMarkup), ("<a x", .unfinished), ("<a x='", .unfinished),
            ("<a>&am", .badReference), ("<a>&#", .unfinished), ("<a><!-- ", .unfinished),
            ("<a><![CDATA[x]]", .unfinished),
            ("<a></b>", .mismatchedTag), ("<x:a></a>", .mismatchedTag), ("<a><b></a></b>", .mismatchedTag),
            ("</a>", .malformedMarkup), ("< a/>", .malformedMarkup), ("<1/>", .malformedMarkup),
            ("<-a/>", .malformedMarkup), ("<a b/>", .malformedMarkup), ("<a b=c/>", .malformedMarkup),
            ("<a b='<'/>", .malformedMarkup), ("<a b='1'c='2'/>", .malformedMarkup), ("<a / >", .malformedMarkup),
            ("<a></a >x", .trailingContent), ("<a/><b/>", .trailingContent), ("<a/>]]>", .trailingContent),
            ("<a>&nbsp;</a>", .badReference), ("<a>&;</a>", .badReference), ("<a>& </a>", .badReference),
            ("<a>&LT;</a>", .badReference), ("<a>&#;</a>", .badReference), ("<a>&#x;</a>", .badReference),
            ("<a>&#xD800;</a>", .badReference), ("<a>&#x110000;</a>", .badReference), ("<a>&#1a;</a>", .badReference),
            ("<a>&#99999999999999999999;</a>", .badReference), ("<a b='&x;'/>", .badReference),
            ("<a>\u{1}</a>", .forbiddenCharacter), ("<a>\0</a>", .forbiddenCharacter),
            ("<a b='\u{1f}'/>", .forbiddenCharacter), ("<a><![CDATA[\u{8}]]></a>", .forbiddenCharacter),
            ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", .unsupportedEncoding),
            ("<?xml version='1.0' encoding=\"utf-16\"?><a/>", .unsupportedEncoding),
            ("<!DOCTYPE a><a/>", .documentType),
            ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", .documentType),
            ("<a><!ELEMENT b ANY></a>", .documentType),
        ] as [Refusal])
    func refusals(_ refusal: Refusal) {
        #expect {
            try read(refusal.text)
        } throws: { error in
            (error as? XMLSyntaxError)?.reason == refusal.reason
        }
    }

    @Test("Text that is not UTF-8 is rejected at the first invalid byte")
    func notUTF8() {
        for bad in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8], [0xf5, 0x80, 0x80, 0x80]] as [[UInt8]] {
            let document = Data(Array("<a>中".utf8) + bad + Array("</a>".utf8))
            #expect(throws: XMLSyntaxError(reason: .notUTF8, offset: 6)) { try XMLReader.read(document) }
        }
    }

    @Test("An error states the position and the reason in plain words")
    func description() {
        let error = XMLSyntaxError(reason: .mismatchedTag, offset: 17)
        #expect("\(error)" == "an end tag does not match its start tag (at byte 17)")
        #expect(throws: XMLSyntaxError(reason: .mismatchedTag, offset: 5)) { try read("<a></b>") }
    }

    @Test("Depth, size and the number of elements are limited")
    func bounds() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(try read(nested(XMLReader.maximumDepth)).name == "a")
        #expect(throws: XMLSyntaxError(reason: .tooDeep, offset: 193)) { try read(nested(XMLReader.maximumDepth + 1)) }
        #expect(throws: XMLSyntaxError.self) { try read(String(repeating: "<a>", count: 100_000)) }

        let many = "<r>" + String(repeating: "<a/>", count: XMLReader.maximumElementCount) + "</r>"
        #expect {
            try read(many)
        } throws: { error in
            (error as? XMLSyntaxError)?.reason == .tooLarge
        }
        let large = Data(repeating: UInt8(ascii: " "), count: XMLReader.maximumByteCount + 1)
        #expect(throws: XMLSyntaxError(reason: .tooLarge, offset: XMLReader.maximumByteCount)) {
            try XMLReader.read(large)
        }
    }
}
