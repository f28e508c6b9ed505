/// Who may read and write an object without credentials of the bucket's owner.
public enum AccessControl: String, Sendable, Hashable, CaseIterable {
    /// As the bucket says.
    case `default`
    /// Only its owner and those whom a policy permits.
    case `private`
    /// Everybody may read it.
    case publicRead = "public-read"
    /// Everybody may read and overwrite it.
    case publicReadWrite = "public-read-write"
}
