/// An object that is being read: what is known of it, and its bytes.
public struct RemoteObject: Sendable {
    /// What the service says of it.
    public let metadata: ObjectMetadata
    /// Its bytes, or those of the range that was asked for.
    public let body: ObjectContent
}
