import Foundation

/// A request that the service sends to a server of the application after it has stored an object. The response of that
/// server becomes ``PutObjectResult/callbackResponse``.
///
/// ```swift
/// var options = PutObjectOptions()
/// options.callback = UploadCallback("https://example.com/stored", body: "key=${object}&size=${size}&user=${x:user}")
/// options.callback?.variables = ["x:user": "42"]
/// ```
///
/// If the callback fails, the call throws ``OSSError/Code/refused`` with the service's code `CallbackFailed`, although
/// the object is stored. A retry after a lost response can send the callback again.
public struct UploadCallback: Sendable, Hashable {
    /// URLs of the server, one to five; the next one is used if a request to the one before it fails.
    public var urls: [String]
    /// Body of the request, with placeholders such as `${bucket}`, `${object}`, `${etag}`, `${size}`, `${mimeType}`,
    /// `${crc64}` and `${x:name}`.
    public var body: String
    /// Whether the body is JSON instead of a form. Default: `false`.
    public var isJSON = false
    /// `Host` header of the request. Default: that of the URL.
    public var host: String?
    /// Whether the request names the host in the TLS handshake. Default: `false`.
    public var sendsServerName = false
    /// Values of placeholders. Names are lowercase and start with `x:`. Default: none.
    public var variables: [String: String] = [:]

    /// Creates a callback.
    public init(_ url: String, body: String) {
        urls = [url]
        self.body = body
    }

    /// Adds the header fields for the callback.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func add(to operation: inout Operation) throws(OSSError) {
        func check(_ holds: Bool, _ rule: String) throws(OSSError) {
            guard holds else { throw OSSError(.invalidArgument, "callback: \(rule)") }
        }
        try check((1...5).contains(urls.count), "the number of URLs must be from 1 to 5 (got \(urls.count))")
        // The service separates the URLs by semicolons.
        try check(urls.allSatisfy { !$0.isEmpty && !$0.contains(";") }, "a URL must not be empty or contain ';'")
        try check(!body.isEmpty, "the body must not be empty")
        try check(
            variables.keys.allSatisfy { $0.hasPrefix("x:") && $0.count > 2 && $0 == $0.lowercased() },
            "the names of variables must be lowercase and start with 'x:'")
        let settings = Settings(
            callbackUrl: urls.joined(separator: ";"), callbackHost: host, callbackBody: body,
            callbackBodyType: isJSON ? "application/json" : "application/x-www-form-urlencoded",
            callbackSNI: sendsServerName ? true : nil)
        operation.headers["x-oss-callback"] = Self.encoded(settings)
        if !variables.isEmpty { operation.headers["x-oss-callback-var"] = Self.encoded(variables) }
        for name in ["x-oss-callback", "x-oss-callback-var"] {
            let length = operation.headers[name]?.utf8.count ?? 0
            try check(length <= 5 << 10, "the header '\(name)' must not exceed 5 KB (got \(length) bytes)")
        }
    }

    /// The members of the JSON object in the header.
    private struct Settings: Encodable {
        var callbackUrl: String
        var callbackHost: String?
        var callbackBody: String
        var callbackBodyType: String
        var callbackSNI: Bool?
    }

    private static func encoded(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value))?.base64EncodedString()
    }
}
