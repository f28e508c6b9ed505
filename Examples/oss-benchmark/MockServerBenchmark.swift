import AliyunOSS
import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization

/// A benchmark of the mock server with signature verification.
///
/// The mock server is compared with a server that only counts the bytes of a request and sends a response of the same
/// size.
///
/// The same threads of this process drive both servers, so the server and its load share the processor.
enum MockServerBenchmark {
    private static let connectionCount = 4
    private static let smallCount = 64
    private static let smallLength = 100
    private static let largeLength = 256 << 20
    private static let largePutLength = 64 << 20
    private static let duration = Duration.seconds(2)
    private static let runCount = 3

    private typealias Measure = BenchmarkReport.Measure

    struct Failure: Error {
        var status: Int
    }

    static func report() throws -> BenchmarkReport {
        let key = MockOSSServer.AccessKey(id: "LTAI5tBenchmarkKeyId", secret: "BenchmarkSecretBenchmark12345")
        let server = try MockOSSServer(.init(buckets: ["bench"], accessKeys: [key]))
        defer { server.shutDown() }
        let small = [UInt8](repeating: 0x61, count: smallLength)
        let names = (0..<smallCount).map { "small-\(1000 + $0)" }
        for name in names { try server.put(name, Data(small), in: "bench") }
        try server.put("large", Data(count: largeLength), in: "bench")

        let load = Load(key: key, region: server.region)
        let gets = names.map { load.request(.get, $0) }
        let heads = names.map { load.request(.head, $0) }
        let puts = names.map { load.request(.put, $0, body: small) }
        let largeGet = [load.request(.get, "large")]
        let largePut = [load.request(.put, "put", body: [UInt8](repeating: 0x5A, count: largePutLength))]

        var measures: [Measure] = []
        for (name, requests, isHead) in [("HEAD", heads, true), ("GET 100 B", gets, false), ("PUT 100 B", puts, false)]
        {
            let floor = try Floor.port(requests[0].count, Response(to: requests[0], from: server.port, isHead: isHead))
            let pairs = try interleaved(server.port, floor, requests, isHead: isHead)
            measures.append(
                Measure(
                    "\(name), \(connectionCount) connections", pairs.measured.perSecond, .requestsPerSecond,
                    bound: 20_000, peers: [("bare loopback", pairs.floor.perSecond)]))
            measures.append(
                Measure(
                    "\(name), server and load", pairs.measured.processorSeconds * 1e6, .microseconds,
                    peers: [("bare loopback", pairs.floor.processorSeconds * 1e6)]))
        }
        let getFloor = try Floor.port(largeGet[0].count, Response(head: 512, body: largeLength))
        let get = try interleaved(server.port, getFloor, largeGet, connections: 1)
        measures.append(
            Measure(
                "GET 256 MiB, 1 connection", get.measured.perSecond * Double(largeLength) / 1e9, .gigabytesPerSecond,
                bound: 2, peers: [("bare loopback", get.floor.perSecond * Double(largeLength) / 1e9)]))
        let putFloor = try Floor.port(largePut[0].count, Response(head: 400, body: 0))
        let put = try interleaved(server.port, putFloor, largePut, connections: 2)
        let gigabytes = (get: Double(largeLength) / 1e9, put: Double(largePutLength) / 1e9)
        for (name, pair, size) in [("GET", get, gigabytes.get), ("PUT", put, gigabytes.put)] {
            measures.append(
                Measure(
                    "\(name) of 1 GB, server and load", pair.measured.processorSeconds / size * 1e3, .milliseconds,
                    peers: [("bare loopback", pair.floor.processorSeconds / size * 1e3)]))
        }
        let digest = [UInt8](repeating: 0x5A, count: 1 << 20)
        measures.append(
            Measure(
                "PUT 64 MiB, 2 connections", put.measured.perSecond * Double(largePutLength) / 1e9, .gigabytesPerSecond,
                peers: [
                    ("bare loopback", put.floor.perSecond * Double(largePutLength) / 1e9),
                    ("MD5 alone, one core", Double(digest.count) / Stopwatch.seconds { keep(MD5.hash(digest)) } / 1e9),
                ]))
        return BenchmarkReport(scenario: "mock-server", measures: measures)
    }

    // MARK: Load

    /// The throughput and CPU time of a run.
    private struct Rate {
        var perSecond: Double
        /// CPU time of the process per request, in seconds.
        var processorSeconds: Double
    }

    /// Runs the load against both servers alternately and returns the best run of each. Other processes can only slow a
    /// run down.
    private static func interleaved(
        _ port: UInt16, _ floor: UInt16, _ requests: [[UInt8]], isHead: Bool = false, connections: Int = connectionCount
    ) throws -> (measured: Rate, floor: Rate) {
        var measured: [Rate] = []
        var bare: [Rate] = []
        for _ in 0..<runCount {
            measured.append(try run(port, requests, isHead, connections))
            bare.append(try run(floor, requests, isHead, connections))
        }
        return (best(measured), best(bare))
    }

