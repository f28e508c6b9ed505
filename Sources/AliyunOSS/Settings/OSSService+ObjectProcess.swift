/// The destination of a processed object, as contained in the event that a function for object processing receives.
public struct ObjectProcessRoute: Sendable, Hashable {
    /// Host to which the response is sent (`outputRoute` of the event).
    public var host: String
    /// Token that identifies the request (`outputToken` of the event). Descriptions and dumps do not contain it.
    public var token: SecretText

    /// Creates a destination.
    public init(host: String, token: SecretText) { (self.host, self.token) = (host, token) }
}

extension OSSService {
    /// Sends a processed object to the client that reads it through an access point for object processing.
    /// (WriteGetObjectResponse)
    ///
    /// The request is not retried after a lost response.
    ///
    /// - Parameters:
    ///   - body: Content of the processed object.
    ///   - route: Destination.
    ///   - status: Status of the response to the client. Default: 200.
    ///   - headers: Headers of the response to the client: `Accept-Ranges`, `Cache-Control`, `Content-Disposition`,
    ///     `Content-Encoding`, `Content-Language`, `Content-Range`, `Content-Type`, `ETag`, `Expires` and
    ///     `Last-Modified`. Default: none.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the host does not belong to the service.
    public func writeGetObjectResponse(
        _ body: ObjectBody, to route: ObjectProcessRoute, status: Int = 200, headers: HTTPHeaders = [:]
    ) async throws {
        var operation = Operation("WriteGetObjectResponse", .post)
        operation.query = [("x-oss-write-get-object-response", nil)]
        operation.isIdempotent = false
        operation.target = ServiceTarget(host: route.host, resource: "/")
        for field in headers { operation.headers["x-oss-fwd-header-" + field.name] = field.value }
        operation.headers["x-oss-request-route"] = route.host
        operation.headers["x-oss-request-token"] = route.token.value
        operation.headers["x-oss-fwd-status"] = String(status)
        // The request contains a security token. A forged event must not send it to another host.
        guard route.host == client.endpoint.authority || route.host.lowercased().hasSuffix(".aliyuncs.com") else {
            let problem = "the route '\(route.host.excerpt)' is not a host of the service; use the one in the event"
            throw client.describe(OSSError(.invalidArgument, problem), operation, attempts: 0)
        }
        _ = try await client.send(operation, body)
    }
}
