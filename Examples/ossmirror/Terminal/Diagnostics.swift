/// What is said on standard error.
enum Diagnostics {
    /// One line that begins with the name of the program. A stream that is closed loses it, and that is all.
    static func say(_ text: String) {
        ProgressLine.shared.interrupted {
            try? StandardStream.diagnostics.line("ossmirror: " + oneLine(text))
        }
    }

    /// Keys and server messages may hold line breaks and escape sequences; a terminal must not act on them.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) { result += escaped(scalar) } else { result.unicodeScalars.append(scalar) }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
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
