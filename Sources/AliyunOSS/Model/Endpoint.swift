import OSSPrimitives

/// The address of the service.
///
/// ```swift
/// try Endpoint("https://oss-cn-hangzhou.aliyuncs.com")
/// try Endpoint.region("cn-hangzhou", network: .internal)
/// try Endpoint("https://cdn.example.com", style: .cname)
/// ```
public struct Endpoint: Sendable, Hashable {
    /// The scheme of an endpoint's URLs.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        /// Encrypted connections, which are the default.
        case https
        /// Unencrypted connections, for a server on the same machine or on a private network.
        case http

        var defaultPort: Int { self == .https ? 443 : 80 }
    }

    /// Scheme of the URLs.
    public let scheme: Scheme
    /// Host in lowercase. An IPv6 address is enclosed in brackets.
    public let host: String
    /// Port; `nil` for the default port of the scheme.
    public let port: Int?
    /// Placement of the bucket's name in URLs.
    public let addressing: AddressingStyle
    /// Region of the endpoint, if the host does not contain it; otherwise, `nil`.
    private var region: String?

    /// Creates an endpoint from text such as `oss-cn-hangzhou.aliyuncs.com`, `https://cdn.example.com` or
    /// `http://127.0.0.1:8080`.
    ///
    /// - Parameters:
    ///   - text: Host, with an optional scheme (default: `https`) and an optional port.
    ///   - style: Placement of the bucket's name in URLs. Default: before the host; in the path if the host is an IP
    ///     address or `localhost`. A custom domain of a bucket requires ``AddressingStyle/cname``.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(_ text: String, style: AddressingStyle? = nil) throws(OSSError) {
        let parts = try EndpointParser(text)
        scheme = parts.scheme
        host = parts.host
        port = parts.port == parts.scheme.defaultPort ? nil : parts.port
        addressing = style ?? (parts.isAddress || parts.host == "localhost" ? .path : .virtualHosted)
        if addressing == .virtualHosted && parts.isAddress {
            throw OSSError(
                .invalidArgument, "virtual-hosted style cannot be used with the address \(host); use path style")
        }
        guard let service = AliyunHostname(host) else { return }
        if addressing == .cname, service.prefix == nil {
            throw OSSError(
                .invalidArgument,
                "the host '\(host)' serves all buckets, but cname style requires the domain of one bucket; use virtual-hosted style"
            )
        }
        if addressing != .cname, let bucket = service.prefix {
            throw OSSError(
                .invalidArgument,
                "the endpoint '\(host)' contains a bucket name; pass the bucket '\(bucket)' and the endpoint "
                    + "'\(host.dropFirst(bucket.utf8.count + 1))' separately")
        }
    }

    private init(scheme: Scheme, host: String, addressing: AddressingStyle, region: String) {
        self.scheme = scheme
        self.host = host
        self.port = nil
        self.addressing = addressing
        self.region = AliyunHostname(host)?.region == nil ? region : nil
    }

    /// Returns the endpoint for a region.
    ///
    /// - Parameters:
    ///   - region: ID of the region: `cn-hangzhou`.
    ///   - network: Network to use. Default: the public one.
    ///   - scheme: Scheme of the URLs. Default: `https`.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the region ID is invalid.
    public static func region(
        _ region: String, network: Network = .public, scheme: Scheme = .https
    ) throws(OSSError) -> Endpoint {
        try RegionID.validate(region)
        return Endpoint(
            scheme: scheme, host: network.host(in: region), addressing: .virtualHosted, region: region)
    }

    /// Returns the endpoint with the given addressing style, or unchanged if the style is `nil`.
    ///
    /// - Throws: The same errors as ``init(_:style:)``.
    func addressed(_ style: AddressingStyle?) throws(OSSError) -> Endpoint {
        guard let style, style != addressing else { return self }
        var endpoint = try Endpoint(description, style: style)
        endpoint.region = region
        return endpoint
    }

    /// Whether the host is this machine, in which case no data is sent over a network.
    public var isLoopback: Bool { Self.isLoopback(host) }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            // Only an address of four numbers: a name such as 127.example.com is not an address.
            || (host.hasPrefix("127.")
                && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) })
    }

    /// Host and port, as they appear in a URL and in the `Host` header, without a bucket.
    package var authority: String { port.map { "\(host):\($0)" } ?? host }
}

extension Endpoint {
    /// The region that the host contains or that was passed to ``region(_:network:scheme:)``; `nil` if neither applies.
    /// Acceleration hosts, custom domains and addresses contain no region.
    public var impliedRegion: String? { region ?? AliyunHostname(host)?.region }

    /// The product for V4 signatures (`oss` or `oss-cloudbox`).
    package var signingProduct: String { AliyunHostname(host)?.product ?? "oss" }

