import Foundation
import Synchronization

/// The connections, limits and clock that the clients of one service share.
final class ClientResources: Sendable {
    let configuration: BucketConfiguration
    let transport: any HTTPTransport
    /// The transport that this object created; `nil` if the configuration specifies one.
    private let ownTransport: (any ClosableTransport)?
    /// The transport if it can deliver bodies while they are being received; otherwise, `nil`.
    let streaming: (any StreamingTransport)?
    private let hasEnded = Atomic(false)
    let clock: ClockOffset
    let budget: RetryBudget
    let limit: AdaptiveLimit
    let gate: RequestGate
    /// Semaphore for the memory of upload parts that are collected from sequences.
    let partMemory: AsyncSemaphore
    /// Semaphore for the memory of object ranges that are being read. It is separate from ``partMemory``, because an
    /// upload holds the memory of a part while it waits for its sequence, which may be an object that needs memory for
    /// its next range.
    let readMemory: AsyncSemaphore
    let bandwidth: BandwidthLimiter?
    /// The credentials of the last request; used only to report changes.
    private let lastCredentials = Mutex<Credentials?>(nil)

    /// Creates resources from a valid configuration.
    init(_ configuration: BucketConfiguration) {
        var configuration = configuration
        configuration.maximumConnections = DescriptorLimit.requests(wanted: configuration.maximumConnections)
        self.configuration = configuration
        if let given = configuration.transport {
            (transport, ownTransport) = (given, nil)
        } else {
            let own = Self.makeTransport(maximumConnections: configuration.maximumConnections)
            (transport, ownTransport) = (own, own)
        }
        streaming = transport as? any StreamingTransport
        clock = ClockOffset(clock: configuration.clock)
        budget = RetryBudget(
            capacity: configuration.retry.budget, refillPerSecond: configuration.retry.budgetRefillPerSecond)
        partMemory = AsyncSemaphore(configuration.memoryBudget)
        readMemory = AsyncSemaphore(configuration.memoryBudget)
        let onEvent = configuration.onEvent
        limit = AdaptiveLimit(
            maximum: configuration.maximumConnections, onChange: { onEvent?(.requestLimitChanged($0)) })
        gate = RequestGate(now: configuration.now, sleep: configuration.sleep)
        bandwidth = configuration.maximumBandwidth.map {
            BandwidthLimiter(bytesPerSecond: $0, sleep: configuration.sleep)
        }
    }

    private static func makeTransport(maximumConnections: Int) -> any ClosableTransport {
        #if DEBUG && os(Linux)
            // Runs the tests with the other transport.
            if ProcessInfo.processInfo.environment["OSS_TEST_TRANSPORT"] == "libcurl" {
                var settings = LibcurlTransport.Configuration()
                settings.maximumConnections = maximumConnections
                do {
                    return try LibcurlTransport(configuration: settings)
                } catch {
                    return UnavailableTransport(error: error)
                }
            }
        #endif
        var settings = URLSessionTransport.Configuration()
        settings.maximumConnections = maximumConnections
        return URLSessionTransport(settings, isLimitedByOwner: true)
    }

    /// Reports the credentials of a request if they differ from those of the previous one.
    func note(_ credentials: Credentials) {
        guard let onEvent = configuration.onEvent else { return }
        let previous = lastCredentials.withLock { last in
            defer { last = credentials }
            return last
        }
        if let previous, previous != credentials { onEvent(.credentialsChanged(expiration: credentials.expiration)) }
    }

    var isShutDown: Bool { hasEnded.load(ordering: .acquiring) }

    /// Makes all later calls fail, and ends the requests in flight unless the caller supplied the transport.
    func shutDown() {
        hasEnded.store(true, ordering: .releasing)
        ownTransport?.shutDown()
    }
}

#if DEBUG && os(Linux)
    /// A transport that could not be created. Every request fails with the cause.
    private struct UnavailableTransport: ClosableTransport {
        let error: any Error

        func send(_ request: HTTPRequest) async throws -> HTTPResponse { throw error }
        func shutDown() {}
    }
#endif
