import Foundation

/// A period in which an object cannot be deleted or overwritten.
public struct ObjectRetention: Sendable, Hashable {
    /// Mode of the retention.
    public var mode: RetentionMode
    /// End of the period, to the second.
    public var retainUntil: Date

    /// Creates a retention.
    public init(_ mode: RetentionMode, until date: Date) {
        self.mode = mode
        retainUntil = date
    }
}

/// A mode of retention.
public struct RetentionMode: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Users with a special permission can delete the object and shorten its retention.
    public static let governance: RetentionMode = "GOVERNANCE"
    /// No user can delete the object or shorten its retention.
    public static let compliance: RetentionMode = "COMPLIANCE"
}
