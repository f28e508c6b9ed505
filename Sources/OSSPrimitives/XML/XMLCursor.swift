/// A place in a document, and the steps forward that the parser makes. Nothing here reads past the end.
struct XMLCursor {
    let document: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    /// Character data that stands in the document as it is, without references.
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

    var isAtEnd: Bool {
        position >= document.count
    }

    func failure(_ reason: XMLSyntaxError.Reason, at offset: Int? = nil) -> XMLSyntaxError {
        // Whatever was expected, a document that has just ended is cut short rather than malformed.
        let reason = reason == .malformedMarkup && isAtEnd ? .unfinished : reason
        return XMLSyntaxError(reason: reason, offset: offset ?? position)
    }

    /// Takes `text` if it is next.
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

    /// Takes everything up to and with `end`; the range is what stands before it.
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

    /// A name with its prefix. Non-ASCII characters are all taken for name characters: only equality matters here.
    mutating func name() throws(XMLSyntaxError) -> Range<Int> {
        let start = position
        while let byte = next, Self.isNameByte(byte) { position += 1 }
        guard position > start, !Self.isNameTail(document[start]) else {
            throw failure(.malformedMarkup, at: start)
        }
        return start..<position
    }

    /// Takes character data up to the next markup or reference, or the `quote` that ends an attribute.
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

    /// Takes a reference, which begins with the `&` that is next.
    mutating func reference() throws(XMLSyntaxError) -> Unicode.Scalar {
        let start = position
        if skip("&#") {
            let radix: UInt32 = skip("x") ? 16 : 10
            var value: UInt32 = 0
            var digitCount = 0
            while let byte = next, let digit = Hexadecimal.value(byte), digit < radix {
                // Capped, so that no number of digits overflows; the cap itself is not a character.
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

    /// Allowed in a name, but not at its start.
    private static func isNameTail(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
