/// A parser that builds an ``XMLTree``. The parser has its own stack, so deep nesting cannot exhaust the stack of the
/// thread.
struct XMLTreeParser {
    private var cursor: XMLCursor
    private var stack: [OpenElement] = []
    /// The completed children of all open elements, outermost first. An element that closes removes its own children
    /// from the end, in one allocation.
    private var finished: [XMLTree] = []
    private var elementCount = 0

    private struct OpenElement {
        /// The element's name, including any prefix, which the end tag must repeat.
        var name: Range<Int>
        var firstChild: Int
        var text = Text.none
    }

    private enum Text {
        case none
        /// Text that occurs unchanged in the document, which is the most common case.
        case plain(XMLCursor.Run)
        case gathered([UInt8])
    }

    init(_ document: UnsafeBufferPointer<UInt8>) {
        cursor = XMLCursor(document)
    }

    mutating func parse() throws(XMLSyntaxError) -> XMLTree {
        try requireUTF8()
        _ = cursor.skip("\u{FEFF}")
        try declaration()
        try skipMiscellany()
        guard !cursor.isAtEnd else { throw cursor.failure(.empty) }
        try cursor.require("<")
        try startTag()
        while !stack.isEmpty { try content() }
        try skipMiscellany()
        guard cursor.isAtEnd, let root = finished.popLast() else { throw cursor.failure(.trailingContent) }
        return root
    }

    // MARK: - Outside the root element

    private func requireUTF8() throws(XMLSyntaxError) {
        // A listing with encoded names is ASCII. A string would copy the entire document to find that out.
        guard cursor.document.reduce(0, |) >= 0x80 else { return }
        guard String(validating: cursor.document, as: UTF8.self) == nil else { return }
        var decoder = Unicode.UTF8.ForwardParser()
        var bytes = cursor.document.makeIterator()
        var offset = 0
        while case .valid(let character) = decoder.parseScalar(from: &bytes) { offset += character.count }
        throw cursor.failure(.notUTF8, at: offset)
    }

    private mutating func declaration() throws(XMLSyntaxError) {
        let start = cursor.position
        guard cursor.skip("<?xml ") else { return }
        let text = String(decoding: cursor.document[try cursor.skip(through: "?>")], as: UTF8.self).lowercased()
        guard let label = text.firstRange(of: "encoding") else { return }
        let value = text[label.upperBound...].drop { " =\t\r\n\"'".contains($0) }.prefix { $0 != "\"" && $0 != "'" }
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(value) else {
            throw cursor.failure(.unsupportedEncoding, at: start)
        }
    }

    private mutating func skipMiscellany() throws(XMLSyntaxError) {
        while true {
            cursor.skipSpace()
            if cursor.skip("<!--") {
                try comment()
            } else if cursor.skip("<?") {
                _ = try cursor.skip(through: "?>")
            } else if cursor.skip("<!DOCTYPE") {
                throw cursor.failure(.documentType)
            } else {
                return
            }
        }
    }

    private mutating func comment() throws(XMLSyntaxError) {
        _ = try cursor.skip(through: "-->")
    }

    // MARK: - Inside the root element

    private mutating func content() throws(XMLSyntaxError) {
        append(try cursor.plainText())
        guard let byte = cursor.next else { throw cursor.failure(.unfinished) }
        guard byte != UInt8(ascii: "&") else {
            let scalar = try cursor.reference()
            return gather(String(scalar).utf8)
        }
        // Text ends at "&" or "<" only, and the next byte distinguishes almost all kinds of markup.
        switch cursor.byte(after: 1) {
        case UInt8(ascii: "/"):
            try cursor.require("</")
            try endTag()
        case UInt8(ascii: "?"):
            try cursor.require("<?")
            _ = try cursor.skip(through: "?>")
        case UInt8(ascii: "!"):
            if cursor.skip("<!--") {
                try comment()
            } else if cursor.skip("<![CDATA[") {
                gather(normalized(try cursor.skip(through: "]]>")))
            } else {
                try cursor.require("<!")
                throw cursor.failure(.documentType)
            }
        default:
            try cursor.require("<")
            try startTag()
        }
    }