    /// Returns the region to use in signatures. The given region is preferred to the region that the endpoint implies.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if there is no region or its ID is
    ///   invalid.
    package func signingRegion(_ given: String?) throws(OSSError) -> String {
        if let given {
            try RegionID.validate(given)
            return given
        }
        guard let impliedRegion else {
            throw OSSError(
                .invalidArgument,
                "V4 signatures require a region, and the endpoint '\(host)' does not contain one; "
                    + "pass the region, for example cn-hangzhou")
        }
        return impliedRegion
    }

    /// Returns the percent-encoded absolute URL of an object, of a bucket if `key` is `nil`, or of the service if
    /// `bucket` is `nil`.
    ///
    /// - Parameter query: Parameters without percent-encoding. A parameter without a value is a bare name: `?acl`.
    package func url(bucket: String?, key: String?, query: [(name: String, value: String?)] = []) -> String {
        var url = scheme.rawValue
        url.reserveCapacity(128 + (key?.utf8.count ?? 0))
        url += "://"
        if let bucket, addressing == .virtualHosted {
            url += bucket
            url += "."
        }
        url += authority
        url += "/"
        if let bucket, addressing == .path {
            url += bucket
            url += "/"
        }
        if let key { url += Self.encode(key: key) }
        if !query.isEmpty { url += Self.encode(query: query) }
        return url
    }

    /// Returns a percent-encoded query with its question mark, or an empty text if there are no parameters.
    package static func encode(query: [(name: String, value: String?)]) -> String {
        var text = ""
        for (name, value) in query {
            text += (text.isEmpty ? "?" : "&") + PercentEncoding.encode(name)
            if let value { text += "=" + PercentEncoding.encode(value) }
        }
        return text
    }

    /// Returns a percent-encoded key.
    ///
    /// libcurl, which URLSession uses on Linux, removes `.` and `..` segments, even if written with `%2E`: `a/../b` would
    /// reach the object `b`. With `%2F` instead of `/` there are no segments, and the service decodes it.
    private static func encode(key: String) -> String {
        /// The numbers of bytes and dots in the current segment.
        var (length, dots) = (0, 0)
        var isDotSegment: Bool { dots == length && (1...2).contains(dots) }
        for byte in key.utf8 {
            guard byte == UInt8(ascii: "/") else {
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
                continue
            }
            if isDotSegment { return PercentEncoding.encode(key) }
            (length, dots) = (0, 0)
        }
        return isDotSegment ? PercentEncoding.encode(key) : PercentEncoding.encodePath(key)
    }
}

extension Endpoint {
    /// Checks that credentials are not sent over a network without encryption.
    ///
    /// - Parameter host: Host of the request. Default: that of the endpoint.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func checkEncryption(isAnonymous: Bool, host: String? = nil, allowsPlainHTTP: Bool) throws(OSSError) {
        guard scheme == .http, !Self.isLoopback(host ?? self.host), !allowsPlainHTTP, !isAnonymous else { return }
        throw OSSError(
            .invalidArgument,
            "the endpoint '\(host.map { "http://\($0)" } ?? description)' is not encrypted; use https://, or set "
                + "BucketConfiguration.allowsPlainHTTP")
    }
}

extension Endpoint: CustomStringConvertible {
    /// Scheme, host and port, such as `https://oss-cn-hangzhou.aliyuncs.com`.
    public var description: String { "\(scheme.rawValue)://\(authority)" }
}

extension Endpoint {
    /// A network over which to reach a region.
    public enum Network: String, Sendable, Hashable, CaseIterable {
        /// The public internet.
        case `public`
        /// Aliyun's internal network, available free of charge to machines in the same region.
        case `internal`
        /// Transfer acceleration for clients anywhere. It must be enabled for the bucket and is billed separately.
        case accelerate
        /// Transfer acceleration for clients outside mainland China.
        case accelerateOverseas
        /// A public endpoint that supports both IPv4 and IPv6.
        case dualStack

        func host(in region: String) -> String {
            switch self {
            case .public: "oss-\(region).aliyuncs.com"
            case .internal: "oss-\(region)-internal.aliyuncs.com"
            case .accelerate: "oss-accelerate.aliyuncs.com"
            case .accelerateOverseas: "oss-accelerate-overseas.aliyuncs.com"
            case .dualStack: "\(region).oss.aliyuncs.com"
            }
        }
    }
}

/// The placement of a bucket's name in a URL. It does not affect signatures.
public enum AddressingStyle: String, Sendable, Hashable, CaseIterable {
    /// `https://bucket.host/key`, as the public service requires.
    case virtualHosted
    /// `https://host/bucket/key`, for hosts such as IP addresses. The public service refuses this style.
    case path
    /// `https://host/key`, for a custom domain that is bound to the bucket.
    case cname
}
