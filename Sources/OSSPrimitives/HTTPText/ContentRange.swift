/// The value of a `Content-Range` response header that carries bytes, both ends included.
package struct ContentRange: Sendable, Equatable {
    package var first: Int64
    package var last: Int64
    /// The size of the whole, when the server knows it.
    package var total: Int64?

    package init(first: Int64, last: Int64, total: Int64?) {
        self.first = first
        self.last = last
        self.total = total
    }

    /// Reads `bytes 0-4/10` or `bytes 0-4/*`; nil for anything else, also for `bytes */10`, which carries no bytes.
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
