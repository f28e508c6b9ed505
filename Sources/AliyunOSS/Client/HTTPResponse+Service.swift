extension HTTPHeaders {
    /// CRC-64 of the whole object, as the service computed it. Objects from before the service had it carry none.
    var objectChecksum: UInt64? { self["x-oss-hash-crc64ecma"].flatMap(UInt64.init) }

    /// The entity tag without its quotes.
    var eTag: String? {
        self["ETag"].map {
            $0.hasPrefix("\"") && $0.hasSuffix("\"") && $0.count >= 2 ? String($0.dropFirst().dropLast()) : $0
        }
    }
}

extension HTTPResponse {
    /// How long the service asks to wait before the next request.
    var requestedDelay: Duration? {
        if let milliseconds = headers["x-oss-qos-delay-time"].flatMap(Int64.init), milliseconds >= 0 {
            return .milliseconds(milliseconds)
        }
        if let seconds = headers["Retry-After"].flatMap(Int64.init), (0...86_400).contains(seconds) {
            return .seconds(seconds)
        }
        return nil
    }

    /// Why a success must not be believed: the bytes that were sent are not those the service says it has.
    func uploadProblem(for operation: Operation) -> OSSError? {
        let length = operation.body.length
        guard sentLength == length else {
            return OSSError(.connectionLost, "only \(sentLength) of \(length) bytes had been sent when the answer came")
        }
        guard length > 0, let stored = headers.objectChecksum, stored != sentChecksum else { return nil }
        return OSSError(
            .checksumMismatch,
            "the service stored other bytes than were sent: CRC-64 \(stored) there, \(sentChecksum) here")
    }
}
