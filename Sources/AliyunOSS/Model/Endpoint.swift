import OSSPrimitives

/// The address of the service, and how a bucket and a key become a URL there.
///
/// ```swift
/// try Endpoint("https://oss-cn-hangzhou.aliyuncs.com")
/// try Endpoint.region("cn-hangzhou", network: .internal)
/// try Endpoint("https://cdn.example.com", style: .cname)
/// ```
public struct Endpoint: Sendable, Hashable {
    /// Whether the connection is encrypted.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        /// Encrypted. The default everywhere.
        case https
        /// In the clear: for a server on the same machine, or inside a private network.
        case http

        var defaultPort: Int { self == .https ? 443 : 80 }
    }

    /// The scheme.
    public let scheme: Scheme
    /// The host in lower case; an IPv6 address stands in brackets.
    public let host: String
    /// The port; `nil` is the scheme's own.
    public let port: Int?
    /// Where the bucket's name goes.
    public let addressing: AddressingStyle
    /// The region that was named, where the host does not tell it.
    private var region: String?

    /// Reads an endpoint: `oss-cn-hangzhou.aliyuncs.com`, `https://cdn.example.com`, `http://127.0.0.1:8080`.
    ///
    /// - Parameters:
    ///   - text: A host, with a scheme before it (default `https`) and a port behind it, if need be.
    ///   - style: Where the bucket's name goes. Default: in front of the host; in the path when the host is an IP
    ///     address or `localhost`. A custom domain of a bucket needs ``AddressingStyle/cname``.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that says what an endpoint looks like.
    public init(_ text: String, style: AddressingStyle? = nil) throws(OSSError) {
        let parts = try EndpointParser(text)
        scheme = parts.scheme
        host = parts.host
        port = parts.port == parts.scheme.defaultPort ? nil : parts.port
        addressing = style ?? (parts.isAddress || parts.host == "localhost" ? .path : .virtualHosted)
        if addressing == .virtualHosted && parts.isAddress {
            throw OSSError(.invalidArgument, "a bucket's name cannot stand before the address \(host): use path style")
        }
        guard let service = AliyunHostname(host) else { return }
        if addressing == .cname, service.prefix == nil {
            throw OSSError(
                .invalidArgument,
                "the host '\(host)' belongs to every bucket, and cname style is for a domain of one: use virtual-hosted style"
            )
        }
        if addressing != .cname, let bucket = service.prefix {
            throw OSSError(
                .invalidArgument,
                "the endpoint '\(host)' has a bucket's name in it; give the bucket '\(bucket)' and the endpoint "
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

    /// The endpoint of a region.
    ///
    /// - Parameters:
    ///   - region: The region's id: `cn-hangzhou`.
    ///   - network: Which of its hosts. Default: the public one.
    ///   - scheme: Default: `https`.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when that is no region id.
    public static func region(
        _ region: String, network: Network = .public, scheme: Scheme = .https
    ) throws(OSSError) -> Endpoint {
        try RegionID.validate(region)
        return Endpoint(
            scheme: scheme, host: network.host(in: region), addressing: .virtualHosted, region: region)
    }

    /// The same endpoint with another address style; `nil` leaves it as it is.
    ///
    /// - Throws: As ``init(_:style:)``.
    func addressed(_ style: AddressingStyle?) throws(OSSError) -> Endpoint {
        guard let style, style != addressing else { return self }
        var endpoint = try Endpoint(description, style: style)
        endpoint.region = region
        return endpoint
    }

    /// Whether the host is this machine, so that nothing is sent over a network.
    public var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            // An address of four numbers: a name such as 127.example.com is none.
            || (host.hasPrefix("127.")
                && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) })
    }

    /// Host and port as they stand in a URL and in the `Host` header, without a bucket.
    public var authority: String { port.map { "\(host):\($0)" } ?? host }
}

extension Endpoint {
    /// The region that the host's name tells, or that ``region(_:network:scheme:)`` was given; `nil` when neither tells one
    /// (acceleration, custom domains and addresses that were given as text).
    public var impliedRegion: String? { region ?? AliyunHostname(host)?.region }

    /// The product that signatures of version 4 are for: `oss`, or `oss-cloudbox`.
    package var signingProduct: String { AliyunHostname(host)?.product ?? "oss" }

    /// The region to sign for: the given one, else the one that the host tells.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when there is none, or the given one is no
    ///   region id.
    package func signingRegion(_ given: String?) throws(OSSError) -> String {
        if let given {
            try RegionID.validate(given)
            return given
        }
        guard let impliedRegion else {
            throw OSSError(
                .invalidArgument,
                "signatures of version 4 need a region, and the endpoint '\(host)' does not tell it: "
                    + "pass the region, for example cn-hangzhou")
        }
        return impliedRegion
    }

    /// The absolute URL of a service, a bucket (`key` is nil) or an object, percent-encoded, ready for the wire.
    ///
    /// - Parameter query: Not encoded. A value of `nil` is a bare name: `?acl`.
    package func url(bucket: String?, key: String?, query: [(name: String, value: String?)] = []) -> String {
        var url = scheme.rawValue + "://"
        if let bucket, addressing == .virtualHosted { url += bucket + "." }
        url += authority + "/"
        if let bucket, addressing == .path { url += bucket + "/" }
        if let key { url += Self.encode(key: key) }
        var separator = "?"
        for (name, value) in query {
            url += separator + PercentEncoding.encode(name)
            if let value { url += "=" + PercentEncoding.encode(value) }
            separator = "&"
        }
        return url
    }

    /// A key as it stands in a URL.
    ///
    /// libcurl, which URLSession uses on Linux, removes `.` and `..` segments, also those written with `%2E`: `a/../b`
    /// would reach the object `b`. Where no `/` is left there is no segment, and the service decodes `%2F` all the same.
    private static func encode(key: String) -> String {
        let hasDotSegment = key.utf8.split(separator: UInt8(ascii: "/")).contains { segment in
            segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") }
        }
        return hasDotSegment ? PercentEncoding.encode(key) : PercentEncoding.encodePath(key)
    }
}

extension Endpoint: CustomStringConvertible {
    /// Scheme, host and port: `https://oss-cn-hangzhou.aliyuncs.com`.
    public var description: String { "\(scheme.rawValue)://\(authority)" }
}

extension Endpoint {
    /// Which of a region's hosts to talk to.
    public enum Network: String, Sendable, Hashable, CaseIterable {
        /// The public internet.
        case `public`
        /// Inside Aliyun, from a machine in the same region; traffic there is free of charge.
        case `internal`
        /// Transfer acceleration from anywhere. The bucket must have it switched on, and it is charged.
        case accelerate
        /// Transfer acceleration for clients outside mainland China.
        case accelerateOverseas
        /// IPv4 and IPv6.
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

/// Where the bucket's name goes in a URL. The signature is the same for all three.
public enum AddressingStyle: String, Sendable, Hashable, CaseIterable {
    /// `https://bucket.host/key`: what the public service asks for.
    case virtualHosted
    /// `https://host/bucket/key`: for hosts that cannot take a name in front, such as IP addresses. The public service
    /// refuses it.
    case path
    /// `https://host/key`: the host is a custom domain that was bound to the bucket.
    case cname
}
