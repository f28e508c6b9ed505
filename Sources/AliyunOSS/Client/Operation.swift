import Foundation
import OSSPrimitives

/// A description of an OSS operation, consisting of its request, checks of its response, and rules for retrying it.
struct Operation: Sendable {
    /// Name of the OSS operation, such as `PutObject`.
    var name: String
    var method: HTTPMethod
    /// Bucket of the operation if it differs from the client's bucket, such as the source of a copy; otherwise, `nil`.
    /// The endpoint and the credentials are those of the client.
    var bucket: String?
    /// Key of the object; `nil` for operations on the bucket.
    var key: ObjectKey?
    /// The host, path and signed resource of a request that is not for a bucket of OSS; otherwise, `nil`.
    var target: ServiceTarget?
    /// The presigned URL, to which the request is sent without any other signature; `nil` for a request that the client
    /// signs.
    var url: String?
    var query: [(name: String, value: String?)] = []
    var headers = HTTPHeaders()
    var body: HTTPBody = .none
    /// Whether the CRC-64 in the response must match the body that was sent.
    var checksumIsOfBody = false
    var destination: HTTPDestination = .memory(limit: 16 << 20)
    /// Number of bytes to buffer in memory if the body is to be read while it is being received; otherwise, `nil`. If the
    /// transport supports that, the response has a ``HTTPResponse/stream``. A file as the destination is the buffer.
    var streamCapacity: Int?
    /// Expected number of bytes in the response, or 0 if unknown.
    var expectedResponseLength: Int64 = 0
    /// Whether any status from 200 to 299 shows success. Otherwise, ``successStatuses`` do.
    var acceptsAnySuccess = false
    /// Whether sending the request twice has the same effect as sending it once. If not, the request is not retried
    /// after a lost response.
    var isIdempotent = true
    /// Whether a successful response must have an ETag. A response to a request with `If-Match` must always have one.
    var requiresETag = false
    /// Whether the response to a successful request must have an ETag or a checksum. A proxy may remove one of them, but
    /// the page of another server has neither.
    var requiresETagOrChecksum = false
    /// Whether to override `Content-Encoding` to keep Foundation from decoding the stored bytes.
    var wantsStoredEncoding = false
    /// A closure that returns an error if a successful response is invalid; otherwise, `nil`. After an error with code
    /// `checksumMismatch` or `truncatedBody`, the request is retried.
    var verify: (@Sendable (HTTPResponse) -> OSSError?)?
    /// A closure that returns an error if the body must not be sent again because its file has changed; otherwise,
    /// `nil`.
    var refusesReplay: (@Sendable () -> OSSError?)?
    /// A closure that determines the outcome of a request whose response was lost, or returns `nil` if the error itself
    /// shows the outcome. `isRepeat` indicates whether the service may have received the request before this attempt.
    var settle: (@Sendable (_ error: OSSError, _ isRepeat: Bool) async throws -> Settlement?)?
    var onProgress: (@Sendable (HTTPProgress) -> Void)?
    /// The requested range if a retry may resume a truncated response; otherwise, `nil`. Applies only if the
    /// destination is a file.
    var resumption: RangeResumption?

    init(_ name: String, _ method: HTTPMethod, key: ObjectKey? = nil) {
        self.name = name
        self.method = method
        self.key = key
    }

    /// Sets the body to a document, with its type and its MD5.
    ///
    /// Every document has a `Content-MD5`, which the service compares with the body: the service requires it for
    /// DeleteMultipleObjects, and Aliyun's clients send it with the others. Requests with the content of objects have
    /// none, because the CRC-64 in the response is compared, without reading the content twice. Requests without a body
    /// have none, although Aliyun's client for Go sends the MD5 of no bytes: it protects nothing, and no operation
    /// requires it.
    mutating func setBody(_ data: Data, type: String) {
        headers["Content-Type"] = type
        headers["Content-MD5"] = Data(MD5.hash(data)).base64EncodedString()
        body = .data(data)
    }

    /// Adds a query parameter unless its value is `nil`.
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
    /// The write succeeded, as the given response to another request proves.
    case stored(HTTPResponse)
    /// The write did not take place, so sending the request again is safe.
    case notStored
}

extension Operation {
    private static let contentNames: Set = ["PutObject", "GetObject", "AppendObject", "UploadPart", "PostObject"]
    private static let copyNames: Set = ["CopyObject", "UploadPartCopy"]

    /// Whether the operation transfers the content of an object.
    var movesContent: Bool { Self.contentNames.contains(name) }

    /// Whether `x-oss-traffic-limit` can be added to the request. The service refuses a request that contains it twice.
    var acceptsTrafficLimit: Bool {
        let header = "x-oss-traffic-limit"
        return (movesContent || Self.copyNames.contains(name)) && headers[header] == nil
            && !query.contains { $0.name == header }
    }

    /// Expected number of bytes to send and receive, combined.
    var expectedLength: Int64 { body.length + expectedResponseLength }
}
