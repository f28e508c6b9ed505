import AliyunOSS
import Foundation

/// The service that handles requests, using the server's store. Extensions implement the operations; this file
/// dispatches requests.
struct Service: Sendable {
    let store: MockObjectStore
    let region: String
    let port: UInt16
    /// Hosts to which callbacks can be sent.
    let callbackHosts: Set<String>
    let maximumBuckets: Int
    /// Whether new buckets block public access.
    let blocksPublicAccess: Bool
    /// Whether ETags are the MD5 of the content.
    let computesMD5: Bool
    /// Handlers for operations that are not implemented.
    let handlers: ProcessHandlers
    /// Bucket names, keyed by custom host.
    let cnames: [String: String]

    static let ownerID = "1234567890123456"

    func perform(_ request: ServiceRequest) throws(ServiceError) -> ServiceResponse {
        do {
            if request.operation.movesBytes { try TrafficLimit.check(request) }
            try Self.checkDocumentDigest(request)
            return switch request.operation {
            case .listBuckets: try listBuckets(request)
            case .putBucket: try putBucket(request)
            case .deleteBucket: try deleteBucket(request)
            case .getBucketInfo: try bucketInfo(request)
            case .getBucketLocation: try bucketLocation(request)
            case .getBucketACL: try bucketACL(request)
            case .putBucketACL: try putBucketACL(request)
            case .listObjects: try listObjects(request)
            case .listObjectsV2: try listObjectsV2(request)
            case .deleteMultipleObjects: try deleteMultipleObjects(request)
            case .putObject: try callingBack(request) { try putObject(request) }
            case .getObject, .headObject: try getObject(request)
            case .getObjectMeta: try objectMeta(request)
            case .copyObject: try copyObject(request)
            case .deleteObject: try deleteObject(request)
            case .getObjectACL: try objectACL(request)
            case .putObjectACL: try putObjectACL(request)
            case .putBucketVersioning: try putBucketVersioning(request)
            case .getBucketVersioning: try bucketVersioning(request)
            case .listObjectVersions: try listObjectVersions(request)
            case .listLiveChannels: try listLiveChannels(request)
            case .putObjectTagging: try putObjectTagging(request)
            case .getObjectTagging: try objectTagging(request)
            case .deleteObjectTagging: try deleteObjectTagging(request)
            case .putSymlink: try putSymlink(request)
            case .getSymlink: try symlink(request)
            case .restoreObject: try restoreObject(request)
            case .cleanRestoredObject: try cleanRestoredObject(request)
            case .putObjectRetention: try putObjectRetention(request)
            case .getObjectRetention: try objectRetention(request)
            case .putObjectLegalHold: try putObjectLegalHold(request)
            case .getObjectLegalHold: try objectLegalHold(request)
            case .initiateMultipartUpload: try initiateMultipartUpload(request)
            case .uploadPart: try uploadPart(request)
            case .uploadPartCopy: try uploadPartCopy(request)
            case .completeMultipartUpload: try callingBack(request) { try completeMultipartUpload(request) }
            case .abortMultipartUpload: try abortMultipartUpload(request)
            case .listParts: try listParts(request)
            case .listMultipartUploads: try listMultipartUploads(request)
            case .appendObject: try appendObject(request)
            case .sealAppendObject: try sealAppendObject(request)
            case .postObject: try postObject(request)
            case .optionObject: try optionObject(request)
            case .bucketAction, .serviceAction: try action(request)
            case .unsupported: try process(request)
            case .notAllowed: throw ServiceError.methodNotAllowed(request.method)
            }
        } catch let error as ServiceError {
            throw error
        } catch {
            throw .internalError(error)
        }
    }

    private func action(_ request: ServiceRequest) throws -> ServiceResponse {
        guard let action = request.action else { throw ServiceError.notImplemented(request.operationName) }
        return try action.perform(self, request)
    }

    /// Returns the bucket that the request names.
    func bucket(_ request: ServiceRequest) throws(ServiceError) -> MockBucket {
        let name = request.bucket ?? ""
        guard let bucket = store.bucket(name) else { throw .noSuchBucket(name) }
        return bucket
    }

    /// Returns the key that the request names.
    func key(_ request: ServiceRequest) throws(ServiceError) -> [UInt8] {
        try Self.validKey(request.key ?? "")
    }

    static func validKey(_ key: String) throws(ServiceError) -> [UInt8] {
        let bytes = Array(key.utf8)
        guard (1...1023).contains(bytes.count), bytes.first != UInt8(ascii: "/"), bytes.first != UInt8(ascii: "\\")
        else {
            throw ServiceError(
                status: 400, code: "InvalidObjectName", message: "The specified object is not valid.",
                ec: "0016-00000101", details: [("ObjectName", key)])
        }
        return bytes
    }

    /// Returns the time rounded down to whole seconds, the precision of object times.
    static func wholeSeconds(_ date: Date) -> Date {
        Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
    }
}