    private static func best(_ rates: [Rate]) -> Rate {
        Rate(
            perSecond: rates.map(\.perSecond).max() ?? 0,
            processorSeconds: rates.map(\.processorSeconds).min() ?? 0)
    }

    private static func run(
        _ port: UInt16, _ requests: [[UInt8]], _ isHead: Bool, _ connections: Int
    ) throws -> Rate {
        let completed = Mutex(0)
        let failure = Mutex<(any Error)?>(nil)
        let sockets = try (0..<connections).map { _ in try LoopbackSocket(port: port) }
        let start = ContinuousClock.now
        let processorStart = Stopwatch.processorSeconds()
        let group = DispatchGroup()
        for (index, socket) in sockets.enumerated() {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do {
                    let count = try drive(socket, requests, from: index * 7, isHead, until: start + duration)
                    completed.withLock { $0 += count }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        group.wait()
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        if let failure = failure.withLock({ $0 }) { throw failure }
        let count = Double(completed.withLock { $0 })
        return Rate(
            perSecond: count / elapsed, processorSeconds: (Stopwatch.processorSeconds() - processorStart) / count)
    }

    /// Sends one request at a time until the given time, and returns the number of requests sent.
    private static func drive(
        _ socket: LoopbackSocket, _ requests: [[UInt8]], from first: Int, _ isHead: Bool,
        until end: ContinuousClock.Instant
    ) throws -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var count = 0
        repeat {
            try requests[(first + count) % requests.count].withUnsafeBytes { try socket.send($0) }
            let status = try socket.receiveResponse(through: buffer, isHead: isHead)
            guard status == 200 else { throw Failure(status: status) }
            count += 1
        } while ContinuousClock.now < end
        return count
    }

    /// A factory for signed requests. They are created in advance so that signing is not measured.
    private struct Load {
        let signer: Signer
        let credentials: Credentials

        init(key: MockOSSServer.AccessKey, region: String) {
            signer = Signer(region: region)
            credentials = Credentials(accessKeyID: key.id, accessKeySecret: key.secret)
        }

        func request(_ method: HTTPMethod, _ key: String, body: [UInt8] = []) -> [UInt8] {
            var headers = HTTPHeaders()
            if method == .put { headers["Content-Type"] = "application/octet-stream" }
            var request = SignableRequest(method: method, bucket: "bench", key: key, query: [], headers: headers)
            signer.sign(&request, credentials: credentials, at: Date())
            var text = "\(method.rawValue) /bench/\(key) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            for field in request.headers { text += "\(field.name): \(field.value)\r\n" }
            if method == .put { text += "Content-Length: \(body.count)\r\n" }
            return Array((text + "\r\n").utf8) + body
        }
    }

    // MARK: Floor

    /// A response of a given length.
    private struct Response: Sendable {
        let head: [UInt8]
        let body: [UInt8]

        init(head length: Int, body bodyLength: Int) {
            var text = "HTTP/1.1 200 OK\r\nContent-Length: \(bodyLength)\r\nX-Padding: "
            text += String(repeating: "x", count: max(0, length - text.utf8.count - 4)) + "\r\n\r\n"
            head = Array(text.utf8)
            body = [UInt8](repeating: 0, count: bodyLength)
        }

        /// Creates a response with the same length as the mock server's response to a request.
        init(to request: [UInt8], from port: UInt16, isHead: Bool) throws {
            let socket = try LoopbackSocket(port: port)
            try request.withUnsafeBytes { try socket.send($0) }
            var received = [UInt8](repeating: 0, count: 16 * 1024)
            let count = try received.withUnsafeMutableBytes { try socket.receive(into: $0) }
            let text = String(decoding: received[..<count], as: UTF8.self)
            let parts = text.components(separatedBy: "\r\n\r\n")
            self.init(head: parts[0].utf8.count + 4, body: isHead ? 0 : parts[1].utf8.count)
        }
    }

    private enum Floor {
        /// Starts a server that sends the same response to every request of a given length, and returns its port.
        static func port(_ requestLength: Int, _ response: Response) throws -> UInt16 {
            let small = response.head + (response.body.count <= smallLength ? response.body : [])
            let large = response.body.count <= smallLength ? [] : response.body
            return try LoopbackSocket.listen { socket in
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
                defer { buffer.deallocate() }
                while (try? socket.skip(requestLength, through: buffer)) != nil,
                    (try? small.withUnsafeBytes { try socket.send($0) }) != nil,
                    (try? large.withUnsafeBytes { try socket.send($0) }) != nil
                {}
            }
        }
    }
}
