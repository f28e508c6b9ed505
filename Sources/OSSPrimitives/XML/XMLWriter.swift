import Foundation

/// A writer for the XML that the service and its clients exchange. It writes elements and text, without attributes or
/// formatting.
///
/// XML 1.0 cannot represent most control characters. The service and its clients write them as references (`&#x1;`),
/// because keys can contain them. This writer does so too, and ``XMLReader`` reads them. Tab, line feed and carriage
/// return are also written as references, because readers convert a plain carriage return to a line feed.
package struct XMLWriter {
    private var bytes: [UInt8] = Array(#"<?xml version="1.0" encoding="UTF-8"?>"#.utf8) + [UInt8(ascii: "\n")]
    private let root: String

    /// Creates a writer and starts the root element. Names are written unchanged and must be XML names.
    package init(root: String) {
        self.root = root
        startTag(root)
    }

    package mutating func element(_ name: String, _ text: String) {
        startTag(name)
        append(text)
        endTag(name)
    }

    package mutating func element(_ name: String, _ body: (inout XMLWriter) -> Void) {
        startTag(name)
        body(&self)
        endTag(name)
    }

    /// Writes text into the open element.
    package mutating func text(_ text: String) {
        append(text)
    }

    package consuming func finish() -> Data {
        endTag(root)
        return Data(bytes)
    }

    private mutating func startTag(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func endTag(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(UInt8(ascii: "/"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func append(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&#34;".utf8)
            case UInt8(ascii: "'"): bytes.append(contentsOf: "&#39;".utf8)
            case ..<0x20: bytes.append(contentsOf: "&#x\(String(byte, radix: 16, uppercase: true));".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
