extension OSSError {
    /// The kinds of failure. A struct and not an enum, so that a new kind does not break code that switches over it.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind.
        public var rawValue: String

        /// Makes a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The name of the kind.
        public var description: String { rawValue }

        /// The object, bucket, upload or version does not exist.
        public static let notFound = Code(rawValue: "notFound")
        /// The credentials are unknown, wrong, expired, or do not permit this.
        public static let accessDenied = Code(rawValue: "accessDenied")
        /// An `If-Match` or `If-Unmodified-Since` condition did not hold: the object is not the one expected.
        public static let preconditionFailed = Code(rawValue: "preconditionFailed")
        /// An `If-None-Match` or `If-Modified-Since` condition says that the caller has the current content.
        public static let notModified = Code(rawValue: "notModified")
        /// The object or bucket exists and must not be overwritten.
        public static let alreadyExists = Code(rawValue: "alreadyExists")
        /// The object does not end where this was to be appended: something else was appended, or this was already. Where
        /// it ends is ``OSSError/ServiceError/nextAppendPosition``, if the service said so.
        public static let positionMismatch = Code(rawValue: "positionMismatch")
        /// The service asks for fewer requests, and kept asking through every attempt.
        public static let throttled = Code(rawValue: "throttled")
        /// The service failed (5xx) through every attempt.
        public static let serviceUnavailable = Code(rawValue: "serviceUnavailable")
        /// The service refused for a reason that has no code of its own here: see ``OSSError/response``.
        public static let refused = Code(rawValue: "refused")
        /// No connection could be made: wrong endpoint, no network, name not found.
        public static let connectionFailed = Code(rawValue: "connectionFailed")
        /// The connection ended before the answer was complete.
        public static let connectionLost = Code(rawValue: "connectionLost")
        /// Nothing moved for too long, or the time for the whole request ran out.
        public static let timedOut = Code(rawValue: "timedOut")
        /// The bytes that arrived are not the bytes that were sent (CRC-64 or MD5).
        public static let checksumMismatch = Code(rawValue: "checksumMismatch")
        /// This machine's clock is wrong by more than 15 minutes, even after the correction learned from the service.
        public static let clockSkewed = Code(rawValue: "clockSkewed")
        /// The range lies outside the object.
        public static let invalidRange = Code(rawValue: "invalidRange")
        /// Fewer bytes arrived than the answer announced.
        public static let truncatedBody = Code(rawValue: "truncatedBody")
        /// The answer is not one that the service would give: usually not an OSS endpoint, or a proxy in between.
        public static let invalidResponse = Code(rawValue: "invalidResponse")
        /// The body is larger than the caller was ready to hold in memory.
        public static let bodyTooLarge = Code(rawValue: "bodyTooLarge")
        /// The file, or the object that is copied, changed while it was being read. What `putObject` stored of such a file
        /// may be a mixture; nothing else becomes visible. Upload or copy it again.
        public static let sourceChanged = Code(rawValue: "sourceChanged")
        /// A file or object that was there when the folder or bucket was listed was gone when its turn came.
        public static let vanished = Code(rawValue: "vanished")
        /// The file that a download was to replace was changed while it ran: it is somebody's work, and it stays.
        public static let destinationChanged = Code(rawValue: "destinationChanged")
        /// An argument cannot be right: a bucket name, a key, a range, an endpoint.
        public static let invalidArgument = Code(rawValue: "invalidArgument")
        /// There are no credentials, or their provider failed.
        public static let credentialsUnavailable = Code(rawValue: "credentialsUnavailable")
        /// A local file could not be opened, read, written or renamed.
        public static let fileSystem = Code(rawValue: "fileSystem")
        /// A key that must not become a local path: `..`, absolute, NUL, or one that clashes with another.
        public static let unsafeKey = Code(rawValue: "unsafeKey")
        /// A local name that cannot be a key because it is not UTF-8.
        public static let unrepresentableName = Code(rawValue: "unrepresentableName")
        /// Deleting was refused because it would remove more than was allowed, or on an incomplete view.
        public static let deletionRefused = Code(rawValue: "deletionRefused")
        /// The bucket was shut down.
        public static let shutDown = Code(rawValue: "shutDown")
    }

    /// What the service answered.
    public struct ServiceError: Sendable {
        /// The HTTP status.
        public var status: Int
        /// The service's own code: `NoSuchKey`. Empty when the answer carried none.
        public var code: String
        /// The service's own message.
        public var message: String
        /// The request id that Aliyun's support asks for.
        public var requestID: String?
        /// The service's diagnostic code (EC): `0026-00000001`. See https://api.aliyun.com/troubleshoot
        public var diagnosticCode: String?
        /// The other elements of the answer by name, as far as they are known to hold no secret: `HostId`, `Endpoint`,
        /// `ArgumentName`, `StringToSign`, `CanonicalRequest` and the like. A security token in the last two is replaced by
        /// `redacted`.
        public var details: [String: String]
        /// Where an appendable object ends, in bytes, when the answer said so: with ``Code/positionMismatch``. (It is the
        /// header `x-oss-next-append-position`, and in ``details`` as `NextAppendPosition`.)
        public var nextAppendPosition: Int64? { details["NextAppendPosition"].flatMap(Int64.init) }

        /// Makes a response.
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
