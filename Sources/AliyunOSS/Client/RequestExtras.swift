/// Additions to the requests of one call, or of all calls on a bucket.
///
/// ```swift
/// var options = GetObjectOptions()
/// options.extras.chargesRequester = true
/// let object = try await bucket.getObject("a.txt", options: options)
///
/// let shared = bucket.adding(options.extras)   // for calls without options, and for several calls
/// try await shared.deleteObject("b.txt")
/// ```
///
/// A field or parameter that the call itself sends, or that would change the operation or its verification, is refused
/// with ``OSSError/Code/invalidArgument``.
public struct RequestExtras: Sendable {
    /// Whether the account that sends the request pays for it, which the owner of a bucket can require of other
    /// accounts. Default: `false`.
    public var chargesRequester = false
    /// Maximum bandwidth of each request that transfers or copies content, in bytes per second, from 102,400 to
    /// 104,857,600. The service enforces it. Default: that of the bucket (``BucketConfiguration/maximumBandwidth``).
    public var maximumBandwidth: Int64?
    /// Further header fields. Default: none.
    public var headers: HTTPHeaders = [:]
    /// Further query parameters, without percent-encoding. Default: none.
    public var query: [(name: String, value: String?)] = []

    /// Creates additions, none by default.
    public init(chargesRequester: Bool = false, headers: HTTPHeaders = [:]) {
        self.chargesRequester = chargesRequester
        self.headers = headers
    }

    var isEmpty: Bool {
        !chargesRequester && maximumBandwidth == nil && headers.count == 0 && query.isEmpty
    }

    /// Returns these additions together with others, which take precedence.
    fileprivate func adding(_ others: RequestExtras) -> RequestExtras {
        var extras = self
        extras.chargesRequester = chargesRequester || others.chargesRequester
        extras.maximumBandwidth = others.maximumBandwidth ?? maximumBandwidth
        for field in others.headers { extras.headers.add(field.name, field.value) }
        extras.query += others.query
        return extras
    }

    /// Fields that identify, describe or authorize a request, and for which the library relies on its own value.
    private static let reservedFields: Set = [
        "accept-encoding", "authorization", "connection", "content-length", "date", "host", "range",
        "transfer-encoding", "user-agent", "x-oss-callback", "x-oss-callback-var", "x-oss-content-sha256",
        "x-oss-copy-source", "x-oss-copy-source-range", "x-oss-date", "x-oss-security-token", "x-oss-traffic-limit",
    ]

    fileprivate static func isReserved(field name: String) -> Bool { reservedFields.contains(name.lowercased()) }

    /// Parameters that start with `x-oss-` and select another operation. Other parameters with this prefix modify one.
    private static let operationNames: Set = [
        "x-oss-async-process", "x-oss-delete", "x-oss-dir", "x-oss-process", "x-oss-rename", "x-oss-traffic-limit",
        "x-oss-write-get-object-response",
    ]

    /// Returns whether a query parameter belongs to a signature or selects an operation, such as `acl`.
    fileprivate static func isReserved(parameter name: String) -> Bool {
        if QueryName.all.contains(name) || operationNames.contains(name) { return true }
        return SignedSubresources.contains(name) && !name.hasPrefix("response-") && !name.hasPrefix("x-oss-")
    }
}

extension Operation {
    /// Adds header fields and query parameters of the caller.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    mutating func add(_ extras: RequestExtras) throws(OSSError) {
        if extras.chargesRequester { headers["x-oss-request-payer"] = "requester" }
        if let bandwidth = extras.maximumBandwidth {
            guard (102_400...104_857_600).contains(bandwidth) else {
                throw OSSError(
                    .invalidArgument, "extras.maximumBandwidth must be from 102400 to 104857600 (got \(bandwidth))")
            }
            if acceptsTrafficLimit { headers["x-oss-traffic-limit"] = String(8 * bandwidth) }
        }
        for field in extras.headers {
            guard !RequestExtras.isReserved(field: field.name), headers[field.name] == nil else {
                throw OSSError(
                    .invalidArgument,
                    "extras: the library sets the header '\(field.name.onOneLine)'; use an option of the call instead")
            }
            headers.add(field.name, field.value)
        }
        for item in extras.query {
            let isKnown = query.contains { $0.name == item.name }
            let isOverride = wantsStoredEncoding && item.name == "response-content-encoding"
            guard !RequestExtras.isReserved(parameter: item.name), !isKnown, !isOverride else {
                throw OSSError(
                    .invalidArgument,
                    "extras: the library sets the parameter '\(item.name.onOneLine)'; use another call or an option")
            }
            query.append(item)
        }
    }
}

extension Client {
    /// Returns a client that also adds header fields and query parameters to its requests.
    func adding(_ extras: RequestExtras) -> Client {
        extras.isEmpty ? self : Client(extending: self, extras: self.extras.adding(extras))
    }

    /// Returns an operation with the additions of the client. A presigned request cannot be changed.
    func extended(_ operation: Operation) throws(OSSError) -> Operation {
        guard operation.url == nil, !extras.isEmpty else { return operation }
        var extended = operation
        do throws(OSSError) {
            try extended.add(extras)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
        return extended
    }
}
