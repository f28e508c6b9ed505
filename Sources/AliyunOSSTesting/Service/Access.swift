import OSSPrimitives

/// Who may do what on a server that has access keys.
enum Access {
    /// Checks the signature or, without one, whether everybody may do this, and who pays for it.
    ///
    /// The service looks for the bucket before it looks for the key: who is nobody to it still learns that there is no
    /// such bucket.
    static func check(
        _ request: ServiceRequest, _ checker: SignatureChecker, _ service: Service
    ) throws(ServiceError) {
        do throws(ServiceError) {
            let identity = try checker.verify(request)
            if identity == .anonymous { try checkAnonymous(request, service) }
            if !checker.isOwner(identity) { try checkPayer(request, says: request.header(payer), service) }
        } catch {
            guard refusedSenders.contains(error.code), let name = missingBucket(request, service) else { throw error }
            throw .noSuchBucket(name)
        }
    }

    /// What is found out about a sender with a key.
    private static let refusedSenders: Set<String> = [
        "AccessKeyIdAndSecurityTokenNotMatch", "InvalidAccessKeyId", "InvalidSecurityToken", "SecurityTokenExpired",
        "SignatureDoesNotMatch",
    ]

    /// The bucket that a request needs and that does not exist.
    private static func missingBucket(_ request: ServiceRequest, _ service: Service) -> String? {
        // These need none: the service takes a PutBucketAcl for a PutBucket.
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

    /// Where the requester pays, strangers must say that they know.
    ///
    /// - Parameter payer: Who pays, as a header or a field of a form says; `nil` leaves it to the query.
    static func checkPayer(
        _ request: ServiceRequest, says payer: String?, _ service: Service
    ) throws(ServiceError) {
        guard let bucket = request.bucket.flatMap({ service.store.bucket($0) }),
            service.tree("requestPayment", of: bucket.properties)?.text("Payer") == "Requester",
            payer ?? request.query[Self.payer] != "requester"
        else { return }
        throw .accessDenied("Access denied for requester pay bucket", ec: "0003-00000703")
    }

    static let payer = "x-oss-request-payer"
}
