/// What a ``MockOSSServer`` has done since its start or its last reset. Requests under `/-/` are not counted.
public struct MockStatistics: Sendable, Codable, Equatable {
    /// Requests received.
    public var requests = 0
    /// Bytes of objects received.
    public var bytesReceived = 0
    /// Bytes of objects sent.
    public var bytesSent = 0
    /// The largest number of requests that were being handled at the same moment.
    public var peakConcurrency = 0
    /// Objects stored now.
    public var objects = 0
    /// Multipart uploads begun and neither completed nor aborted.
    public var openUploads = 0
    /// Connections accepted.
    public var connections = 0
    /// Connections open now.
    public var openConnections = 0
}
