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
