import AliyunOSS
import Foundation

/// An OSS server for tests that runs in the current process. It uses real sockets on 127.0.0.1 and the service's XML,
/// headers and errors.
///
/// ```swift
/// let server = try MockOSSServer(.init(buckets: ["photos"]))
/// // … the code under test sends requests to server.endpoint …
/// #expect(server.keys(in: "photos") == ["a.jpg"])
/// server.shutDown()
/// ```
///
/// The server runs until ``shutDown()`` is called or its last reference is released. Each connection has its own
/// thread, so the server never blocks Swift's concurrency threads. Operations that it does not implement fail with the
/// service's `NotImplemented`, unless a handler of ``process(_:)`` responds.
public final class MockOSSServer: Sendable {
    let core: ServerCore

    /// Starts a server that accepts connections immediately.
    ///
    /// - Throws: ``SetupError`` if the port is not available or a bucket name is invalid, and file system errors if the
    ///   storage folder cannot be used.
    public init(_ configuration: Configuration = Configuration()) throws {
        core = try ServerCore(configuration)
        try core.start()
    }

    deinit {
        core.stop()
    }

    /// Port on which the server listens.
    public var port: UInt16 { core.listener.port }

    /// URL for clients, such as `http://127.0.0.1:49152`. With an IP address, clients put the bucket in the path;
    /// `http://localhost:PORT` also serves requests to hosts such as `bucket.localhost`.
    public var endpoint: String { "http://127.0.0.1:\(port)" }

    /// Access keys that the server accepts; empty if the server accepts every request.
    public var accessKeys: [AccessKey] { core.configuration.accessKeys }

    /// Region of the server.
    public var region: String { core.configuration.region }

    /// Closes the listener and all connections, and waits up to 10 seconds for their threads to end. A thread that runs
    /// longer, for example in a handler of ``process(_:)`` that blocks, ends on its own. Further calls have no effect.
    public func shutDown() {
        core.stop()
        core.connections.waitUntilIdle()
    }

    // MARK: Faults

    /// Adds a fault that applies to the next matching requests.
    public func add(_ fault: MockFault) {
        core.faults.add(fault)
    }

    /// Adds a fault that applies to the next matching requests.
    public func add(_ action: MockFault.Action, when matcher: MockFault.Matcher = .any, times: Int = 1) {
        core.faults.add(MockFault(action, when: matcher, times: times))
    }

    /// Faults that have occurred fewer times than requested. A test that adds faults should end by checking that this
    /// array is empty.
    public var unusedFaults: [MockFault] { core.faults.unused }

    /// All faults and the number of times that each has occurred.
    public var faults: FaultPlan { core.faults }

    /// Expires the security token of an access key. Requests with that key then fail with `SecurityTokenExpired`.
    public func expireToken(accessKeyID: String) {
        core.checker.expire(accessKeyID)
    }

    /// Offset of the server's clock from ``Configuration/clock``. Default: zero.
    public var clockOffset: Duration {
        get { core.offset }
        set { core.offset = newValue }
    }

    /// Resets the server. Removes all objects, all buckets that are not in the configuration, all faults, the handlers
    /// registered with ``process(_:)``, the log and the statistics, and sets ``clockOffset`` to zero.
    ///
    /// - Throws: File system errors if the storage folder cannot be written.
    public func reset() throws {
        try core.reset()
    }

    // MARK: Observation

    /// Received requests, oldest first. A request is added when its head has arrived and has status 0 until the server
    /// responds.
    public var requests: [MockRequest] { core.log.requests }

    /// Waits until the log contains at least the given number of requests that satisfy a condition, or until the task
    /// is cancelled.
    ///
    /// - Returns: `false` if the task was cancelled first.
    @discardableResult
    public func waitForRequests(
        _ count: Int, where condition: @escaping @Sendable (MockRequest) -> Bool = { _ in true }
    ) async -> Bool {
        await core.log.wait { requests in
            requests.count >= count && requests.lazy.filter(condition).prefix(count).count == count
        }
    }

    /// One-line messages about unusable contents of the storage folder, such as damaged records and objects with
    /// missing content. The server leaves those files unchanged.
    public var warnings: [String] { core.store.warnings }

    /// Counts of requests, bytes, connections, objects and uploads since the server was started or last reset.
    public var statistics: MockStatistics { core.statistics }

    // MARK: Direct access

    /// Creates a bucket if it does not exist.
    ///
    /// - Throws: ``SetupError`` if the name is invalid.
    public func createBucket(_ name: String) throws {
        try core.createBucket(name)
    }

    /// Names of all buckets, sorted.
    public var buckets: [String] { core.store.all.map(\.name) }

    /// Stores an object as PutObject does.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - data: Content of the object.
    ///   - bucket: Name of the bucket.
    ///   - headers: Content headers, `x-oss-meta-*`, `x-oss-storage-class` and so on. Default: none.
    /// - Throws: ``SetupError`` if the bucket does not exist or the service would reject the object.
    public func put(_ key: String, _ data: Data, in bucket: String, headers: HTTPHeaders = [:]) throws {
        if let name = headers.firstInvalidName {
            throw SetupError(
                reason: .invalidArgument, description: "cannot store '\(key)': invalid header name '\(name)'")
        }
        try core.put(key, data, in: bucket, headers: headers)
    }

    /// Returns the content of an object, or `nil` if the object does not exist.
    public func data(of key: String, in bucket: String) -> Data? {
        (try? core.store.bucket(bucket)?.open(Array(key.utf8)))?.bytes.data
    }

    /// Deletes an object if it exists. In a bucket with versioning, this adds a delete marker.
    public func delete(_ key: String, in bucket: String) {
        _ = try? core.store.bucket(bucket)?.delete(Array(key.utf8), at: Service.wholeSeconds(core.now()))
    }

    /// Returns the keys in a bucket in byte order, or an empty array if the bucket does not exist.
    public func keys(in bucket: String) -> [String] {
        core.store.bucket(bucket)?.withObjects { objects in
            objects.keys.map { String(decoding: $0, as: UTF8.self) }
        } ?? []
    }
}

extension MockOSSServer {
    /// Returns a client for a bucket on this server, creating the bucket if it does not exist.
    ///
    /// The client signs requests with the server's first access key. If the server has no access keys, requests are
    /// anonymous.
    ///
    /// - Throws: ``SetupError`` or `OSSError` if the name or the configuration is invalid.
    public func bucket(_ name: String, configuration: BucketConfiguration = BucketConfiguration()) throws -> Bucket {
        try createBucket(name)
        guard let key = accessKeys.first else {
            return try Bucket(
                name, endpoint: endpoint, region: region, credentials: .anonymous, configuration: configuration)
        }
        return try Bucket(
            name, endpoint: endpoint, region: region,
            credentials: .static(
                accessKeyID: key.id, accessKeySecret: key.secret, securityToken: key.securityToken),
            configuration: configuration)
    }
}
