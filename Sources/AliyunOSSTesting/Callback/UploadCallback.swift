import AliyunOSS
import Foundation
import OSSPrimitives

/// A callback that the mock server posts to the uploader's own server after storing an object.
struct UploadCallback {
    static let maximumLength = 5 * 1024
    static let maximumURLCount = 5

    var urls: [String]
    var host: String?
    /// Template for the callback body, with placeholders.
    var body: String
    var isJSON: Bool
    var variables: [String: String] = [:]

    /// Creates the callback that a request specifies, or returns `nil` if the request specifies none.
    ///
    /// - Parameter policies: Callback policies of the bucket, one of which the request can name.
    /// - Throws: `InvalidArgument` if the callback is invalid. Nothing has been stored at that point.
    init?(_ request: ServiceRequest, policies: XMLTree?) throws(ServiceError) {
        guard let settings = try Self.parameter("callback", of: request) else { return nil }
        var variables = try Self.parameter("callback-var", of: request)
        var json = try Self.json(settings, name: "callback")
        if let name = json["callbackPolicy"]?.string {
            guard let item = policies?.all("PolicyItem").first(where: { $0.text("PolicyName") == name }) else {
                throw .invalidArgument("The callback policy does not exist.", name: "callback", value: settings)
            }
            json = try Self.json(item.text("Callback") ?? "", name: "callback")
            variables = variables ?? item.text("CallbackVar")
        }
        var values: [String: JSONValue] = [:]
        if let variables { values = try Self.json(variables, name: "callback-var") }
        try self.init(json, values, given: settings)
    }

    /// Validates the given settings and creates a callback from them.
    ///
    /// - Parameter given: Encoded settings, for use in error messages.
    init(_ json: [String: JSONValue], _ variables: [String: JSONValue], given: String) throws(ServiceError) {
        let url = try Self.required("callbackUrl", json, given)
        urls = url.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        guard (1...Self.maximumURLCount).contains(urls.count) else {
            throw .invalidArgument(
                "The number of callback URLs is not between 1 and \(Self.maximumURLCount).", name: "callback",
                value: given)
        }
        body = try Self.required("callbackBody", json, given)
        host = json["callbackHost"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let type = json["callbackBodyType"]?.string ?? "application/x-www-form-urlencoded"
        guard ["application/x-www-form-urlencoded", "application/json"].contains(type) else {
            throw .invalidArgument("The callbackBodyType is not supported.", name: "callback", value: given)
        }
        isJSON = type == "application/json"
        for (name, value) in variables {
            // Other names are ignored: a test of the official Python SDK passes the callback itself here.
            guard name.hasPrefix("x:") else { continue }
            guard name == name.lowercased(), let text = value.string else {
                throw .invalidArgument(
                    "The keys of callback variables must be lowercase and start with 'x:'.", name: "callback-var",
                    value: name)
            }
            self.variables[name] = text
        }
        for text in urls + [host ?? ""] where !HeaderText.isValid(text) {
            throw .invalidArgument("The callback URL is not valid.", name: "callback", value: text)
        }
    }

    private static func required(
        _ name: String, _ json: [String: JSONValue], _ given: String
    ) throws(ServiceError) -> String {
        guard let value = json[name]?.string, !value.isEmpty else {
            throw .invalidArgument(
                "The \(name) of the callback configuration is missing.", name: "callback", value: given)
        }
        return value
    }

    /// Decodes a Base64-encoded JSON object and returns its members.
    static func json(_ text: String, name: String) throws(ServiceError) -> [String: JSONValue] {
        guard text.utf8.count <= maximumLength else {
            throw .invalidArgument("The \(name) configuration is too long.", name: name, value: "")
        }
        guard let bytes = Data(base64Encoded: text) else {
            throw .invalidArgument("The \(name) configuration is not base64 encoded.", name: name, value: text)
        }
        guard let members = JSONValue(bytes)?.members else {
            throw .invalidArgument("The \(name) configuration is not json format.", name: name, value: text)
        }
        return members
    }

    /// Returns a callback parameter from the headers or the query, or `nil` if it is missing. A request must not
    /// specify it in both.
    private static func parameter(_ name: String, of request: ServiceRequest) throws(ServiceError) -> String? {
        let header = request.header("x-oss-\(name)")
        let query = (request.query[name] ?? request.query["x-oss-\(name)"]).flatMap { $0.isEmpty ? nil : $0 }
        if let header, query != nil {
            throw .invalidArgument(
                "The \(name) may be specified in a header or in the query, but not in both.", name: "x-oss-\(name)",
                value: header)
        }
        return header ?? query
    }

    /// Returns the callback body, with all placeholders replaced by the given values.
    func filledBody(_ values: [String: CallbackValue]) -> String {
        var filled = ""
        var rest = body[...]
        while let start = rest.range(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            filled += rest[..<start.lowerBound]
            let name = String(rest[start.upperBound..<end])
            let value = values[name] ?? .text(variables[name] ?? "")
            let isQuoted = filled.hasSuffix("\"")
            filled += isJSON ? value.json(isQuoted: isQuoted) : PercentEncoding.encode(value.string)
            rest = rest[rest.index(after: end)...]
        }
        return filled + rest
    }
}

/// A value that replaces a placeholder in a callback body.
enum CallbackValue {
    case text(String)
    case number(Int)

    var string: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }

    /// Returns the value as JSON, without quotation marks if the template already contains them.
    func json(isQuoted: Bool) -> String {
        guard case .text(let text) = self else { return string }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return isQuoted ? escaped : "\"\(escaped)\""
    }
}

extension Service {
    /// Stores an object and, if the request specifies a callback, posts the callback. The callback server's response
    /// then becomes the response to the request.
    ///
    /// - Parameter variables: Callback variables from form fields.
    func callingBack(
        _ request: ServiceRequest, variables: [String: String] = [:], _ storing: () throws -> ServiceResponse
    ) throws -> ServiceResponse {
        let bucket = request.bucket.flatMap { store.bucket($0) }
        let policies = bucket.flatMap { $0.properties.tree("policy?callback") }
        guard var callback = try UploadCallback(request, policies: policies) else { return try storing() }
        callback.variables.merge(variables) { _, last in last }
        let response = try storing()
        guard (200..<300).contains(response.status) else { return response }
        return try call(callback, request, response)
    }

    /// Posts the callback for a stored object.
    ///
    /// - Throws: `CallbackFailed` with status 203 if the callback fails. The object remains stored.
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
            guard case .completed(let body) = last else { continue }
            var response = response
            response.status = 200
            response.set("Content-Type", "application/json")
            response.body = .data(Data(body))
            return response
        }
        throw last.error
    }
}

extension CallbackPoster.Outcome {
    /// The error response to send to the uploader.
    fileprivate var error: ServiceError {
        let (message, ec) =
            switch self {
            case .unreachable, .completed:
                ("Error Status : -1.OSS can not connect to your callbackUrl, please check it.", "0007-00000208")
            case .refused(let status): ("Error status : \(status).", "0007-00000203")
            case .notJSON: ("Response body is not valid json format.", "0007-00000207")
            case .tooLong: ("Response body is too large.", "0007-00000206")
            case .timedOut: ("Error Status : -1.Your callback server did not answer in time.", "0007-00000209")
            }
        return ServiceError(status: 203, code: "CallbackFailed", message: message, ec: ec)
    }
}
