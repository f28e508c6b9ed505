import Foundation
import OSSPrimitives

/// An error response of the service.
struct ServiceError: Error {
    var status: Int
    var code: String
    var message: String
    /// Error number (EC) in the service's documentation, such as `0003-00001701`.
    var ec: String?
    /// XML elements that are specific to the error, such as `Key`.
    var details: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
}

extension ServiceError {
    static func noSuchBucket(_ name: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchBucket", message: "The specified bucket does not exist.", ec: "0015-00000101",
            details: [("BucketName", name)])
    }

    static func bucketAlreadyExists(_ name: String) -> ServiceError {
        ServiceError(
            status: 409, code: "BucketAlreadyExists",
            message: "The requested bucket name is not available. The bucket namespace is shared by all users of the "
                + "system. Please select a different name and try again.",
            ec: "0015-00000104", details: [("BucketName", name)])
    }

    static func noSuchKey(_ key: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchKey", message: "The specified key does not exist.", ec: "0026-00000001",
            details: [("Key", key)])
    }

    static func invalidArgument(_ message: String, name: String, value: String, ec: String? = nil) -> ServiceError {
        ServiceError(
            status: 400, code: "InvalidArgument", message: message, ec: ec ?? "0002-00000200",
            details: [("ArgumentName", name), ("ArgumentValue", value)])
    }

    static func accessDenied(_ message: String, ec: String = "0003-00000001") -> ServiceError {
        ServiceError(status: 403, code: "AccessDenied", message: message, ec: ec)
    }

    static func notImplemented(header: String) -> ServiceError {
        ServiceError(
            status: 400, code: "NotImplemented",
            message: "A header you provided implies functionality that is not implemented.", ec: "0002-00000801",
            details: [("Header", header)])
    }

    static func notImplemented(_ operation: String) -> ServiceError {
        ServiceError(
            status: 400, code: "NotImplemented",
            message: "This mock server does not implement \(operation): register a handler with "
                + "MockOSSServer.process or a response with POST /-/process.",
            ec: "0002-00000802")
    }

    static func methodNotAllowed(_ method: String) -> ServiceError {
        ServiceError(
            status: 405, code: "MethodNotAllowed",
            message: "The specified method is not allowed against this resource.", ec: "0002-00000803",
            details: [("Method", method), ("ResourceType", "Object")])
    }

    static let tooManyRequests = ServiceError(
        status: 503, code: "TotalQpsLimitExceeded", message: "Please reduce your request rate.", ec: "0004-00000302")

    static let malformedXML = ServiceError(
        status: 400, code: "MalformedXML",
        message: "The XML you provided was not well-formed or did not validate against our published schema.",
        ec: "0031-00000001")

    static let invalidDigest = ServiceError(
        status: 400, code: "InvalidDigest", message: "The Content-MD5 you specified was invalid.", ec: "0016-00000301")

    static let incompleteBody = ServiceError(
        status: 400, code: "IncompleteBody", message: "The request body is incomplete.")

    static let entityTooLarge = ServiceError(
        status: 400, code: "EntityTooLarge", message: "Your proposed upload exceeds the maximum allowed size.",
        ec: "0017-00000802")

    static let fileAlreadyExists = ServiceError(
        status: 409, code: "FileAlreadyExists",
        message: "The object you specified already exists and can not be overwritten.", ec: "0026-00000002")

    static func preconditionFailed(_ condition: String) -> ServiceError {
        ServiceError(
            status: 412, code: "PreconditionFailed",
            message: "At least one of the pre-conditions you specified did not hold.", ec: "0026-00000004",
            details: [("Condition", condition)])
    }

    static func internalError(_ cause: any Error) -> ServiceError {
        ServiceError(
            status: 500, code: "InternalError",
            message: "Please contact the server administrator, oss@service.aliyun.com.", ec: "0001-00000001",
            details: [("Detail", "\(cause)")])
    }
}

