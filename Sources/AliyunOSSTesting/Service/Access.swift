import OSSPrimitives

/// Functions that authorize requests on a server that has access keys.
enum Access {
    /// Verifies a request's signature, or the permissions of an anonymous request, and checks who pays for the request.
    ///
    /// The service checks that the bucket exists before it checks the key, so an unknown sender learns that a bucket
    /// does not exist.
    ///
    /// - Parameter recordVerdict: A closure that receives the verdict on the signature.
    static func check(
        _ request: ServiceRequest, _ checker: SignatureChecker, _ service: Service,
        recordVerdict: (SignatureVerdict) -> Void
    ) throws(ServiceError) {
        do throws(ServiceError) {
            let identity = try checker.recordVerdict(of: SignatureScheme(request), recordVerdict) {
                () throws(ServiceError) in try checker.verify(request)
            }
            if identity == .anonymous { try checkAnonymous(request, service) }
            if !checker.isOwner(identity) { try checkPayer(request, payer: request.header(payer), service) }
        } catch {
            guard refusedSenders.contains(error.code), let name = missingBucket(request, service) else { throw error }
            throw .noSuchBucket(name)
        }
    }

    /// Codes of the errors that report a problem with the sender's access key.
    private static let refusedSenders: Set<String> = [
        "AccessKeyIdAndSecurityTokenNotMatch", "InvalidAccessKeyId", "InvalidSecurityToken", "SecurityTokenExpired",
        "SignatureDoesNotMatch",
    ]

    /// Returns the name of the bucket that the request needs, or `nil` if that bucket exists.
    private static func missingBucket(_ request: ServiceRequest, _ service: Service) -> String? {
        // These operations need no bucket: the service treats a PutBucketAcl to a missing bucket as a PutBucket.
        guard request.operation != .putBucket, request.operation != .putBucketACL else { return nil }
        return request.bucket.flatMap { service.store.bucket($0) == nil ? $0 : nil }
    }

    private static func checkAnonymous(_ request: ServiceRequest, _ service: Service) throws(ServiceError) {
        if let name = missingBucket(request, service) { throw .noSuchBucket(name) }
        guard let bucket = request.bucket.flatMap({ service.store.bucket($0) }),
            !service.blocksPublicAccess(bucket.properties)
        else {
            throw .accessDenied("Anonymous access is forbidden for this operation.")
        }
        var acl = bucket.properties.acl
        let version = request.query["versionId"].flatMap { $0.isEmpty ? nil : $0 }
        if let key = request.key, let object = bucket.version(version, of: Array(key.utf8)),
            object.attributes.acl != "default"
        {
            acl = object.attributes.acl
        }
        let isAllowed =
            switch request.operation {
            case .getObject, .headObject, .getObjectMeta, .getSymlink: acl != "private"
            case .listObjects, .listObjectsV2: bucket.properties.acl != "private"
            case .putObject, .deleteObject, .appendObject, .sealAppendObject, .initiateMultipartUpload, .uploadPart,
                .completeMultipartUpload, .abortMultipartUpload, .listParts:
                acl == "public-read-write"
            default: false
            }
        guard isAllowed else { throw .accessDenied("You have no right to access this object because of bucket acl.") }
        if request.query.items.contains(where: { $0.name.hasPrefix("response-") }) {
            throw ServiceError(
                status: 400, code: "InvalidRequest",
                message: "Request specific response headers cannot be used for anonymous GET requests.",
                ec: "0002-00000064")
        }
    }

    /// Throws an error if the bucket is a requester-pays bucket and the request does not accept the costs. Call this
    /// method only for requests from accounts that do not own the bucket.
    ///
    /// - Parameter payer: Payer from a header or a form field; `nil` to use the query.
    static func checkPayer(
        _ request: ServiceRequest, payer: String?, _ service: Service
    ) throws(ServiceError) {
        guard let bucket = request.bucket.flatMap({ service.store.bucket($0) }),
            bucket.properties.tree("requestPayment")?.text("Payer") == "Requester",
            payer ?? request.query[Self.payer] != "requester"
        else { return }
        throw .accessDenied("Access denied for requester pay bucket", ec: "0003-00000703")
    }

    static let payer = "x-oss-request-payer"
}
