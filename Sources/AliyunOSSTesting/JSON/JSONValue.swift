/// JSON of any form, from strangers: ``JSONParser`` bounds its depth, which a decoder on a small stack does not.
enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads a text; `nil` when it is no JSON.
    ///
    /// - Parameter escapesDollar: Whether `\$` stands for `$`, as in the policies of forms.
    init?(_ bytes: some Sequence<UInt8>, escapesDollar: Bool = false) {
        var parser = JSONParser(Array(bytes), escapesDollar: escapesDollar)
        guard let value = parser.parse() else { return nil }
        self = value
    }

    /// The text, also of a number.
    var string: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
        case .boolean(let value): String(value)
        default: nil
        }
    }

    var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
