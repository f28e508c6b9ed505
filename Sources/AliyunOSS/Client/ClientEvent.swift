import Foundation
import OSSPrimitives

/// An event of a client, for logs, metrics and traces. See ``BucketConfiguration/onEvent``.
public enum ClientEvent: Sendable {
    /// A request is about to be sent, for the first time or again.
    case requestStarted(RequestAttempt)
    /// A request ended with a response or an error.
    case requestEnded(RequestAttempt, RequestOutcome)
    /// The credentials provider returned other credentials than for the previous request. The argument is the time at
    /// which they expire; `nil` if they do not expire.
    case credentialsChanged(expiration: Date?)
    /// The limit on concurrent requests changed, because the service throttled requests or recovered. Changes that
    /// happen at the same time can be reported in another order.
    case requestLimitChanged(Int)
}

/// An attempt to perform an operation by sending one request.
public struct RequestAttempt: Sendable, Hashable {
    /// Operation, such as `PutObject`.
    public var operation: String
    /// Method of the request.
    public var method: HTTPMethod
    /// Name of the bucket; `nil` for an operation of the service.
    public var bucket: String?
    /// Key of the object; `nil` for an operation on the bucket.
    public var key: ObjectKey?
    /// Number of the attempt within its call, starting at 1.
    public var number: Int
}

/// The outcome of a ``RequestAttempt``.
public struct RequestOutcome: Sendable {
    /// Status of the response; `nil` if there was no response.
    public var status: Int?
    /// Request ID of the response; `nil` if there was none.
    public var requestID: String?
    /// Time from the start of the attempt until its response was complete. If the body is read while it is being
    /// received, the time until its first byte.
    public var duration: Duration
    /// Size of the request body, in bytes; 0 if the attempt failed.
    public var bytesSent: Int64
    /// Size of the response body, in bytes; 0 if the attempt failed.
    public var bytesReceived: Int64
    /// Error of the attempt, without credentials: an ``OSSError``, or `CancellationError` if the call was cancelled;
    /// `nil` if the attempt succeeded.
    public var error: (any Error)?
    /// Minimum time until the next attempt; `nil` if there is none. The call can still end before that attempt, for
    /// example because it is cancelled or its deadline expires.
    public var retryDelay: Duration?
}

extension BucketConfiguration {
    /// Sends the events of a client to a logger. They are added to those of ``onEvent``.
    ///
    /// - Parameter logger: The logger. It is called from several tasks concurrently and must return immediately.
    public mutating func log(to logger: any ClientLogger) {
        let previous = onEvent
        onEvent = { event in
            previous?(event)
            let message = LogMessage(event)
            logger.log(message.level, message.text, metadata: message.metadata)
        }
    }
}

/// A logger for the events of a client, such as an adapter to swift-log. <doc:LoggingAndMetrics> contains one.
public protocol ClientLogger: Sendable {
    /// Logs a message.
    ///
    /// - Parameters:
    ///   - level: Importance of the message.
    ///   - message: One line of text without credentials.
    ///   - metadata: Details, such as `operation`, `bucket`, `key`, `attempt`, `status`, `requestID`, `code` and
    ///     `duration` in seconds. Only those that are known are included.
    func log(_ level: LogLevel, _ message: String, metadata: [String: String])
}

/// The importance of a log message. The names are those of swift-log.
public enum LogLevel: String, Sendable, Hashable, CaseIterable {
    /// A request that started or succeeded.
    case debug
    /// A change that needs no attention, or a refusal that programs expect, such as a missing object.
    case info
    /// A failed attempt that is repeated.
    case warning
    /// A failed attempt that is not repeated.
    case error
}

/// The text of an event for a log.
struct LogMessage: Equatable {
    var level: LogLevel
    var text: String
    var metadata: [String: String]

