/// `oss://BUCKET/KEY`: the one place that takes such an address apart.
///
/// Everything behind the slash is the key as it is: nothing is percent-decoded and no segment is resolved, so that every
/// key that can exist can be named.
struct RemoteAddress: Equatable, Sendable, CustomStringConvertible {
    /// The bucket.
    var bucket: String
    /// The key or prefix; empty for the whole bucket.
    var key: String

    init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }

    init(_ text: String) throws(UsageError) {
        let scheme = "oss://"
        guard text.hasPrefix(scheme) else {
            throw UsageError("'\(text)' is not an address in a bucket; write oss://BUCKET/PREFIX")
        }
        // As bytes: a key may begin with a combining mark, which would make one `Character` of it and the slash.
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        bucket = String(Substring(rest[..<slash]))
        key = String(Substring(rest[slash...].dropFirst()))
        guard !bucket.isEmpty else { throw UsageError("'\(text)' names no bucket; write oss://BUCKET/PREFIX") }
    }

    /// Whether a text is meant as an address in a bucket and not as a local path.
    static func looksLikeOne(_ text: String) -> Bool { text.hasPrefix("oss://") }

    /// The prefix that stands for a folder: `www` means `www/`, so that it never takes in `www-old/`.
    var folder: String { key.isEmpty || key.hasSuffix("/") ? key : key + "/" }

    /// The address as it is written on the command line.
    var description: String { "oss://\(bucket)/\(key)" }
}
