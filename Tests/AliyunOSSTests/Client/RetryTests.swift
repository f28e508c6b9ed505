import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Retry")
struct RetryTests {
    @Test(
        "The decision to retry depends only on the error and on whether the request can be repeated",
        arguments: [
            (OSSError.Code.throttled, true, RetryVerdict.retry), (.throttled, false, .retry),
            (.serviceUnavailable, true, .retry), (.serviceUnavailable, false, .fail),
            (.connectionLost, true, .retry), (.connectionLost, false, .fail),
            (.timedOut, true, .retry), (.timedOut, false, .fail),
            (.connectionFailed, true, .retry), (.connectionFailed, false, .retry),
            (.truncatedBody, true, .retry), (.checksumMismatch, true, .retry), (.checksumMismatch, false, .fail),
            (.notFound, true, .fail), (.accessDenied, true, .fail), (.refused, true, .fail),
            (.preconditionFailed, true, .fail), (.notModified, true, .fail), (.invalidRange, true, .fail),
            (.alreadyExists, true, .fail), (.positionMismatch, true, .fail), (.invalidResponse, true, .fail),
            (.invalidResponse, false, .fail),
            (.fileSystem, true, .fail),
            (.bodyTooLarge, true, .fail), (.invalidArgument, true, .fail), (.shutDown, true, .fail),
        ])
    func verdicts(code: OSSError.Code, isIdempotent: Bool, verdict: RetryVerdict) {
        #expect(RetryVerdict(on: OSSError(code, ""), isIdempotent: isIdempotent) == verdict)
    }

    @Test("An understood response that is not a success is final: a redirect or a page from another server")
    func understoodResponse() {
        let error = OSSError(.invalidResponse, "", serviceError: .init(status: 404, code: "", message: ""))
        #expect(RetryVerdict(on: error, isIdempotent: true) == .fail)
    }

    @Test(
        "A server that cannot prove its identity is not tried again, and a broken connection is retried",
        arguments: [
            (
                HTTPTransportError.Kind.connectionFailed, "SSL certificate problem: self-signed certificate",
                RetryVerdict.fail
            ),
            (.connectionFailed, "OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number", .fail),
            (.connectionFailed, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to h:443 ", .retry),
            (.connectionLost, "no serviceError: OpenSSL SSL_read: Connection reset by peer, errno 104", .retry),
        ])
    func encryption(kind: HTTPTransportError.Kind, message: String, verdict: RetryVerdict) {
        let cause = HTTPTransportError(kind, message)
        #expect(RetryVerdict(on: OSSError(transport: cause), isIdempotent: true) == verdict)
    }

    @Test(
        "Statuses and error codes of the service map to codes of OSSError",
        arguments: [
            (304, "", OSSError.Code.notModified), (307, "", .invalidResponse), (400, "InvalidArgument", .refused),
            (400, "InvalidDigest", .checksumMismatch), (400, "InvalidCRC64", .checksumMismatch),
            (400, "RequestTimeout", .connectionLost), (401, "", .accessDenied), (403, "AccessDenied", .accessDenied),
            (403, "RequestTimeTooSkewed", .clockSkewed), (403, "InvalidObjectState", .refused),
            (404, "NoSuchKey", .notFound), (404, "", .notFound), (408, "", .timedOut),
            (409, "FileAlreadyExists", .alreadyExists), (409, "PositionNotEqualToLength", .positionMismatch),
            (412, "PreconditionFailed", .preconditionFailed), (416, "InvalidRange", .invalidRange),
            (429, "", .throttled), (500, "InternalError", .serviceUnavailable),
            (503, "ServiceUnavailable", .serviceUnavailable), (503, "", .serviceUnavailable),
            (503, "TotalQpsLimitExceeded", .throttled), (502, "", .serviceUnavailable),
        ])
    func codes(status: Int, code: String, expected: OSSError.Code) {
        let serviceError = OSSError.ServiceError(status: status, code: code, message: "")
        #expect(OSSError.Code(serviceError) == expected)
    }

    @Test("The delay is a random part of a doubling maximum, at least the requested delay, up to a limit")
    func delays() {
        let policy = RetryPolicy(baseDelay: .milliseconds(200), maximumDelay: .seconds(20))
        #expect(policy.delay(afterFailures: 1, requested: nil, random: 1) == .milliseconds(200))
        #expect(policy.delay(afterFailures: 1, requested: nil, random: 0) == .zero)
        #expect(policy.delay(afterFailures: 4, requested: nil, random: 0.5) == .milliseconds(800))
        #expect(policy.delay(afterFailures: 90, requested: nil, random: 1) == .seconds(20))
        #expect(policy.delay(afterFailures: 1, requested: .seconds(3), random: 0) == .seconds(3))
        #expect(policy.delay(afterFailures: 1, requested: .seconds(86_400), random: 0) == .seconds(20))
    }

    @Test("The budget can be used up, then refuses retries, and refills over time up to its capacity")
    func budget() {
        let now = Mutex(ContinuousClock.now)
        let budget = RetryBudget(capacity: 2, refillPerSecond: 10) { now.withLock { $0 } }
        #expect(budget.spend())
        #expect(budget.spend())
        #expect(!budget.spend())
        now.withLock { $0 += .milliseconds(100) }
        #expect(budget.spend())
        #expect(!budget.spend())
        now.withLock { $0 += .seconds(3600) }
        #expect(budget.spend())
        #expect(budget.spend())
        #expect(!budget.spend())
    }
}
