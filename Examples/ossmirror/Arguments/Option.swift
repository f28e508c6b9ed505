/// A command-line option.
struct Option: Sendable {
    /// A kind of value, which determines the values that the parser accepts and a shell completes.
    enum Value: Equatable, Sendable {
        case text
        /// A path of a local file.
        case file
        /// A path of a local directory.
        case directory
        /// A size in bytes, such as `8M`.
        case size
        /// A number of bytes per second, such as `10M/s`.
        case rate
        /// A time such as `30s`.
        case time
        /// The time since an event, such as `7d`.
        case age
        /// A date or a time, such as `2026-12-31`.
        case date
        case number(ClosedRange<Int>)
        /// One of several words.
        case choice([String])
    }

    /// Names and value placeholder, as shown in the help text, such as `-j, --concurrency N`.
    let usage: String
    let name: String
    let short: String?
    /// Placeholder for the value; `nil` for a flag.
    let placeholder: String?
    /// Kind of the value; `nil` for a flag.
    let value: Value?
    let summary: String

    /// Creates a flag.
    init(_ usage: String, _ summary: String) { self.init(usage, nil, summary) }

    init(_ usage: String, _ value: Value?, _ summary: String) {
        var words = usage.split(separator: " ").map(String.init)
        short = words.count > 1 && words[0].hasSuffix(",") ? String(words.removeFirst().dropLast()) : nil
        (name, placeholder) = (words[0], value == nil ? nil : words.last)
        (self.usage, self.value, self.summary) = (usage, value, summary)
    }

    func has(_ name: String) -> Bool { self.name == name || short == name }

    /// Throws an error if the option does not accept a value.
    func check(_ text: String) throws(UsageError) {
        let expected: String
        switch value {
        case .size where Quantity.bytes(text) == nil: expected = "a size such as 512K, 8M or 1G"
        case .rate where Quantity.bytesPerSecond(text) == nil: expected = "a rate such as 10M/s"
        case .time where Quantity.seconds(text) == nil:
            expected = Int(text) == nil ? "a time such as 30s or 5m" : "a time with a unit, such as \(text)s"
        case .age where Quantity.seconds(text) == nil: expected = "an age such as 12h or 7d"
        case .date where Quantity.date(text) == nil: expected = "a date such as 2026-12-31 or 2026-12-31T23:59:59Z"
        case .number(let range) where !(Int(text).map(range.contains) ?? false):
            expected =
                range.upperBound == Int.max
                ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words) where !words.contains(text):
            let last = words.last ?? ""
            expected = words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " or " + last
        default: return
        }
        throw UsageError("\(name) must be \(expected) (got '\(text)')")
    }

    /// Options that other tools use to pass secrets. No message contains their values.
    static let secrets: Set<String> = [
        "--access-key-id", "--access-key-secret", "--access-key", "--secret", "--secret-key", "--security-token",
        "--session-token", "--sts-token", "--token", "--password", "--credentials", "-i", "-k",
    ]
}

extension Option.Value {
    /// The words of an enumeration.
    static func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Self
    where Choice.RawValue == String { .choice(Choice.allCases.map(\.rawValue)) }
}
