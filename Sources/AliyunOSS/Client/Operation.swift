/// One OSS operation as data: what to ask, where its bytes come from and go, and what may be done when it fails.
struct Operation: Sendable {
    /// The name OSS gives it: `PutObject`.
    var name: String
    var method: HTTPMethod
    /// The bucket it is about, where that is not the client's own: that of the source of a copy. It is asked at the same
    /// endpoint, with the same credentials.
    var bucket: String?
    /// `nil` for operations on the bucket itself.
    var key: ObjectKey?
    var query: [(name: String, value: String?)] = []
    var headers = HTTPHeaders()
    var body: HTTPBody = .none
    /// Whether the checksum in the response is that of the body that was sent.
    var checksumIsOfBody = false
    var destination: HTTPDestination = .memory(limit: 16 << 20)
    /// How many bytes the answer is expected to bring, where that is known.
    var expectedResponseLength: Int64 = 0
    /// Whether sending it twice has the effect of sending it once. If not, a lost response is final.
    var isIdempotent = true
    /// Whether a success must have an ETag: it stores an object or a part, or describes one. One with a condition must anyway.
    var requiresETag = false
    /// Asks for the stored bytes of an object with a `Content-Encoding`, which Foundation would otherwise decode.
    var wantsStoredEncoding = false
    /// Looks at a successful response. An error with code `checksumMismatch` or `truncatedBody` is worth another attempt.
    var verify: (@Sendable (HTTPResponse) -> OSSError?)?
    /// Says why the body may not be sent once more, if so: a file that has changed since the first attempt.
    var refusesReplay: (@Sendable () -> OSSError?)?
    /// Finds out, after a failure that leaves it open, whether the service did what was asked; `nil` when the failure
    /// leaves nothing open. `isRepeat` says whether the service may have got the request before this attempt.
    var settle: (@Sendable (_ error: OSSError, _ isRepeat: Bool) async throws -> Settlement?)?
    var onProgress: (@Sendable (HTTPProgress) -> Void)?
    /// The bytes that are asked for, when the next attempt may go on where one was cut off. Only for a file as destination.
    var resumption: RangeResumption?

    init(_ name: String, _ method: HTTPMethod, key: ObjectKey? = nil) {
        self.name = name
        self.method = method
        self.key = key
    }

    /// Adds a query parameter unless its value is absent.
    mutating func addQuery(_ name: String, ifPresent value: String?) {
        guard let value else { return }
        query.append((name, value))
    }
}

extension Operation {
    /// The HeadObject request for the same object under the same conditions.
    var asHead: Operation {
        var head = Operation("HeadObject", .head, key: key)
        head.bucket = bucket
        head.query = query
        head.headers = headers
        head.headers["Range"] = nil
        head.headers["x-oss-range-behavior"] = nil
        head.requiresETag = true
        return head
    }
}

/// What became of a write whose own answer was lost or cannot be believed.
enum Settlement: Sendable {
    /// It was done. The response is the one that proves it, and stands in for the write's own.
    case stored(HTTPResponse)
    /// It was not done: sending it again is safe.
    case notStored
}

extension Operation {
    private static let contentNames: Set = ["PutObject", "GetObject", "AppendObject", "UploadPart", "PostObject"]
    private static let copyNames: Set = ["CopyObject", "UploadPartCopy"]

    /// Whether it moves the bytes of an object between here and the service.
    var movesContent: Bool { Self.contentNames.contains(name) }

    /// Whether the service takes `x-oss-traffic-limit` with it. It refuses one that is given twice.
    var acceptsTrafficLimit: Bool {
        let header = "x-oss-traffic-limit"
        return (movesContent || Self.copyNames.contains(name)) && headers[header] == nil
            && !query.contains { $0.name == header }
    }

    /// How many bytes it will move in both directions, as far as that is known beforehand.
    var expectedLength: Int64 { body.length + expectedResponseLength }
}
