import AliyunOSS
import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization
import Testing

/// A mock server with the buckets `photos` and `archive`, and a client of `photos` that retries without long delays. The
/// server verifies signatures.
package struct TestService: Sendable {
    package static let keyID = "test-id"
    package static let secret = "test-secret"

    package let server: MockOSSServer
    package let bucket: Bucket

    package init(
        _ configure: (inout BucketConfiguration) -> Void = { _ in },
        server configureServer: (inout MockOSSServer.Configuration) -> Void = { _ in },
        credentials: (any CredentialsProvider)? = nil
    ) throws {
        var serverConfiguration = MockOSSServer.Configuration(buckets: ["photos", "archive"])
        serverConfiguration.accessKeys = [.init(id: Self.keyID, secret: Self.secret)]
        serverConfiguration.blocksPublicAccess = false
        configureServer(&serverConfiguration)
        server = try MockOSSServer(serverConfiguration)
        var configuration = BucketConfiguration()
        configuration.retry.baseDelay = .milliseconds(1)
        configuration.retry.maximumDelay = .milliseconds(20)
        configuration.retry.budget = 10_000
        // An abort can take a long time on a machine that is busy with other tests.
        configuration.cancellationGrace = .seconds(60)
        // Tests must not write to the home directory.
        configuration.stateDirectory = .none
        configure(&configuration)
        bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: server.region,
            credentials: credentials ?? .static(accessKeyID: Self.keyID, accessKeySecret: Self.secret),
            configuration: configuration)
    }

    /// Stores an object in `photos` without a request.
    @discardableResult
    package func store(_ key: String, count: Int = 300_000) throws -> Data {
        let data = Data.pattern(count)
        try server.put(key, data, in: "photos")
        return data
    }

    /// Returns the content of an object in `photos`.
    package func stored(_ key: String) -> Data? { server.data(of: key, in: "photos") }

    /// Returns the ETag of an object in `photos` in quotation marks, as in a response.
    package func eTag(_ key: String) -> String {
        "\"\(Hexadecimal.uppercase(MD5.hash(stored(key) ?? Data())))\""
    }

    /// Returns the number of requests of each operation after the first `count` requests.
    package func operations(after count: Int = 0) -> [String: Int] { server.operations(after: count) }

    /// Returns the number of requests of an operation, or of all operations.
    package func count(_ operation: String? = nil) -> Int {
        server.requests.count { operation == nil || $0.operation == operation }
    }
}

extension MockOSSServer {
    /// Returns the number of requests of each operation after the first `count` requests.
    package func operations(after count: Int = 0) -> [String: Int] {
        requests.dropFirst(count).reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
    }
}

extension MockRequest {
    /// Number of the part that the request uploads or copies.
    package var partNumber: Int? { query.first { $0.name == "partNumber" }?.value.flatMap { Int($0) } }
}

extension MockFault.Matcher {
    /// Returns a matcher for the requests that upload a part.
    package static func part(_ number: Int) -> MockFault.Matcher { .init(operation: "UploadPart", partNumber: number) }
}

extension Data {
    /// Returns pseudorandom bytes in which any misplaced range can be detected.
    package static func pattern(_ count: Int, seed: UInt64 = 1) -> Data {
        var random = SeededRandom(seed: seed)
        var data = Data(capacity: count + 8)
        while data.count < count {
            Swift.withUnsafeBytes(of: random.next().littleEndian) { data.append(contentsOf: $0) }
        }
        return data.prefix(count)
    }
}

extension SeededRandom {
    /// Returns random bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Returns ranges that cover `count` elements in order. Some of them are empty.
    package mutating func split(_ count: Int, longest: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while start < count {
            let end = min(count, start + Int.random(in: 0...longest, using: &self))
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }
}

/// A list of values that can be appended from any thread.
package final class Recorder<Value: Sendable>: Sendable {
    private let list = Mutex<[Value]>([])

    package init() {}

    package var values: [Value] { list.withLock { $0 } }

    /// Appends a value and returns the number of values.
    @discardableResult
    package func append(_ value: Value) -> Int {
        list.withLock {
            $0.append(value)
            return $0.count
        }
    }
}

/// Returns the error of a call that must throw an `OSSError`.
package func failure(
    _ body: () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async -> OSSError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch let error as OSSError {
        return error
    } catch {
        Issue.record("\(error) was thrown, which is not an OSSError", sourceLocation: sourceLocation)
        return nil
    }
}

/// Waits for a condition. Returns `false` after ten minutes, so that a hanging test ends.
package func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        await Task.yield()
        try await Task.sleep(for: .milliseconds(2))
    }
    return false
}

/// Resident memory of this process in bytes on Linux; `nil` on other systems. Tests run in parallel, so limits need a
/// margin.
package var residentBytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
        let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
