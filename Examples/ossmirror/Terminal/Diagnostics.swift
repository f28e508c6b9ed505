/// What is said on standard error.
enum Diagnostics {
    /// One line that begins with the name of the program. A stream that is closed loses it, and that is all.
    static func say(_ text: String) {
        ProgressLine.shared.interrupted {
            try? StandardStream.diagnostics.line("ossmirror: " + Printable.line(text))
        }
    }
}
