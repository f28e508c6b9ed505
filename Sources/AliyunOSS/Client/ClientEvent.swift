import Foundation

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
    /// A folder transfer started. A dry run reports no events of transfers.
    case transferStarted(TransferReport.Operation)
    /// The transfer of a file in a folder transfer started or ended, or a file was skipped, deleted or failed. These are
    /// the events of ``DirectoryTransfer/Options/onEvent``.
    case transfer(TransferEvent)
    /// A folder transfer ended with a report, or with the error that ended it.
    case transferEnded(TransferReport.Operation, Result<TransferReport, any Error>)
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
