import OSSPrimitives

/// What a request without credentials may do on a server that has access keys.
enum Access {
    static func checkAnonymous(_ request: ServiceRequest, _ service: Service) throws(ServiceError) {
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
    static func checkPayer(_ request: ServiceRequest, _ service: Service) throws(ServiceError) {
        guard let bucket = request.bucket.flatMap({ service.store.bucket($0) }),
            service.tree("requestPayment", of: bucket.properties)?.text("Payer") == "Requester",
            request.header(payer) ?? request.query[payer] != "requester"
        else { return }
        throw .accessDenied("Access denied for requester pay bucket", ec: "0003-00000703")
    }

    private static let payer = "x-oss-request-payer"
}
