/// How requests are signed.
public enum SignatureVersion: String, Sendable, Hashable, CaseIterable {
    /// HMAC-SHA256 with a key derived per day and region. The default; it needs the bucket's region.
    case v4
    /// HMAC-SHA1 with the secret itself. For servers and proxies that know nothing newer; new accounts may be refused.
    case v1
}
