import Foundation
import OSSPrimitives

/// An error answer of the service.
struct ServiceError: Error {
    var status: Int
    var code: String
    var message: String
    /// The number that the service's error pages are filed under.
    var ec: String?
    /// Elements that only some errors have, such as `Key`.
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
                + "MockOSSServer.process, or a reply with POST /-/process.",
            ec: "0002-00000802")
    }

    static func methodNotAllowed(_ method: String) -> ServiceError {
        ServiceError(
            status: 405, code: "MethodNotAllowed",
            message: "The specified method is not allowed against this resource.", ec: "0002-00000803",
            details: [("Method", method), ("ResourceType", "Object")])
    }

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
    /// The answer; that of a HEAD request has its XML in a header.
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
