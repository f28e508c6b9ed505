import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Bandwidth charges of requests", .timeLimit(.minutes(2)))
struct BandwidthSettlementTests {
    /// A way in which a request ends without a response.
    enum Ending: CaseIterable {
        case cancelled, notConnected, lost, timedOut, unknown

        var error: any Error {
            switch self {
            case .cancelled: CancellationError()
            case .notConnected: HTTPTransportError(.connectionFailed, "refused")
            case .lost: HTTPTransportError(.connectionLost, "reset")
            case .timedOut: HTTPTransportError(.timedOut, "nothing moved")
            case .unknown: POSIXError(.EIO)
            }
        }
    }

    @Test(
        "A request without a response is charged only for the bytes that it transferred", arguments: Ending.allCases,
        [0, 4_096_000] as [Int64])
    func withoutAnswer(ending: Ending, moved: Int64) async throws {
        let sleeper = Recorder<Duration>()
        let transport = ScriptedTransport({ request in
            request.onProgress?(HTTPProgress(bytesSent: moved / 2, bytesReceived: 0))
            request.onProgress?(HTTPProgress(bytesSent: moved, bytesReceived: 0))
            throw ending.error
        })
        let bucket = try Bucket.scripted(transport) {
            $0.maximumBandwidth = 1024
            $0.retry.maximumAttempts = 1
            $0.sleep = { sleeper.append($0) }
        }
        await #expect(throws: (any Error).self) { try await bucket.putObject("a", .data(Data(count: 8_192_000))) }
        #expect(sleeper.values.isEmpty)
        // The next request waits for the charged bytes, which take 4000 seconds and not 8000.
        try await bucket.client.bandwidth?.pass(1)
        if moved == 0 {
            #expect(sleeper.values.isEmpty)
        } else {
            let wait = try #require(sleeper.values.first)
            #expect(wait > .seconds(3000) && wait <= .seconds(4000))
        }
    }

    @Test("The progress of a request reaches its caller")
    func progress() async throws {
        let transport = ScriptedTransport({ request in
            request.onProgress?(HTTPProgress(bytesSent: 1, bytesReceived: 0))
            return .ok()
        })
        let bucket = try Bucket.scripted(transport) { $0.maximumBandwidth = 1024 }
        let told = Mutex<[Int64]>([])
        var options = PutObjectOptions()
        options.onProgress = { progress in told.withLock { $0.append(progress.bytesSent) } }
        try await bucket.putObject("a", "x", options: options)
        #expect(told.withLock { $0 } == [1])
    }

    @Test("A download of an object of unknown size does not wait for bytes that may not exist")
    func unknownSize() async throws {
        let folder = try ScratchDirectory()
        let sleeper = Recorder<Duration>()
        let service = try TestService {
            $0.maximumBandwidth = 1 << 20
            $0.maximumConnections = 1
            $0.sleep = { sleeper.append($0) }
        }
        try service.server.put("a", Data(pattern(1000)), in: "photos")
        let permit = try await service.bucket.client.limit.acquire()
        // The request has passed the bandwidth limit and waits for a connection.
        let download = Task { try await service.bucket.downloadObject("a", to: folder["a"]) }
        while service.bucket.client.limit.waiterCount < 1 { await Task.yield() }
        try await service.bucket.client.bandwidth?.pass(1)
        #expect(sleeper.values.isEmpty)
        permit.release()
        _ = try await download.value
        #expect(try folder.content("a") == pattern(1000))
    }
}
