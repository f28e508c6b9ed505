/// The value of a `Range` request header that selects bytes. Both ends are inclusive.
package enum ByteRangeHeader: Sendable, Equatable {
    case bounded(first: Int64, last: Int64)
    case from(Int64)
    /// The given number of bytes at the end of the object.
    case suffix(Int64)

    /// Parses the first range of a header such as `bytes=0-99` or `bytes=-5,10-`, or returns `nil` if that range is
    /// invalid.
    package init?(_ header: String) {
        guard let (unit, ranges) = header.dividedOnce(at: "="), unit.trimmed.lowercased() == "bytes",
            let range = ranges.split(separator: ",", omittingEmptySubsequences: false).first,
            let (first, last) = range.dividedOnce(at: "-")
        else { return nil }
        switch (first.trimmed, last.trimmed) {
        case ("", let count):
            guard let count = Int64(digits: count) else { return nil }
            self = .suffix(count)
        case (let first, ""):
            guard let first = Int64(digits: first) else { return nil }
            self = .from(first)
        case (let first, let last):
            guard let first = Int64(digits: first), let last = Int64(digits: last), first <= last else { return nil }
            self = .bounded(first: first, last: last)
        }
    }

    package var headerValue: String {
        switch self {
        case .bounded(let first, let last): "bytes=\(first)-\(last)"
        case .from(let first): "bytes=\(first)-"
        case .suffix(let count): "bytes=-\(count)"
        }
    }
}

/// The value of a `Content-Range` response header that reports bytes. Both ends are inclusive.
package struct ContentRange: Sendable, Equatable {
    package var first: Int64
    package var last: Int64
    /// Total size of the object in bytes; `nil` if the server does not know the size.
    package var total: Int64?

    package init(first: Int64, last: Int64, total: Int64?) {
        self.first = first
        self.last = last
        self.total = total
    }

    /// Parses a header such as `bytes 0-4/10` or `bytes 0-4/*`. Returns `nil` if the header is invalid or has no range,
    /// such as `bytes */10`.
    package init?(_ header: String) {
        guard let (unit, rest) = header.trimmed.dividedOnce(at: " "), unit.lowercased() == "bytes",
            let (range, total) = rest.dividedOnce(at: "/"), let (first, last) = range.trimmed.dividedOnce(at: "-"),
            let first = Int64(digits: first), let last = Int64(digits: last), first <= last
        else { return nil }
        self.first = first
        self.last = last
        if total.trimmed != "*" {
            guard let total = Int64(digits: total.trimmed), last < total else { return nil }
            self.total = total
        }
    }

    package var headerValue: String {
        "bytes \(first)-\(last)/\(total.map(String.init) ?? "*")"
    }
}

// Helpers for header values, which are ASCII.

extension StringProtocol {
    /// Splits the string at the first `separator`, or returns `nil` if the string does not contain the separator.
    func dividedOnce(at separator: Character) -> (before: SubSequence, after: SubSequence)? {
        firstIndex(of: separator).map { (self[..<$0], self[index(after: $0)...]) }
    }

    /// The string without leading or trailing spaces and tabs.
    var trimmed: SubSequence {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var result = self[...]
        while let last = result.last, isBlank(last) { result = result.dropLast() }
        return result.drop(while: isBlank)
    }
}

extension Int64 {
    /// Parses a decimal number without a sign, or returns `nil` for any other text.
    init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        self.init(text)
    }
}
