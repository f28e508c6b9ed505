/// What a signature is about: a request before it has a URL, with nothing percent-encoded.
///
/// The bucket is part of it whatever the addressing style, so one signature is right for all of them.
package struct SignableRequest: Sendable {
    package var method: HTTPMethod
    package var bucket: String?
    package var key: String?
    /// In the order in which they will stand in the URL. A value of `nil` is a bare name: `?acl`.
    package var query: [(name: String, value: String?)]
    package var headers: HTTPHeaders

    package init(
        method: HTTPMethod, bucket: String? = nil, key: String? = nil, query: [(name: String, value: String?)] = [],
        headers: HTTPHeaders = [:]
    ) {
        self.method = method
        self.bucket = bucket
        self.key = key
        self.query = query
        self.headers = headers
    }
}

extension SignableRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and resource. The values of headers and of the query are left out: tokens and signatures are among them.
    package var description: String { "\(method.rawValue) /\(bucket ?? "")/\(key ?? "")" }

    package var debugDescription: String { description }

    package var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "method": method.rawValue, "bucket": bucket ?? "", "key": key ?? "",
                "query": query.map(\.name).joined(separator: " "),
                "headers": headers.map(\.name).joined(separator: " "),
            ])
    }
}
