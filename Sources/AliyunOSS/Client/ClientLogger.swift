import OSSPrimitives

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
    ///     `duration` in seconds, and for folder transfers `transfer`, `path`, `action`, `reason` and `bytes`. Only those
    ///     that are known are included.
    func log(_ level: LogLevel, _ message: String, metadata: [String: String])
}

/// The importance of a log message. The names are those of swift-log.
public enum LogLevel: String, Sendable, Hashable, CaseIterable {
    /// A request that started or succeeded, or a file of a folder transfer.
    case debug
    /// The start or the complete end of a folder transfer, a change that needs no attention, or a refusal that programs expect, such as a missing object.
    case info
    /// A failed attempt that is repeated, or a folder transfer that is incomplete.
    case warning
    /// A failed attempt that is not repeated, or a file or a folder transfer that failed.
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
        case .transferStarted(let operation):
            self.init(.info, "the \(operation) of a folder started", ["transfer": operation.rawValue])
        case .transfer(let event):
            let isFailure = event.kind == .failed
            self.init(
                isFailure ? .error : .debug,
                "'\(event.path)' \(event.kind)" + (event.error.map { ": \($0.message)" } ?? ""), event.metadata)
        case .transferEnded(let operation, .success(let report)):
            self.init(
                report.isComplete ? .info : .warning,
                "the \(operation) of a folder \(report.isComplete ? "succeeded" : "is incomplete"): "
                    + report.tallies.map { "\($0.tally.files) \($0.name)" }.joined(separator: ", "),
                report.metadata)
        case .transferEnded(let operation, .failure(let error)):
            self.init(
                error.isExpected ? .info : .error, "the \(operation) of a folder failed: \(error.logText)",
                ["transfer": operation.rawValue])
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
        metadata["code"] = (error as? OSSError)?.logCode
        return metadata
    }
}

extension TransferEvent {
    fileprivate var metadata: [String: String] {
        var metadata = [
            "action": action.rawValue, "reason": reason.rawValue, "path": path.onOneLine, "bytes": String(bytes),
        ]
        metadata["key"] = key?.rawValue.onOneLine
        metadata["code"] = error?.logCode
        return metadata
    }
}

extension TransferReport {
    fileprivate var tallies: [(name: String, tally: TransferTally)] {
        [
            ("transferred", transferred), ("unchanged", unchanged), ("skipped", skipped), ("deleted", deleted),
            ("failed", failed),
        ]
    }

    fileprivate var metadata: [String: String] {
        var metadata = ["transfer": operation.rawValue, "duration": Duration.seconds(elapsedSeconds).secondsText]
        for (name, tally) in tallies { metadata[name] = String(tally.files) }
        metadata["bytes"] = String(transferred.bytes)
        return metadata
    }
}

extension OSSError {
    fileprivate var logCode: String { serviceError.flatMap { $0.code.isEmpty ? nil : $0.code } ?? code.rawValue }
}

extension Error {
    /// Whether programs that work as intended cause the error, for example by asking whether an object exists.
    fileprivate var isExpected: Bool {
        guard let error = self as? OSSError else { return self is CancellationError }
        return [.notFound, .preconditionFailed, .alreadyExists, .notModified].contains(error.code)
    }

    fileprivate var logText: String { (self as? OSSError)?.message ?? "the call was cancelled" }
}

extension Duration {
    /// The duration in seconds, with three decimals.
    fileprivate var secondsText: String {
        let (seconds, attoseconds) = components
        let milliseconds = String(attoseconds / 1_000_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: max(0, 3 - milliseconds.count)) + milliseconds
    }
}
