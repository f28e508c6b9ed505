/// The capabilities of a terminal that the display uses.
struct TerminalStyle: Equatable, Sendable {
    enum Color: String {
        case green = "32"
        case yellow = "33"
        case red = "31"
        case cyan = "36"
        case faint = "2"
    }

    /// Whether the cursor can be moved. Otherwise, the progress is printed as plain lines.
    var movesCursor = true
    var hasColor = true
    /// Whether the terminal shows characters other than those of ASCII.
    var hasUnicode = true

    /// Creates a style.
    init(movesCursor: Bool = true, hasColor: Bool = true, hasUnicode: Bool = true) {
        (self.movesCursor, self.hasColor, self.hasUnicode) = (movesCursor, hasColor, hasUnicode)
    }

    /// Derives the style from the environment, as other programs do: `TERM=dumb`, `NO_COLOR` and the locale.
    init(isTerminal: Bool, environment: [String: String]) {
        movesCursor = isTerminal && !["", "dumb"].contains(environment["TERM"] ?? "")
        hasColor = movesCursor && (environment["NO_COLOR"] ?? "").isEmpty
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let encoding = locale.lowercased().filter { $0 != "-" }
        hasUnicode = encoding.hasSuffix("utf8") || encoding.contains("utf8@")
    }

    var ellipsis: String { hasUnicode ? "…" : "..." }

    func colored(_ text: String, _ color: Color?) -> String {
        guard hasColor, let color, !text.isEmpty else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    /// Returns a bar, of which the given fraction is filled.
    func bar(_ fraction: Double, width: Int) -> String {
        let filled = min(width, max(0, Int(fraction * Double(width))))
        let (full, empty) = hasUnicode ? ("━", "─") : ("#", "-")
        return colored(String(repeating: full, count: filled), .green)
            + colored(String(repeating: empty, count: width - filled), .faint)
    }
}
