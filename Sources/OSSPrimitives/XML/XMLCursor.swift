/// A position in an XML document. It never moves beyond the end.
struct XMLCursor {
    let document: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    /// A run of character data that contains no references.
    struct Run {
        var range: Range<Int>
        var isBlank: Bool
        var hasCarriageReturn: Bool
    }

    init(_ document: UnsafeBufferPointer<UInt8>) {
        self.document = document
    }

    var next: UInt8? {
        position < document.count ? document[position] : nil
    }

    /// Returns the byte at a distance from the next one; `nil` beyond the end.
    func byte(after distance: Int) -> UInt8? {
        position + distance < document.count ? document[position + distance] : nil
    }

    var isAtEnd: Bool {
        position >= document.count
    }

    func failure(_ reason: XMLSyntaxError.Reason, at offset: Int? = nil) -> XMLSyntaxError {
        // A document that has just ended is incomplete rather than malformed.
        let reason = reason == .malformedMarkup && isAtEnd ? .unfinished : reason
        return XMLSyntaxError(reason: reason, offset: offset ?? position)
    }

    /// Skips `text` if it comes next, and returns whether it did.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard document.count - position >= count else { return false }
        for offset in 0..<count where document[position + offset] != text.utf8Start[offset] { return false }
        position += count
        return true
    }

    mutating func require(_ text: StaticString) throws(XMLSyntaxError) {
        guard skip(text) else { throw failure(.malformedMarkup) }
    }

    @discardableResult
    mutating func skipSpace() -> Bool {
        let start = position
        while let byte = next, Self.isSpace(byte) { position += 1 }
        return position > start
    }

    /// Skips the text up to and including `end`, and returns the range of the text before `end`.
    mutating func skip(through end: StaticString) throws(XMLSyntaxError) -> Range<Int> {
        let start = position
        while !isAtEnd {
            let before = position
            if skip(end) { return start..<before }
            try refuseControl(document[position])
            position += 1
        }
        throw failure(.unfinished)
    }

    /// Reads a name, including any namespace prefix, and returns its range. All non-ASCII characters count as name
    /// characters, because names are only compared.
    mutating func name() throws(XMLSyntaxError) -> Range<Int> {
        let start = position
        while let byte = next, Self.isNameByte(byte) { position += 1 }
        guard position > start, !Self.isNameTail(document[start]) else {
            throw failure(.malformedMarkup, at: start)
        }
        return start..<position
    }

    /// Reads character data up to the next markup or reference, or up to the `quote` that ends an attribute value.
    mutating func plainText(stoppingAt quote: UInt8? = nil) throws(XMLSyntaxError) -> Run {
        let start = position
        var isBlank = true
        var hasCarriageReturn = false
        scan: while position < document.count {
            let byte = document[position]
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: "&"): break scan
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"): break
            case UInt8(ascii: "\r"): hasCarriageReturn = true
            default:
                if byte == quote { break scan }
                try refuseControl(byte)
                isBlank = false
            }
            position += 1
        }
        return Run(range: start..<position, isBlank: isBlank, hasCarriageReturn: hasCarriageReturn)
    }

    /// Reads the character or entity reference that starts at the current `&`.
    mutating func reference() throws(XMLSyntaxError) -> Unicode.Scalar {
        let start = position
        if skip("&#") {
            let radix: UInt32 = skip("x") ? 16 : 10
            var value: UInt32 = 0
            var digitCount = 0
            while let byte = next, let digit = Hexadecimal.value(byte), digit < radix {
                // The value is capped, so that it cannot overflow. The cap is not a valid character.
                value = min(value * radix + UInt32(digit), 0x11_0000)
                digitCount += 1
                position += 1
            }
            guard digitCount > 0, skip(";"), let scalar = Unicode.Scalar(value) else {
                throw failure(isAtEnd ? .unfinished : .badReference, at: start)
            }
            return scalar
        }
        if skip("&lt;") { return "<" }
        if skip("&gt;") { return ">" }
        if skip("&amp;") { return "&" }
        if skip("&quot;") { return "\"" }
        if skip("&apos;") { return "'" }
        throw failure(.badReference, at: start)
    }

    private func refuseControl(_ byte: UInt8) throws(XMLSyntaxError) {
        guard byte >= 0x20 || Self.isSpace(byte) else { throw failure(.forbiddenCharacter) }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
            || byte == UInt8(ascii: "\r")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "_"), UInt8(ascii: ":"), 0x80...: true
        default: isNameTail(byte)
        }
    }

    /// Returns whether a byte is allowed within a name but not at its start.
    private static func isNameTail(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
