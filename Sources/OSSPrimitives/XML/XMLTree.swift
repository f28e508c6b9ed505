import Foundation

/// An element of an XML document, with all that is in it. Attributes and namespaces carry nothing in this protocol and
/// are not kept.
///
/// Not called `XMLNode`: Foundation on macOS has one, and a file that imports both could not say which it means.
package struct XMLTree: Sendable, Equatable {
    /// Without its namespace prefix.
    package var name: String
    /// The element's own text, untrimmed. White space on its own next to child elements is layout and not part of it.
    package var text: String
    package var children: [XMLTree]

    package init(name: String, text: String = "", children: [XMLTree] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// The first child of this name.
    package subscript(_ name: String) -> XMLTree? {
        children.first { $0.name == name }
    }

    /// The children of this name, in order.
    package func all(_ name: String) -> [XMLTree] {
        children.filter { $0.name == name }
    }

    /// The text of the element that a path of names leads to, by the first child of each name; nil if there is none.
    package func text(_ path: String...) -> String? {
        var node = self
        for name in path {
            guard let child = node[name] else { return nil }
            node = child
        }
        return node.text
    }
}

/// Reads the XML of the service into a tree.
///
/// FoundationXML is not used: it refuses the references to control characters (`&#x1;`) by which keys travel, costs
/// more than twice as much for a listing page, and would have to be kept from resolving entities.
///
/// What is refused: document types and with them all entities but the five predefined ones, encodings other than UTF-8,
/// nesting deeper than ``maximumDepth``, more than ``maximumByteCount`` or ``maximumElementCount``.
/// What is ignored: attributes, namespaces, comments, processing instructions.
package enum XMLReader {
    package static let maximumDepth = 64
    /// In bytes. A page of 1000 keys of 1023 escaped bytes each is a quarter of this.
    package static let maximumByteCount = 16 << 20
    package static let maximumElementCount = 250_000

    package static func read(_ bytes: Data) throws(XMLSyntaxError) -> XMLTree {
        guard bytes.count <= maximumByteCount else {
            throw XMLSyntaxError(reason: .tooLarge, offset: maximumByteCount)
        }
        let result = bytes.withUnsafeBytes { raw in
            raw.withMemoryRebound(to: UInt8.self) { document -> Result<XMLTree, XMLSyntaxError> in
                do throws(XMLSyntaxError) {
                    var parser = XMLTreeParser(document)
                    return .success(try parser.parse())
                } catch {
                    return .failure(error)
                }
            }
        }
        return try result.get()
    }
}

/// Why a document was not read, and where.
package struct XMLSyntaxError: Error, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case empty = "there is no element"
        case unfinished = "the document ends early"
        case notUTF8 = "the bytes are not UTF-8"
        case unsupportedEncoding = "the declared encoding is not UTF-8"
        case forbiddenCharacter = "a control character stands unescaped"
        case malformedMarkup = "the markup is malformed"
        case mismatchedTag = "an end tag does not match its start tag"
        case trailingContent = "something follows the root element"
        case badReference = "a character or entity reference is not known"
        case documentType = "document type declarations are refused"
        case tooDeep = "the elements are nested too deeply"
        case tooLarge = "the document is too large"
    }

    package let reason: Reason
    /// Counted in bytes from 0.
    package let offset: Int

    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        "\(reason.rawValue) (at byte \(offset))"
    }
}