    private mutating func startTag() throws(XMLSyntaxError) {
        let name = try cursor.name()
        while true {
            let isSpaced = cursor.skipSpace()
            let isEmpty = cursor.skip("/>")
            if isEmpty || cursor.skip(">") {
                try open(name)
                if isEmpty { close() }
                return
            }
            guard isSpaced else { throw cursor.failure(.malformedMarkup) }
            try attribute()
        }
    }

    private mutating func attribute() throws(XMLSyntaxError) {
        _ = try cursor.name()
        cursor.skipSpace()
        try cursor.require("=")
        cursor.skipSpace()
        let quote = cursor.next
        guard cursor.skip("\"") || cursor.skip("'") else { throw cursor.failure(.malformedMarkup) }
        while true {
            _ = try cursor.plainText(stoppingAt: quote)
            if cursor.next == UInt8(ascii: "&") {
                _ = try cursor.reference()
            } else if cursor.skip("\"") || cursor.skip("'") {
                return
            } else {
                throw cursor.failure(.malformedMarkup)
            }
        }
    }

    private mutating func endTag() throws(XMLSyntaxError) {
        let start = cursor.position
        let name = try cursor.name()
        cursor.skipSpace()
        try cursor.require(">")
        guard let opened = stack.last?.name, cursor.document[name].elementsEqual(cursor.document[opened]) else {
            throw cursor.failure(.mismatchedTag, at: start)
        }
        close()
    }

    private mutating func open(_ name: Range<Int>) throws(XMLSyntaxError) {
        guard stack.count < XMLReader.maximumDepth else { throw cursor.failure(.tooDeep, at: name.lowerBound) }
        guard elementCount < XMLReader.maximumElementCount else {
            throw cursor.failure(.tooLarge, at: name.lowerBound)
        }
        elementCount += 1
        if let parent = stack.indices.last, finished.count == stack[parent].firstChild, isBlank(stack[parent].text) {
            stack[parent].text = .none
        }
        stack.append(OpenElement(name: name, firstChild: finished.count))
    }

    private mutating func close() {
        guard let element = stack.popLast() else { return }
        let prefixEnd = cursor.document[element.name].lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 }
        var node = XMLTree(name: string((prefixEnd ?? element.name.lowerBound)..<element.name.upperBound))
        switch element.text {
        case .none: break
        case .plain(let run) where !run.hasCarriageReturn: node.text = string(run.range)
        case .plain(let run): node.text = String(decoding: normalized(run.range), as: UTF8.self)
        case .gathered(let bytes): node.text = String(decoding: bytes, as: UTF8.self)
        }
        if element.firstChild < finished.count {
            node.children = Array(finished[element.firstChild...])
            finished.removeLast(finished.count - element.firstChild)
        }
        finished.append(node)
    }

    // MARK: - Text of the innermost element

    private mutating func append(_ run: XMLCursor.Run) {
        guard !run.range.isEmpty, let element = stack.indices.last else { return }
        if run.isBlank && finished.count > stack[element].firstChild { return }
        if case .none = stack[element].text {
            stack[element].text = .plain(run)
        } else {
            gather(normalized(run.range))
        }
    }

    private func isBlank(_ text: Text) -> Bool {
        switch text {
        case .none: true
        case .plain(let run): run.isBlank
        case .gathered(let bytes): bytes.allSatisfy(XMLCursor.isSpace)
        }
    }

    private mutating func gather(_ bytes: some Sequence<UInt8>) {
        guard let element = stack.indices.last else { return }
        var gathered: [UInt8]
        switch stack[element].text {
        case .none: gathered = []
        case .plain(let run): gathered = normalized(run.range)
        case .gathered(let bytes): gathered = bytes
        }
        stack[element].text = .none  // so that the bytes have one owner and grow in place
        gathered.append(contentsOf: bytes)
        stack[element].text = .gathered(gathered)
    }

    /// Returns the text with each CRLF pair or lone CR replaced by a line feed (XML 1.0, section 2.11).
    private func normalized(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for index in range {
            if cursor.document[index] != UInt8(ascii: "\r") {
                bytes.append(cursor.document[index])
            } else if index + 1 >= range.upperBound || cursor.document[index + 1] != UInt8(ascii: "\n") {
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        return bytes
    }

    private func string(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: cursor.document[range]), as: UTF8.self)
    }
}
