import AliyunOSS
import Foundation

/// An OSS service in this process, for tests: real sockets on 127.0.0.1, the service's XML, headers and errors.
///
/// ```swift
/// let server = try MockOSSServer(.init(buckets: ["photos"]))
/// // … the code under test talks to server.endpoint …
/// #expect(server.keys(in: "photos") == ["a.jpg"])
/// server.shutDown()
/// ```
///
/// It serves until ``shutDown()`` is called or the last reference to it is gone. Each connection has a thread of its
/// own, so a server blocks nothing of Swift's concurrency. What it does not implement it refuses with the service's
/// `NotImplemented`, unless a handler of ``process(_:)`` answers it; it never pretends.
public final class MockOSSServer: Sendable {
    let core: ServerCore

    /// Starts a server, which accepts requests at once.
    ///
    /// - Throws: ``StartError`` when the port cannot be had or a bucket's name is invalid, and the errors of the file
    ///   system when a storage folder cannot be used.
    public init(_ configuration: Configuration = Configuration()) throws {
        core = try ServerCore(configuration)
        try core.start()
    }

    deinit {
        core.stop()
    }

    /// The port that is listened on.
    public var port: UInt16 { core.listener.port }

    /// The address for clients, such as `http://127.0.0.1:49152`. An IP address makes them put the bucket in the path;
    /// `http://localhost:PORT` serves both `/bucket/key` and `bucket.localhost`.
    public var endpoint: String { "http://127.0.0.1:\(port)" }

    /// The access keys that the server accepts; none when it accepts anything.
    public var accessKeys: [AccessKey] { core.configuration.accessKeys }

    /// The region of the server.
    public var region: String { core.configuration.region }

    /// Closes the listener and every connection, and waits for their threads to end. Calling it again does nothing.
    public func shutDown() {
        core.stop()
        core.connections.waitUntilIdle()
    }

    // MARK: Misbehaviour

    /// Adds a fault, which happens to the next requests that match.
    public func add(_ fault: MockFault) {
        core.faults.add(fault)
    }

    /// Adds a fault, which happens to the next requests that match.
    public func add(_ action: MockFault.Action, when matcher: MockFault.Matcher = .any, times: Int = 1) {
        core.faults.add(MockFault(action, when: matcher, times: times))
    }

    /// The faults that have not happened as often as they should. A test that adds faults should find this empty at its
    /// end: otherwise it did not test what it was meant to.
    public var unusedFaults: [MockFault] { core.faults.unused }

    /// The faults and how often each has happened.
    public var faults: FaultPlan { core.faults }

    /// Lets the token of an access key expire: requests with it are refused with `SecurityTokenExpired` from now on.
    public func expireToken(accessKeyID: String) {
        core.checker.expire(accessKeyID)
    }

    /// How far the server's clock is ahead of ``Configuration/clock``. Default zero.
    public var clockOffset: Duration {
        get { core.offset }
        set { core.offset = newValue }
    }

    /// Forgets every object, every bucket that was not configured, all faults, the handlers of ``process(_:)``, the log
    /// and the statistics, and sets ``clockOffset`` to zero.
    ///
    /// - Throws: The errors of the file system when the storage folder cannot be written.
    public func reset() throws {
        try core.reset()
    }

    // MARK: Observation

    /// The requests received, oldest first. One appears when its head has arrived, with status 0 until it is answered.
    public var requests: [MockRequest] { core.log.requests }

    /// Waits until the log holds a number of requests that satisfy a condition.
    ///
    /// - Returns: `false` when the task was cancelled first.
    @discardableResult
    public func waitForRequests(
        _ count: Int, where condition: @escaping @Sendable (MockRequest) -> Bool = { _ in true }
    ) async -> Bool {
        await core.log.wait { requests in
            requests.count >= count && requests.lazy.filter(condition).prefix(count).count == count
        }
    }

    /// What of the storage folder could not be used at the start, one line each: records that are damaged, and objects
    /// whose bytes are missing. It is left where it is. Empty when all is well.
    public var warnings: [String] { core.store.warnings }

    /// What has been done since the start.
    public var statistics: MockStatistics { core.statistics }

    // MARK: Direct access

    /// Creates a bucket, if it is missing.
    ///
    /// - Throws: ``StartError`` when the name is invalid.
    public func createBucket(_ name: String) throws {
        try core.createBucket(name)
    }

    /// The names of all buckets, in order.
    public var buckets: [String] { core.store.all.map(\.name) }

    /// Stores an object as PutObject would.
    ///
    /// - Parameter headers: Content headers, `x-oss-meta-*`, `x-oss-storage-class` and so on.
    /// - Throws: ``StartError`` when the bucket is missing or the service would refuse the object.
    public func put(_ key: String, _ data: Data, in bucket: String, headers: HTTPHeaders = [:]) throws {
        if let name = headers.firstInvalidName {
            throw StartError(
                reason: .invalidArgument, description: "cannot store '\(key)': the header '\(name)' cannot be sent")
        }
        try core.put(key, data, in: bucket, headers: headers)
    }

    /// The bytes of an object, or `nil` when there is none.
    public func data(of key: String, in bucket: String) -> Data? {
        (try? core.store.bucket(bucket)?.open(Array(key.utf8)))?.bytes.data
    }

    /// Removes an object, if there is one. In a bucket with versions it gets a delete marker.
    public func delete(_ key: String, in bucket: String) {
        _ = try? core.store.bucket(bucket)?.delete(Array(key.utf8), at: Service.wholeSeconds(core.now()))
    }

    /// The keys of a bucket in byte order; empty when there is no such bucket.
    public func keys(in bucket: String) -> [String] {
        core.store.bucket(bucket)?.withObjects { objects in
            objects.keys.map { String(decoding: $0, as: UTF8.self) }
        } ?? []
    }
}

extension MockOSSServer {
    /// A client for a bucket of this server, which is created when it is missing.
    ///
    /// It signs with the first of the server's access keys, or not at all when there is none.
    ///
    /// - Throws: ``StartError`` or `OSSError` when the name or the configuration is invalid.
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
