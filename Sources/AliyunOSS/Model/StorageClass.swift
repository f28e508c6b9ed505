/// How an object is stored and billed. A struct, so that a class the service adds later can be named.
public struct StorageClass: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name the service uses.
    public var rawValue: String

    /// Makes a class from the name the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Makes a class from the name the service uses.
    public init(stringLiteral value: String) { rawValue = value }
    /// The name the service uses.
    public var description: String { rawValue }

    /// Frequent access.
    public static let standard: StorageClass = "Standard"
    /// Infrequent access: cheaper to keep, billed for at least 30 days and per byte read.
    public static let infrequentAccess: StorageClass = "IA"
    /// Must be restored (about a minute) before it can be read.
    public static let archive: StorageClass = "Archive"
    /// Must be restored (hours) before it can be read.
    public static let coldArchive: StorageClass = "ColdArchive"
    /// Must be restored (up to two days) before it can be read.
    public static let deepColdArchive: StorageClass = "DeepColdArchive"
}
