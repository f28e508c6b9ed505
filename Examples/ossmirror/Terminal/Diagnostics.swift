/// What is said on standard error.
enum Diagnostics {
    /// One line that begins with the name of the program. A stream that is closed loses it, and that is all.
    static func say(_ text: String) {
        // An argument or a text of the server that is quoted in it may be of any length.
        let shown = text.unicodeScalars.count > 8192 ? String(text.unicodeScalars.prefix(8192)) + "…" : text
        ProgressLine.shared.interrupted {
            try? StandardStream.diagnostics.line("ossmirror: " + Printable.line(shown))
        }
    }
}
