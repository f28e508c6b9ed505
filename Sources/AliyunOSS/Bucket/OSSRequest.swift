/// A request for any operation, to presign (``Bucket/presignedURL(for:expiresIn:)``) or to send
/// (``Bucket/invoke(_:body:upTo:)``).
///
/// ```swift
/// try await bucket.presignedURL(for: .get("report.pdf"), expiresIn: .minutes(15))
/// try await bucket.invoke(OSSRequest("GetBucketQosInfo", .get, query: ["qosInfo": nil]))
/// ```
public struct OSSRequest: Sendable {
    /// Name of the operation, for errors and logs.
    public var operation: String
    /// Method of the request.
    public var method: HTTPMethod
    /// Name of the bucket. Default: the bucket that presigns or sends the request, or no bucket for ``OSSService``.
    public var bucket: String?
    /// Key of the object; `nil` for an operation on the bucket or the service.
    public var key: ObjectKey?
    /// Query parameters, without percent-encoding. A parameter without a value is a bare name: `?acl`.
    public var query: [(name: String, value: String?)]
    /// Header fields. All of them must be sent with a presigned URL.
    public var headers: HTTPHeaders
    /// Whether sending the request twice has the same effect as sending it once. If not, it is not retried after a
    /// lost response. Default: `true` unless the method is POST.
    public var isIdempotent: Bool
    /// Address and signed resource of a request that is not for an ordinary bucket. Default: none.
    public var target: ServiceTarget?

    /// Creates a request.
    public init(
        _ operation: String, _ method: HTTPMethod, bucket: String? = nil, key: ObjectKey? = nil,
        query: KeyValuePairs<String, String?> = [:], headers: HTTPHeaders = [:], isIdempotent: Bool? = nil
    ) {
        self.operation = operation
        self.method = method
        self.bucket = bucket
        self.key = key
        self.query = query.map { ($0.key, $0.value) }
        self.headers = headers
        self.isIdempotent = isIdempotent ?? (method != .post)
    }
}

extension OSSRequest {
    /// Returns a request for the content of an object. (GetObject)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - versionID: ID of the version to read. Default: the current version.
    ///   - query: Further parameters, such as `response-content-disposition` for the name under which a browser saves
    ///     the object. Default: none.
    public static func get(
        _ key: ObjectKey, versionID: String? = nil, query: KeyValuePairs<String, String?> = [:]
    ) -> OSSRequest {
        OSSRequest("GetObject", .get, key: key, query: query).adding("versionId", versionID)
    }

    /// Returns a request for the metadata of an object. (HeadObject)
    public static func head(_ key: ObjectKey, versionID: String? = nil) -> OSSRequest {
        OSSRequest("HeadObject", .head, key: key).adding("versionId", versionID)
    }

    /// Returns a request that stores an object. (PutObject)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - contentType: `Content-Type` header, which must then be sent with a presigned URL. Without it, that header
    ///     must not be sent. Default: none.
    ///   - headers: Further header fields, such as `x-oss-forbid-overwrite`. Default: none.
    public static func put(
        _ key: ObjectKey, contentType: String? = nil, headers: HTTPHeaders = [:]
    ) -> OSSRequest {
        var request = OSSRequest("PutObject", .put, key: key, headers: headers)
        if let contentType { request.headers["Content-Type"] = contentType }
        return request
    }

    /// Returns a request that stores an object with headers, metadata, access control and tags. (PutObject)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for attributes that cannot be stored.
    public static func put(_ key: ObjectKey, attributes: ObjectAttributes) throws(OSSError) -> OSSRequest {
        OSSRequest("PutObject", .put, key: key, headers: try attributes.headers())
    }

    /// Returns a request that deletes an object. (DeleteObject)
    public static func delete(_ key: ObjectKey, versionID: String? = nil) -> OSSRequest {
        OSSRequest("DeleteObject", .delete, key: key).adding("versionId", versionID)
    }

    /// Returns a request that initiates a multipart upload. (InitiateMultipartUpload)
    public static func initiateMultipartUpload(_ key: ObjectKey, headers: HTTPHeaders = [:]) -> OSSRequest {
        OSSRequest("InitiateMultipartUpload", .post, key: key, query: ["uploads": nil], headers: headers)
    }

    /// Returns a request that uploads a part. (UploadPart)
    ///
    /// - Parameters:
    ///   - number: Number of the part, 1 to 10,000.
    ///   - upload: The multipart upload.
    public static func uploadPart(_ number: Int, of upload: MultipartUpload) -> OSSRequest {
        OSSRequest("UploadPart", .put, key: upload.key, query: ["partNumber": String(number)])
            .adding("uploadId", upload.uploadID)
    }

    /// Returns a request that completes a multipart upload. (CompleteMultipartUpload)
    public static func completeMultipartUpload(_ upload: MultipartUpload) -> OSSRequest {
        OSSRequest("CompleteMultipartUpload", .post, key: upload.key, query: ["uploadId": upload.uploadID])
    }

    /// Returns a request that aborts a multipart upload. (AbortMultipartUpload)
    public static func abortMultipartUpload(_ upload: MultipartUpload) -> OSSRequest {
        OSSRequest("AbortMultipartUpload", .delete, key: upload.key, query: ["uploadId": upload.uploadID])
    }

    private func adding(_ name: String, _ value: String?) -> OSSRequest {
        guard let value else { return self }
        var request = self
        request.query.append((name, value))
        return request
    }
}

extension OSSRequest {
    /// The content that a request transfers, and that is verified with its CRC-64.
    enum Content: Equatable {
        /// The body of the request is stored as an object or a part.
        case upload
        /// The body of the response is an object.
        case download
        case none
    }

    /// The content that the request transfers. The method, headers and query decide: the caller chooses the name.
    var content: Content {
        guard key != nil, target == nil, query.allSatisfy({ Self.isNeutral($0.name) }) else { return .none }
        switch method {
        case .put where headers["x-oss-copy-source"] == nil && query.count(where: { Self.isOfPart($0.name) }) != 1:
            return .upload
        case .get where !query.contains(where: { Self.isOfPart($0.name) }): return .download
        default: return .none
        }
    }

    /// Returns whether a query parameter leaves the operation and its content unchanged.
    private static func isNeutral(_ name: String) -> Bool {
        isOfPart(name) || ["versionId", "x-oss-traffic-limit", "x-oss-request-payer"].contains(name)
            || name.hasPrefix("response-") || QueryName.all.contains(name)
    }

    private static func isOfPart(_ name: String) -> Bool { name == "partNumber" || name == "uploadId" }
}
