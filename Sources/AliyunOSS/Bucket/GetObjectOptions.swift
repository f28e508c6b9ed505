/// How an object is read by `getObject` and `headObject`.
public struct GetObjectOptions: Sendable {
    /// Conditions on the object. Default: none.
    public var conditions = ReadConditions()
    /// The version to read. Default: the current one.
    public var versionID: String?

    /// Makes options with every default.
    public init() {}
}
