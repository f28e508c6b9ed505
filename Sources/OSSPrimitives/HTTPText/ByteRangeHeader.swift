/// The value of a `Range` request header, in bytes, both ends included.
package enum ByteRangeHeader: Sendable, Equatable {
    case bounded(first: Int64, last: Int64)
    case from(Int64)
    /// The last so many bytes.
    case suffix(Int64)

    /// Reads the first range of a header such as `bytes=0-99` or `bytes=-5,10-`; nil when it is not one.
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
