import Foundation

extension Bucket {
    /// Asks, as a browser does, whether a page of another origin may send a request to an object. The CORS rules of the
    /// bucket decide. The request is not signed, and the object need not exist. (OptionObject)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - origin: Origin of the page, such as `https://example.com`.
    ///   - method: Method of the request.
    ///   - headers: Names of the headers that the page sends with the request. Default: none.
    /// - Returns: The permitted methods and headers.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/accessDenied`` if no rule permits the request.
    public func preflight(
        _ key: ObjectKey, origin: String, method: HTTPMethod, headers: [String] = []
    ) async throws -> PreflightResult {
        var operation = Operation("OptionObject", .options, key: key)
        operation.headers["Origin"] = origin
        operation.headers["Access-Control-Request-Method"] = method.rawValue
        if !headers.isEmpty { operation.headers["Access-Control-Request-Headers"] = headers.joined(separator: ", ") }
        operation = try client.extended(operation)
        try client.check(operation)
        guard !origin.isEmpty else {
            let problem = OSSError(.invalidArgument, "origin must not be empty")
            throw client.describe(problem, operation, attempts: 0)
        }
        // A request with a URL is sent without a signature.
        operation.url = client.url(of: client.signable(operation), nil)
        let response = try await client.perform(operation)
        let allowed = try client.header("Access-Control-Allow-Origin", of: response, operation)
        return PreflightResult(
            allowedOrigin: allowed,
            allowedMethods: response.list("Access-Control-Allow-Methods"),
            allowedHeaders: response.list("Access-Control-Allow-Headers"),
            exposedHeaders: response.list("Access-Control-Expose-Headers"),
            maximumAge: response.headers["Access-Control-Max-Age"].flatMap(Int64.init).map { .seconds($0) })
    }
}

extension HTTPResponse {
    fileprivate func list(_ name: String) -> [String] {
        (headers[name] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// The permissions of a page of another origin, according to the CORS rules of a bucket.
public struct PreflightResult: Sendable, Hashable {
    /// Permitted origin, or `*` for any origin.
    public var allowedOrigin: String
    /// Permitted methods.
    public var allowedMethods: [String]
    /// Names of the headers that the page may send.
    public var allowedHeaders: [String]
    /// Names of the headers of a response that the page may read.
    public var exposedHeaders: [String]
    /// Period for which a browser may store this result; `nil` if the response did not include it.
    public var maximumAge: Duration?
}
