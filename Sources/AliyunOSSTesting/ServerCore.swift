import AliyunOSS
import Foundation
import OSSPrimitives
import Synchronization

/// The state that a server's threads share. Threads retain this state instead of the server, because deinitializing the
/// server stops them.
final class ServerCore: Sendable {
    let configuration: MockOSSServer.Configuration
    let listener: SocketListener
    let connections: ConnectionRegistry
    let store: MockObjectStore
    let service: Service
    let checker: SignatureChecker
    let faults: FaultPlan
    let log: RequestLog
    let handlers = ProcessHandlers()
    let counters = Counters()
    /// Text that differs between two runs of a server.
    let runID = Hexadecimal.lowercase((0..<8).map { _ in UInt8.random(in: 0...255) })
    /// Limiter for the rate of requests; `nil` if there is no limit.
    let limiter: RequestRateLimiter?
    private let clockOffset = Mutex(Duration.zero)
    private let requestNumber = Atomic(UInt64.random(in: 0...UInt64.max))

    init(_ configuration: MockOSSServer.Configuration) throws {
        self.configuration = configuration
        faults = configuration.faults
        limiter = configuration.maximumRequestsPerSecond.map { RequestRateLimiter(perSecond: $0) }
        store = try MockObjectStore(configuration.storage)
        listener = try SocketListener(port: configuration.port)
        connections = ConnectionRegistry(limit: configuration.maximumConnections)
        service = Service(
            store: store, region: configuration.region, port: listener.port,
            callbackHosts: configuration.callbackHosts, maximumBuckets: configuration.maximumBuckets,
            blocksPublicAccess: configuration.blocksPublicAccess, computesMD5: configuration.computesMD5,
            handlers: handlers, cnames: configuration.cnames)
        checker = SignatureChecker(accessKeys: configuration.accessKeys, region: configuration.region)
        log = RequestLog(
            limit: configuration.maximumLoggedRequests, maximumLength: configuration.maximumLoggedBytes)
        try createConfiguredBuckets()
    }

    func createConfiguredBuckets() throws {
        for name in configuration.buckets { try createBucket(name) }
    }

    func createBucket(_ name: String) throws {
        guard Address.isValidBucketName(name) else {
            throw MockOSSServer.SetupError(
                reason: .invalidArgument,
                description: "'\(name)' is not a valid bucket name; use 3–63 lowercase letters, digits and hyphens, "
                    + "with no hyphen at either end"
            )
        }
        try store.createBucket(name, service.properties(creationDate: now()))
    }

    /// Starts accepting connections.
    func start() throws {
        let isStarted = SystemThread.start(name: "mock-listener") { [self] in
            listener.acceptConnections(serve)
        }
        guard isStarted else { throw MockOSSServer.SetupError(description: "cannot start a thread") }
    }

    private func serve(_ descriptor: Int32) {
        let socket = Socket(descriptor: descriptor)
        socket.prepare(idleTimeout: configuration.idleTimeout)
        guard let number = connections.add(socket) else { return }
        counters.connected()
        let length = configuration.connectionStackLength
        let isStarted = SystemThread.start(name: "mock-connection", stackLength: length) { [self] in
            var connection = Connection(core: self, number: number, socket: socket)
            connection.serve()
            connections.remove(number)
        }
        // If no thread can be created, the connection is closed; otherwise, the client would wait forever.
        if !isStarted { connections.remove(number) }
    }

    func stop() {
        listener.stop()
        connections.stop()
    }

    func reset() throws {
        offset = .zero
        try store.reset(keeping: configuration.buckets, service.properties(creationDate: now()))
        faults.removeAll()
        handlers.removeAll()
        checker.forgetExpiredKeys()
        log.removeAll()
        counters.reset()
    }

    /// Stores an object as PutObject does.
    func put(_ key: String, _ data: Data, in bucket: String, headers: HTTPHeaders = [:]) throws {
        var sink = BodySink(isStored: true, isDigested: true, computesMD5: configuration.computesMD5)
        data.withUnsafeBytes { sink.append($0) }
        var request = ServiceRequest(
            method: "PUT", operation: .putObject, bucket: bucket, key: key, query: QueryItems(), headers: headers,
            authority: "", requestID: "", now: now())
        request.body = sink.finish()
        do throws(ServiceError) {
            _ = try service.perform(request)
        } catch {
            throw MockOSSServer.SetupError(
                reason: .invalidArgument, description: "cannot store '\(key)' in '\(bucket)': \(error.message)")
        }
    }

    /// Returns the current time of the server's clock.
    func now() -> Date {
        let offset = clockOffset.withLock { $0 }
        return configuration.clock().addingTimeInterval(offset.timeInterval)
    }

    var offset: Duration {
        get { clockOffset.withLock { $0 } }
        set { clockOffset.withLock { $0 = newValue } }
    }

    func moveClock(by duration: Duration) {
        clockOffset.withLock { $0 += duration }
    }

    /// Returns a request ID of 24 uppercase hexadecimal digits. The first eight represent the time.
    func makeRequestID() -> String {
        let seconds = UInt32(truncatingIfNeeded: Int(now().timeIntervalSince1970))
        let number = requestNumber.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        return Hexadecimal.uppercase(
            withUnsafeBytes(of: seconds.bigEndian, Array.init) + withUnsafeBytes(of: number.bigEndian, Array.init))
    }

    var statistics: MockStatistics {
        var statistics = counters.snapshot
        statistics.objects = store.all.reduce(0) { $0 + $1.count }
        statistics.openUploads = store.all.reduce(0) { $0 + $1.uploads.count }
        statistics.openConnections = connections.count
        return statistics
    }

    var control: Control { Control(core: self) }

    var addressRules: Address.Rules {
        Address.Rules(suffixes: configuration.hostSuffixes, cnames: configuration.cnames) { [store] in
            store.bucket($0) != nil
        }
    }
}
