import Foundation
import OSSPrimitives

extension Service {
    /// Stores an object, and then tells the server that a callback names: what that one answers is the answer.
    ///
    /// - Parameter variables: Those of a form, which has them in fields.
    func callingBack(
        _ request: ServiceRequest, variables: [String: String] = [:], _ storing: () throws -> ServiceResponse
    ) throws -> ServiceResponse {
        let bucket = request.bucket.flatMap { store.bucket($0) }
        let policies = bucket.flatMap { tree("policy?callback", of: $0.properties) }
        guard var callback = try UploadCallback(request, policies: policies) else { return try storing() }
        callback.variables.merge(variables) { _, last in last }
        let response = try storing()
        guard (200..<300).contains(response.status) else { return response }
        return try call(callback, request, response)
    }

    /// Calls back for an object that was just stored.
    ///
    /// - Throws: `CallbackFailed` with status 203. The object stays.
    private func call(
        _ callback: UploadCallback, _ request: ServiceRequest, _ response: ServiceResponse
    ) throws(ServiceError) -> ServiceResponse {
        let key = Array((request.key ?? "").utf8)
        guard let object = request.bucket.flatMap({ store.bucket($0) })?.object(key) else { return response }
        let attributes = object.attributes
        let values: [String: CallbackValue] = [
            "bucket": .text(request.bucket ?? ""), "object": .text(request.key ?? ""),
            "etag": .text(attributes.eTag), "size": .number(attributes.size),
            "mimeType": .text(attributes.headers["content-type"] ?? "application/octet-stream"),
            "crc64": .text(String(attributes.checksum)), "contentMd5": .text(attributes.contentMD5 ?? ""),
            "vpcId": .text(""), "clientIp": .text("127.0.0.1"), "reqId": .text(request.requestID),
            "operation": .text(request.operation.rawValue), "imageInfo.height": .text(""),
            "imageInfo.width": .text(""), "imageInfo.format": .text(""),
        ]
        let poster = CallbackPoster(allowedHosts: callbackHosts, request: request)
        let body = Array(callback.filledBody(values).utf8)
        var last = CallbackPoster.Outcome.unreachable
        for url in callback.urls {
            last = poster.post(body, isJSON: callback.isJSON, to: url, host: callback.host)
            guard case .answered(let answer) = last else { continue }
            var response = response
            response.status = 200
            response.set("Content-Type", "application/json")
            response.body = .data(Data(answer))
            return response
        }
        throw last.error
    }
}

extension CallbackPoster.Outcome {
    /// What the uploader is told.
    fileprivate var error: ServiceError {
        let (message, ec) =
            switch self {
            case .unreachable, .answered:
                ("Error Status : -1.OSS can not connect to your callbackUrl, please check it.", "0007-00000208")
            case .refused(let status): ("Error status : \(status).", "0007-00000203")
            case .notJSON: ("Response body is not valid json format.", "0007-00000207")
            case .tooLong: ("Response body is too large.", "0007-00000206")
            case .timedOut: ("Error Status : -1.Your callback server did not answer in time.", "0007-00000209")
            }
        return ServiceError(status: 203, code: "CallbackFailed", message: message, ec: ec)
    }
}
