import Foundation

/// An XML element and its content. Attributes and namespaces are omitted, because they have no meaning in this
/// protocol.
///
/// It is not called `XMLNode`, because Foundation on macOS has a type of that name.
package struct XMLTree: Sendable, Hashable {
    /// Name without its namespace prefix.
    package var name: String
    /// The element's own text. White space between child elements is not included.
    package var text: String
    package var children: [XMLTree]

    package init(name: String, text: String = "", children: [XMLTree] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// The first child with the given name, or `nil` if there is none.
    package subscript(_ name: String) -> XMLTree? {
        children.first { $0.name == name }
    }

    /// Returns the children with the given name, in order.
    package func all(_ name: String) -> [XMLTree] {
        children.filter { $0.name == name }
    }

    /// Returns the text of the element at a path of child names, or `nil` if there is no such element. The path follows
    /// the first child with each name.
    package func text(_ path: String...) -> String? {
        var node = self
        for name in path {
            guard let child = node[name] else { return nil }
            node = child
        }
        return node.text
    }
}

/// A parser for the XML that the service and its clients exchange.
///
/// FoundationXML is not used: it rejects the references to control characters (`&#x1;`) that keys can contain, takes
/// more than twice as long for a listing page, and resolves entities.
///
/// Document types, entities other than the five predefined ones, encodings other than UTF-8, and documents that exceed
/// ``maximumDepth``, ``maximumByteCount`` or ``maximumElementCount`` are rejected. Attributes, namespaces, comments and
/// processing instructions are ignored.
package enum XMLReader {
    package static let maximumDepth = 64
    /// Maximum size of a document, in bytes. The limit is four times the size of a page of 1000 keys with 1023 escaped
    /// bytes each.
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

/// A syntax error in an XML document, and its position.
package struct XMLSyntaxError: Error, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case empty = "the document contains no element"
        case unfinished = "the document is incomplete"
        case notUTF8 = "the bytes are not valid UTF-8"
        case unsupportedEncoding = "the declared encoding is not UTF-8"
        case forbiddenCharacter = "the document contains an unescaped control character"
        case malformedMarkup = "the markup is malformed"
        case mismatchedTag = "an end tag does not match its start tag"
        case trailingContent = "the root element is followed by other content"
        case badReference = "a character or entity reference is not valid"
        case documentType = "document type declarations are not allowed"
        case tooDeep = "the elements are nested too deeply"
        case tooLarge = "the document is too large"
    }

    package let reason: Reason
    /// Offset of the error in the document, in bytes, counted from 0.
    package let offset: Int

    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        "\(reason.rawValue) (at byte \(offset))"
    }
}
