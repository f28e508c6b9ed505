/// An address of the form `oss://BUCKET/KEY`.
///
/// The text after the slash is the key, byte for byte: it is not percent-decoded, and `..` is not resolved. Therefore,
/// every valid key has an address.
struct RemoteAddress: Equatable, Sendable, CustomStringConvertible {
    /// Name of the bucket.
    var bucket: String
    /// Key or prefix; empty for the entire bucket.
    var key: String

    init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }

    init(_ text: String) throws(UsageError) {
        guard Self.matches(text) else {
            // Text before an '@' can be a password, which must not be repeated.
            let shown = text.lastIndex(of: "@").map { "…" + text[$0...] } ?? text
            let advice = Self.corrected(text).map { "did you mean '\($0)'?" } ?? "use oss://BUCKET/PREFIX"
            throw UsageError("'\(shown)' is not an OSS address; \(advice)")
        }
        // Search in bytes: a key that starts with a combining mark would form one `Character` with the slash.
        let rest = text.utf8.dropFirst(Self.scheme.utf8.count)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        bucket = String(Substring(rest[..<slash]))
        key = String(Substring(rest[slash...].dropFirst()))
        guard !bucket.isEmpty else { throw UsageError("'\(text)' has no bucket name; use oss://BUCKET/PREFIX") }
        guard !bucket.utf8.contains(where: ":@".utf8.contains) else {
            throw UsageError(
                "an OSS address cannot contain a user name or password; use oss://BUCKET/PREFIX and set OSS_ACCESS_KEY_ID and "
                    + "OSS_ACCESS_KEY_SECRET")
        }
    }

    /// Returns whether the text is an OSS address rather than a local path.
    static func matches(_ text: String) -> Bool {
        String(decoding: text.utf8.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme
    }

    /// Returns the address that was probably meant by a text without `oss://`, or `nil` if the text does not start with
    /// a bucket name. Every bucket name has 3 to 63 lowercase letters, digits and hyphens.
    static func corrected(_ text: String) -> String? {
        let pattern = /(?i:oss:\/?|oss\/+|s3:\/\/|\/+)?([a-z0-9][a-z0-9-]{1,61}[a-z0-9](?:\/.*)?)/.dotMatchesNewlines()
        guard !text.contains("@"), let match = text.wholeMatch(of: pattern) else { return nil }
        return scheme + match.output.1
    }

    private static let scheme = "oss://"

    /// The key with a trailing slash, for use as a prefix. For example, `www` becomes `www/`, which does not match
    /// `www-old/`.
    var folder: String { key.isEmpty || key.hasSuffix("/") ? key : key + "/" }

    var description: String { "oss://\(bucket)/\(key)" }
}
