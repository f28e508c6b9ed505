import Foundation
import OSSPrimitives

extension HTTPHeaders {
    /// CRC-64 of the whole object, as the service computed it. Objects from before the service had it carry none.
    var objectChecksum: UInt64? { self["x-oss-hash-crc64ecma"].flatMap(UInt64.init) }

    /// The MD5 of the whole object in upper-case hexadecimal, as far as the ETag is known to be that.
    var contentMD5: String? { self["x-oss-object-type"] == "Normal" && !isEncrypted ? eTag?.uppercased() : nil }

    /// Whether the service stores the object encrypted. Then its ETag need not be the MD5 of its bytes.
    var isEncrypted: Bool { !(self["x-oss-server-side-encryption"] ?? "").isEmpty }

    /// The entity tag without its quotes.
    var eTag: String? {
        self["ETag"].map { tag in
            // A gateway that changes how a response is encoded makes its tag weak; the object's own is never.
            let tag = tag.hasPrefix("W/\"") ? tag.dropFirst(2) : tag[...]
            return String(
                tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count >= 2 ? tag.dropFirst().dropLast() : tag)
        }
    }
}

extension HTTPResponse {
    /// How long the service asks to wait before the next request.
    var requestedDelay: Duration? {
        if let milliseconds = headers["x-oss-qos-delay-time"].flatMap(Int64.init), milliseconds >= 0 {
            return .milliseconds(milliseconds)
        }
        guard let text = headers["Retry-After"] else { return nil }
        // Bounded before it becomes a duration, and by the retry policy after that.
        if let seconds = Double(text), seconds.isFinite { return .seconds(min(max(seconds, 0), 86_400)) }
        // A moment, by the clock of whoever names it.
        guard let moment = HTTPDate.date(from: text), let now = headers["Date"].flatMap(HTTPDate.date(from:)) else {
            return nil
        }
        return .seconds(min(max(moment.timeIntervalSince(now), 0), 86_400))
    }

    /// Why a success must not be believed: the bytes that were sent are not those the service says it has.
    func uploadProblem(for operation: Operation) -> OSSError? {
        let length = operation.body.length
        guard sentLength == length else {
            return OSSError(.connectionLost, "only \(sentLength) of \(length) bytes had been sent when the answer came")
        }
        guard operation.checksumIsOfBody, let stored = headers.objectChecksum, let sentChecksum, stored != sentChecksum
        else { return nil }
        return OSSError(
            .checksumMismatch,
            "the service stored other bytes than were sent: CRC-64 \(stored) there, \(sentChecksum) here")
    }

    /// The error for a range that is not the one that was requested.
    func wrongRange(asked: ByteRangeHeader) -> OSSError {
        let got = headers["Content-Range"]?.onOneLine ?? "no Content-Range"
        return foreign(
            "has another range than was requested: asked for '\(asked.headerValue)', got '\(got)' with \(bodyLength) "
                + "bytes. Try again; if it persists, check any \(Self.between)")
    }
}
