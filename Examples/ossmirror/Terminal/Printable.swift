/// A converter that makes untrusted text safe to print on one line.
enum Printable {
    /// Returns the text with its control characters escaped. Keys and messages from a server can contain line breaks
    /// and escape sequences, which a terminal must not interpret, and characters that reverse the order of the text.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) { result += escaped(scalar) } else { result.unicodeScalars.append(scalar) }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F: true
        // Marks, embeddings and isolates of the bidirectional algorithm, and the separators of lines and paragraphs.
        case 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }
}

/// The number of terminal columns that a text occupies.
enum ColumnWidth {
    /// Returns the width of a text without control characters.
    static func of(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + of($1) }
    }

    /// Returns 0 for a combining mark, 2 for a wide character of East Asian scripts or an emoji, and 1 otherwise.
    static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Returns the longest start of a text that fits into a number of columns.
    static func prefix(_ text: String, _ columns: Int) -> String {
        var (result, width) = ("", 0)
        for scalar in text.unicodeScalars {
            width += of(scalar)
            guard width <= columns else { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// Returns a text that occupies exactly the given number of columns. A longer text loses its start, because the end
    /// of a path says more.
    static func fit(_ text: String, _ columns: Int, ellipsis: String) -> String {
        let width = of(text)
        guard width > columns else { return text + String(repeating: " ", count: columns - width) }
        guard columns > of(ellipsis) else { return String(repeating: " ", count: max(0, columns)) }
        var (kept, rest) = ([Unicode.Scalar](), columns - of(ellipsis))
        for scalar in text.unicodeScalars.reversed() {
            guard of(scalar) <= rest else { break }
            rest -= of(scalar)
            kept.append(scalar)
        }
        // A mark must not combine with the ellipsis.
        while let last = kept.last, of(last) == 0 { kept.removeLast() }
        var result = ellipsis
        result.unicodeScalars.append(contentsOf: kept.reversed())
        return result + String(repeating: " ", count: rest)
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
    ]
}
