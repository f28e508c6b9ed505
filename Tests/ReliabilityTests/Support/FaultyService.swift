import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

/// A mock service with one bucket, and a client of it that retries without waiting. Signatures are verified.
struct FaultyService {
    static let keyID = "LTAI-of-tests"
    static let secret = "secret-of-tests"

    let server: MockOSSServer
    let bucket: Bucket

    init(
        _ configure: (inout BucketConfiguration) -> Void = { _ in },
        server configureServer: (inout MockOSSServer.Configuration) -> Void = { _ in },
        credentials: (any CredentialsProvider)? = nil
    ) throws {
        var serverConfiguration = MockOSSServer.Configuration(buckets: ["photos"])
        serverConfiguration.accessKeys = [.init(id: Self.keyID, secret: Self.secret)]
        configureServer(&serverConfiguration)
        server = try MockOSSServer(serverConfiguration)
        var configuration = BucketConfiguration()
        configuration.retry.baseDelay = .milliseconds(1)
        // A machine that is busy with other tests may take its time over an abort.
        configuration.cancellationGrace = .seconds(60)
        configuration.retry.maximumDelay = .milliseconds(20)
        configuration.retry.budget = 10_000
        // Tests do not write to the user's home.
        configuration.stateDirectory = .none
        configure(&configuration)
        bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: server.region,
            credentials: credentials ?? .static(accessKeyID: Self.keyID, accessKeySecret: Self.secret),
            configuration: configuration)
    }

    /// Stores an object without a request.
    @discardableResult
    func store(_ key: String, count: Int = 300_000) throws -> Data {
        let data = Data.pattern(count)
        try server.put(key, data, in: "photos")
        return data
    }

    /// How many requests the service has at the same moment when so many calls are made and it answers none of them: the
    /// others wait for their turn. The calls are cancelled then.
    func requestsInFlight(callers: Int) async throws -> Int {
        let before = unanswered
        server.add(.neverRespond, when: .operation("GetObject", key: "held"), times: callers)
        defer { server.faults.removeAll() }
        return try await withThrowingTaskGroup { group in
            for _ in 0..<callers {
                group.addTask { _ = try? await bucket.getObject("held") }
            }
            let isSettled = try await eventually {
                unanswered - before + bucket.client.limit.waiterCount == callers
            }
            #expect(isSettled)
            let inFlight = unanswered - before
            group.cancelAll()
            return inFlight
        }
    }

    private var unanswered: Int { server.requests.count { $0.status == 0 } }

    /// The entity tag of a stored object in quotes, as the service sends it.
    func eTag(_ key: String) -> String {
        "\"\(Hexadecimal.uppercase(MD5.hash(stored(key) ?? Data())))\""
    }

    func stored(_ key: String) -> Data? { server.data(of: key, in: "photos") }

    /// How often each operation was asked for, without the first so many requests.
    func operations(after count: Int = 0) -> [String: Int] {
        server.requests.dropFirst(count).reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
    }

    /// How many requests there were for an operation, or in all.
    func count(_ operation: String? = nil) -> Int {
        server.requests.count { operation == nil || $0.operation == operation }
    }
}

extension BucketConfiguration {
    /// Limits how long nothing may move.
    mutating func setPatience(_ duration: Duration) {
        timeouts.connect = duration
        timeouts.idle = duration
    }
}

extension Data {
    /// Bytes of which no two neighbouring runs are equal.
    static func pattern(_ count: Int, seed: UInt64 = 1) -> Data {
        var random = SeededRandom(seed: seed)
        var data = Data(capacity: count + 8)
        while data.count < count {
            let word = random.next()
            for shift in stride(from: 0, to: 64, by: 8) {
                data.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        return data.prefix(count)
    }
}

/// The error of a call that must fail with one of this library's.
func failure(
    _ body: () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async -> OSSError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch let error as OSSError {
        return error
    } catch {
        Issue.record("\(error) was thrown, which is no OSSError", sourceLocation: sourceLocation)
        return nil
    }
}

/// Waits for a condition, up to ten minutes: not a measurement, only an end for a test that would never end.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        await Task.yield()
        try await Task.sleep(for: .milliseconds(2))
    }
    return false
}
