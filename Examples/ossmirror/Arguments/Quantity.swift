import Foundation

/// Parsers for numbers with units, and for dates.
enum Quantity {
    private static let sizes: [Character: Int64] = [
        "K": 1 << 10, "k": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30, "g": 1 << 30, "T": 1 << 40, "t": 1 << 40,
    ]
    private static let times: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// Parses a size in bytes, such as `4096`, `8M` or `1.5G`, or returns `nil` if the size is invalid. Units are
    /// powers of 1024, and can also be written as in `8MiB` or `8MB`.
    static func bytes(_ text: String) -> Int64? {
        var text = text[...]
        for ending in ["iB", "ib", "B", "b"] where text.hasSuffix(ending) && text.count > ending.count {
            text = text.dropLast(ending.count)
            break
        }
        guard let last = text.last else { return nil }
        guard let factor = sizes[last] else { return Int64(text).flatMap { $0 < 0 ? nil : $0 } }
        return product(text.dropLast(), factor)
    }

    /// Parses a rate in bytes per second, such as `10M` or `10M/s`, or returns `nil` if the rate is invalid.
    static func bytesPerSecond(_ text: String) -> Int64? {
        bytes(text.hasSuffix("/s") ? String(text.dropLast(2)) : text)
    }

    /// Parses a time such as `90s`, `30m`, `12h`, `7d` or `2w` and returns the number of seconds, or `nil` if the time
    /// is invalid. A number without a unit is rejected as ambiguous.
    static func seconds(_ text: String) -> Int64? {
        guard let last = text.last, let factor = times[last] else { return nil }
        return product(text.dropLast(), factor)
    }

    /// Parses a date such as `2026-12-31`, which starts at midnight UTC, or a time such as `2026-12-31T23:59:59Z` or
    /// `2026-12-31T23:59:59+08:00`, or returns `nil` if the text is neither.
    static func date(_ text: String) -> Date? {
        let time = /([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])/
        let (day, rest) = (text.prefix(10), text.dropFirst(10))
        guard rest.isEmpty || rest.first == "T" && rest.dropFirst().wholeMatch(of: time) != nil,
            // Foundation accepts days that do not exist, and moves them to the next month.
            let midnight = try? Date("\(day)T00:00:00Z", strategy: .iso8601),
            midnight.formatted(.iso8601) == "\(day)T00:00:00Z"
        else { return nil }
        return rest.isEmpty ? midnight : try? Date(text, strategy: .iso8601)
    }

    private static func product(_ text: Substring, _ factor: Int64) -> Int64? {
        if let whole = Int64(text) {
            let (value, overflows) = whole.multipliedReportingOverflow(by: factor)
            return whole < 0 || overflows ? nil : value
        }
        guard text.allSatisfy({ $0.isNumber || $0 == "." }), let value = Double(text).map({ $0 * Double(factor) }),
            value.isFinite, value < 9e18
        else { return nil }
        return Int64(value)
    }
}