extension ServiceError {
    /// Returns the response that reports the error. A response to HEAD contains the XML in a header.
    func response(requestID: String, hostID: String, isHead: Bool) -> ServiceResponse {
        var xml = XMLWriter(root: "Error")
        xml.element("Code", code)
        xml.element("Message", message)
        xml.element("RequestId", requestID)
        xml.element("HostId", hostID)
        for detail in details { xml.element(detail.name, detail.value) }
        if let ec {
            xml.element("EC", ec)
            xml.element("RecommendDoc", "https://api.aliyun.com/troubleshoot?q=\(ec)")
        }
        let body = xml.finish()
        var response = ServiceResponse(status: status, headers: headers)
        if let ec { response.add("x-oss-ec", ec) }
        if isHead {
            response.add("x-oss-err", body.base64EncodedString())
        } else {
            response.add("Content-Type", "application/xml")
            response.body = .data(body)
        }
        return response
    }
}

/// Errors that concern versions, symlinks, archived objects and tags.
extension ServiceError {
    static func noSuchVersion(_ key: String, _ id: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchVersion", message: "The specified version does not exist.", ec: "0026-00000005",
            details: [("Key", key), ("VersionId", id)])
    }

    /// Returns the error for an object whose newest version is a delete marker.
    static func deleted(_ key: String, by marker: MockObject) -> ServiceError {
        var error = noSuchKey(key)
        error.headers = [("x-oss-delete-marker", "true"), ("x-oss-version-id", marker.versionID)]
        return error
    }

    /// Returns the error for reading a delete marker by its version ID.
    static func isDeleteMarker(_ marker: MockObject, method: String) -> ServiceError {
        ServiceError(
            status: 405, code: "MethodNotAllowed",
            message: "The specified method is not allowed against this resource.", ec: "0002-00000803",
            details: [("Method", method), ("ResourceType", "DeleteMarker")],
            headers: [
                ("x-oss-delete-marker", "true"), ("x-oss-version-id", marker.versionID), ("Allow", "DELETE"),
            ])
    }

    static func invalidObjectState(ec: String) -> ServiceError {
        ServiceError(
            status: 403, code: "InvalidObjectState", message: "The operation is not valid for the object's state.",
            ec: ec)
    }

    static let appendSealedObjectNotAllowed = ServiceError(
        status: 400, code: "AppendSealedObjectNotAllowed", message: "Append to a sealed object is not allowed.")

    static func symlinkTargetNotExist(_ key: String) -> ServiceError {
        ServiceError(
            status: 404, code: "SymlinkTargetNotExist", message: "The symlink target object does not exist.",
            ec: "0026-00000013", details: [("Key", key)])
    }

    static let invalidTargetType = ServiceError(
        status: 400, code: "InvalidTargetType", message: "The symbolic's target file type is invalid.",
        ec: "0026-00000011")

    static let notSymlink = ServiceError(
        status: 400, code: "NotSymlink", message: "The object is not symlink.", ec: "0026-00000012")

    static let restoreAlreadyInProgress = ServiceError(
        status: 409, code: "RestoreAlreadyInProgress", message: "The restore operation is in progress.",
        ec: "0016-00000701")

    static func operationNotSupported(_ detail: String) -> ServiceError {
        ServiceError(
            status: 400, code: "OperationNotSupported", message: "The operation is not supported for this resource",
            ec: "0016-00000702", details: [("Detail", detail)])
    }

    static let archiveRestoreFileStale = ServiceError(
        status: 409, code: "ArchiveRestoreFileStale", message: "The archive file or restore info stale",
        ec: "0016-00000718")

    static let archiveRestoreNotFinished = ServiceError(
        status: 409, code: "ArchiveRestoreNotFinished", message: "The archive file's restore is not finished.",
        ec: "0016-00000719")

    static let invalidTag = ServiceError(
        status: 400, code: "InvalidTag", message: "The tag you provided is invalid.", ec: "0010-00000219")

    static let tooManyTags = ServiceError(
        status: 400, code: "TooManyTags", message: "The number of tags exceeds the limit.", ec: "0010-00000208")

    static func repeatedTags(_ key: String) -> ServiceError {
        ServiceError(
            status: 400, code: "RepeatedTags", message: "Cannot provide multiple tags with the same key.",
            ec: "0010-00000210", details: [("TagKey", key)])
    }

    static func invalidTaggingKey(_ key: String) -> ServiceError {
        ServiceError(
            status: 400, code: "InvalidTaggingKey", message: "The tag key you provided is invalid.",
            ec: "0010-00000207", details: [("TagKey", key)])
    }
}