    init(_ event: ClientEvent) {
        switch event {
        case .requestStarted(let attempt):
            self.init(.debug, "\(attempt.operation) started", attempt.metadata)
        case .requestEnded(let attempt, let outcome):
            let metadata = attempt.metadata.merging(outcome.metadata) { first, _ in first }
            guard let error = outcome.error else {
                self.init(.debug, "\(attempt.operation) succeeded", metadata)
                return
            }
            if let delay = outcome.retryDelay {
                self.init(
                    .warning, "\(attempt.operation) failed and is repeated in \(delay.secondsText) s: \(error.logText)",
                    metadata)
            } else {
                let level: LogLevel = error.isExpected ? .info : .error
                self.init(level, "\(attempt.operation) failed: \(error.logText)", metadata)
            }
        case .credentialsChanged(let expiration):
            self.init(
                .info, "the credentials changed",
                expiration.map { ["expiration": ISO8601.extended($0)] } ?? [:])
        case .requestLimitChanged(let limit):
            self.init(
                .info, "the limit on concurrent requests changed to \(limit)", ["limit": String(limit)])
        }
    }

    private init(_ level: LogLevel, _ text: String, _ metadata: [String: String]) {
        (self.level, self.text, self.metadata) = (level, text.onOneLine, metadata)
    }
}

extension RequestAttempt {
    fileprivate var metadata: [String: String] {
        var metadata = ["operation": operation, "attempt": String(number)]
        metadata["bucket"] = bucket
        metadata["key"] = key?.rawValue.onOneLine
        return metadata
    }
}

extension RequestOutcome {
    fileprivate var metadata: [String: String] {
        var metadata = [
            "duration": duration.secondsText, "bytesSent": String(bytesSent), "bytesReceived": String(bytesReceived),
        ]
        metadata["status"] = status.map { String($0) }
        metadata["requestID"] = requestID?.onOneLine
        if let error = error as? OSSError {
            metadata["code"] = error.serviceError.flatMap { $0.code.isEmpty ? nil : $0.code } ?? error.code.rawValue
        }
        return metadata
    }
}

extension Error {
    /// Whether programs that work as intended cause the error, for example by asking whether an object exists.
    fileprivate var isExpected: Bool {
        guard let error = self as? OSSError else { return self is CancellationError }
        return [.notFound, .preconditionFailed, .alreadyExists, .notModified].contains(error.code)
    }

    fileprivate var logText: String { (self as? OSSError)?.message ?? "the call was cancelled" }
}

// MARK: Reporting

extension Client {
    /// An attempt that failed and has not been reported yet, because it is unknown whether it will be repeated.
    struct FailedAttempt {
        var attempt: RequestAttempt
        var outcome: RequestOutcome
    }

    /// Reports that an attempt starts. Returns `nil` if nobody receives events.
    func reportStart(_ operation: Operation, number: Int) -> RequestAttempt? {
        guard let onEvent = configuration.onEvent else { return nil }
        let attempt = RequestAttempt(
            operation: operation.name, method: operation.method, bucket: operation.bucket ?? bucket,
            key: operation.key, number: number)
        onEvent(.requestStarted(attempt))
        return attempt
    }

    /// Reports the successful end of an attempt.
    func reportSuccess(_ attempt: RequestAttempt, _ response: HTTPResponse, after duration: Duration) {
        configuration.onEvent?(
            .requestEnded(
                attempt,
                RequestOutcome(
                    status: response.status, requestID: response.headers["x-oss-request-id"], duration: duration,
                    bytesSent: response.sentLength, bytesReceived: response.bodyLength)))
    }

    /// Reports the attempt of a call that failed last, unless it was already reported.
    ///
    /// - Parameter retryDelay: Time until the next attempt; `nil` if there is none.
    func reportFailure(_ history: inout History, retryDelay: Duration?) {
        guard var failed = history.unreported else { return }
        history.unreported = nil
        failed.outcome.retryDelay = retryDelay
        configuration.onEvent?(.requestEnded(failed.attempt, failed.outcome))
    }
}

extension RequestOutcome {
    /// Creates the outcome of a failed attempt.
    init(_ error: any Error, after duration: Duration) {
        let response = (error as? OSSError)?.serviceError
        self.init(
            status: response?.status, requestID: response?.requestID, duration: duration, bytesSent: 0,
            bytesReceived: 0, error: error)
    }
}

extension Duration {
    /// The duration in seconds, with three decimals.
    fileprivate var secondsText: String {
        let (seconds, attoseconds) = components
        let milliseconds = String(attoseconds / 1_000_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: max(0, 3 - milliseconds.count)) + milliseconds
    }
}
