import Foundation

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
