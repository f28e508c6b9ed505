/// An OSS operation: its request, the checks of its response and its retries.
struct Operation: Sendable {
    /// Name of the OSS operation: `PutObject`.
    var name: String
    var method: HTTPMethod
    /// Bucket of the operation if it is not that of the client: the source of a copy. The endpoint and the credentials are
    /// those of the client.
    var bucket: String?
    /// Key of the object; `nil` for operations on the bucket.
    var key: ObjectKey?
    var query: [(name: String, value: String?)] = []
    var headers = HTTPHeaders()
    var body: HTTPBody = .none
    /// Whether the CRC-64 in the response is that of the sent body.
    var checksumIsOfBody = false
    var destination: HTTPDestination = .memory(limit: 16 << 20)
    /// Expected number of bytes of the response, if known.
    var expectedResponseLength: Int64 = 0
    /// Whether sending the request twice has the effect of sending it once. If not, a lost response is final.
    var isIdempotent = true
    /// Whether a success must have an ETag. A response to a request with `If-Match` must always have one.
    var requiresETag = false
    /// Whether to override `Content-Encoding`, so that Foundation does not decode the stored bytes.
    var wantsStoredEncoding = false
    /// Checks a successful response. An error with code `checksumMismatch` or `truncatedBody` is retried.
    var verify: (@Sendable (HTTPResponse) -> OSSError?)?
    /// Returns an error if the body must not be sent again, because its file has changed.
    var refusesReplay: (@Sendable () -> OSSError?)?
    /// Determines the outcome of a request whose response was lost; `nil` if the error itself shows the outcome. `isRepeat`
    /// indicates whether the service may have received the request before this attempt.
    var settle: (@Sendable (_ error: OSSError, _ isRepeat: Bool) async throws -> Settlement?)?
    var onProgress: (@Sendable (HTTPProgress) -> Void)?
    /// The requested range, if a retry may resume a response that was cut off. Only for a file as destination.
    var resumption: RangeResumption?

    init(_ name: String, _ method: HTTPMethod, key: ObjectKey? = nil) {
        self.name = name
        self.method = method
        self.key = key
    }

    /// Adds a query parameter if it has a value.
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

/// The outcome of a write whose response was lost or is invalid.
enum Settlement: Sendable {
    /// The write was done, as the given response to another request proves.
    case stored(HTTPResponse)
    /// The write was not done: sending the request again is safe.
    case notStored
}

extension Operation {
    private static let contentNames: Set = ["PutObject", "GetObject", "AppendObject", "UploadPart", "PostObject"]
    private static let copyNames: Set = ["CopyObject", "UploadPartCopy"]

    /// Whether the operation transfers the content of an object.
    var movesContent: Bool { Self.contentNames.contains(name) }

    /// Whether the service accepts `x-oss-traffic-limit` with the operation. The service refuses a second one.
    var acceptsTrafficLimit: Bool {
        let header = "x-oss-traffic-limit"
        return (movesContent || Self.copyNames.contains(name)) && headers[header] == nil
            && !query.contains { $0.name == header }
    }

    /// Expected number of bytes in both directions.
    var expectedLength: Int64 { body.length + expectedResponseLength }
}
