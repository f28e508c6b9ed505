import Foundation

/// Conditions under which an object is read. All that are given must hold.
public struct ReadConditions: Sendable, Hashable {
    /// The object still has this entity tag; else ``OSSError/Code/preconditionFailed``.
    public var ifMatch: String?
    /// The object has another entity tag; else ``OSSError/Code/notModified``.
    public var ifNoneMatch: String?
    /// The object was written after this time; else ``OSSError/Code/notModified``.
    public var ifModifiedSince: Date?
    /// The object was not written after this time; else ``OSSError/Code/preconditionFailed``.
    public var ifUnmodifiedSince: Date?

    /// No condition.
    public init() {}
}
