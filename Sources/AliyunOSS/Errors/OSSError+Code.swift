extension OSSError {
    /// A kind of failure. The type is a struct instead of an enum so that adding a kind does not break existing
    /// switches.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// Name of the code.
        public var rawValue: String

        /// Creates a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Name of the code.
        public var description: String { rawValue }

        /// The object, bucket, upload or version does not exist.
        public static let notFound = Code(rawValue: "notFound")
        /// The credentials are unknown, wrong or expired, or do not permit the operation.
        public static let accessDenied = Code(rawValue: "accessDenied")
        /// An `If-Match` or `If-Unmodified-Since` condition did not hold, because the object is not the expected one.
        public static let preconditionFailed = Code(rawValue: "preconditionFailed")
        /// An `If-None-Match` or `If-Modified-Since` condition did not hold, because the caller already has the current
        /// content.
        public static let notModified = Code(rawValue: "notModified")
        /// The object or bucket already exists and must not be overwritten.
        public static let alreadyExists = Code(rawValue: "alreadyExists")
        /// The append position is not the end of the object. ``OSSError/ServiceError/nextAppendPosition`` is the end of
        /// the object, if the service reported it.
        public static let positionMismatch = Code(rawValue: "positionMismatch")
        /// The service throttled the request and retries were exhausted.
        public static let throttled = Code(rawValue: "throttled")
        /// The service failed (5xx) and retries were exhausted.
        public static let serviceUnavailable = Code(rawValue: "serviceUnavailable")
        /// The service refused the request for a reason without a code of its own; see ``OSSError/serviceError``.
        public static let refused = Code(rawValue: "refused")
        /// No connection could be established, for example because the endpoint is wrong or there is no network.
        public static let connectionFailed = Code(rawValue: "connectionFailed")
        /// The connection ended before the response was complete.
        public static let connectionLost = Code(rawValue: "connectionLost")
        /// A timeout or the deadline of the call expired.
        public static let timedOut = Code(rawValue: "timedOut")
        /// The received bytes differ from the sent bytes, according to their CRC-64 or MD5.
        public static let checksumMismatch = Code(rawValue: "checksumMismatch")
        /// This machine's clock is off by more than 15 minutes, and the time could not be corrected using the service's
        /// clock.
        public static let clockSkewed = Code(rawValue: "clockSkewed")
        /// The range lies outside the object.
        public static let invalidRange = Code(rawValue: "invalidRange")
        /// Fewer bytes arrived than the response announced.
        public static let truncatedBody = Code(rawValue: "truncatedBody")
        /// The response did not come from OSS. The endpoint is wrong, or an intermediate proxy sent the response.
        public static let invalidResponse = Code(rawValue: "invalidResponse")
        /// The body is larger than the limit for content in memory.
        public static let bodyTooLarge = Code(rawValue: "bodyTooLarge")
        /// The file or object changed while it was being read. Upload or copy it again. An upload leaves no visible
        /// object, except that `putObject` may have stored the old content if the file changed after its last byte was
        /// read.
        public static let sourceChanged = Code(rawValue: "sourceChanged")
        /// A listed file or object no longer existed when its transfer started.
        public static let vanished = Code(rawValue: "vanished")
        /// Another program changed the destination file of a download, so the download did not replace the file.
        public static let destinationChanged = Code(rawValue: "destinationChanged")
        /// An argument, such as a bucket name, a key, a range or an endpoint, is invalid.
        public static let invalidArgument = Code(rawValue: "invalidArgument")
        /// No credentials are available, or the credentials provider failed.
        public static let credentialsUnavailable = Code(rawValue: "credentialsUnavailable")
        /// A local file could not be opened, read, written or renamed.
        public static let fileSystem = Code(rawValue: "fileSystem")
        /// The object cannot be saved as a local file, because its key contains `..` or NUL, is an absolute path, or
        /// clashes with another key.
        public static let unsafeKey = Code(rawValue: "unsafeKey")
        /// The local name is not a valid key, because it is not valid UTF-8.
        public static let unrepresentableName = Code(rawValue: "unrepresentableName")
        /// The deletion was refused because it would have exceeded the limits or was based on an incomplete listing.
        public static let deletionRefused = Code(rawValue: "deletionRefused")
        /// The bucket was shut down with ``Bucket/shutDown()``.
        public static let shutDown = Code(rawValue: "shutDown")
    }

    /// An error response from the service.
    public struct ServiceError: Sendable {
        /// HTTP status code.
        public var status: Int
        /// Error code of the service, such as `NoSuchKey`; empty if the response contains none.
        public var code: String
        /// Message from the service.
        public var message: String
        /// ID of the request. Aliyun support asks for it.
        public var requestID: String?
        /// Diagnostic code (EC), such as `0026-00000001`. See https://api.aliyun.com/troubleshoot
        public var diagnosticCode: String?
        /// Other elements of the response, keyed by name. Only elements that are known to contain no secrets are
        /// included, such as `HostId`, `Endpoint`, `ArgumentName`, `StringToSign` and `CanonicalRequest`. A security
        /// token in the last two is redacted.
        public var details: [String: String]
        /// Size of the appendable object in bytes; `nil` if the response does not report it. A response with
        /// ``Code/positionMismatch`` usually does. (Header `x-oss-next-append-position`, `NextAppendPosition` in
        /// ``details``.)
        public var nextAppendPosition: Int64? { details["NextAppendPosition"].flatMap(Int64.init) }

        /// Creates an error response.
        public init(
            status: Int, code: String, message: String, requestID: String? = nil, diagnosticCode: String? = nil,
            details: [String: String] = [:]
        ) {
            self.status = status
            self.code = code
            self.message = message
            self.requestID = requestID
            self.diagnosticCode = diagnosticCode
            self.details = details
        }
    }
}
