import Foundation
import OSSPrimitives

/// A request that anyone can send until it expires, because its URL contains the signature.
///
/// The URL is a secret: descriptions of this value omit its query. Any HTTP client can send the request, with exactly
/// the ``headers``; a ``PresignedClient`` also retries it and verifies the content. The value can be encoded for a
/// client on another machine.
public struct PresignedRequest: Sendable, Hashable, Codable {
    /// Method of the request.
    public var method: HTTPMethod
    /// URL, including the signature.
    public var url: URL
    /// Header fields that must be sent, unchanged. Other fields may be added unless they are `Content-Type`,
    /// `Content-MD5` or start with `x-oss-`.
    public var headers: [String: String]
    /// Time at which the URL expires; `nil` if it is unknown. The service's clock decides.
    public var expiration: Date?

    /// Creates a request from a presigned URL that another program created.
    ///
    /// - Parameters:
    ///   - method: Method that was signed.
    ///   - url: URL, including the signature.
    ///   - headers: Header fields that were signed. Default: none.
    public init(_ method: HTTPMethod, url: URL, headers: [String: String] = [:]) {
        self.method = method
        self.url = url
        self.headers = headers
        expiration = PresignedURL.expiration(of: PresignedURL.query(of: url))
    }
}

extension PresignedRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method and the URL without its query, which contains the signature.
    public var description: String { "\(method.rawValue) \(url.absoluteString.prefix { $0 != "?" })" }

    /// The same text as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the query of the URL and the values of the headers.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "request": description, "headers": headers.keys.sorted().joined(separator: ", "),
                "expiration": expiration.map { "\($0)" } ?? "unknown",
            ])
    }
}

/// The components of a presigned URL.
struct PresignedURL {
    /// Scheme, host and port.
    let endpoint: Endpoint
    /// Name of the bucket; `nil` if the URL does not show it, as with a custom domain.
    let bucket: String?
    /// Key of the object, or `nil` for a request to a bucket or the service.
    let key: ObjectKey?
    let query: [(name: String, value: String?)]

    /// Parses a URL.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``. The message contains no part of the URL.
    init(_ url: URL) throws(OSSError) {
        let location = url.absoluteString.prefix { $0 != "?" }
        guard let scheme = location.firstRange(of: "://"),
            let slash = location[scheme.upperBound...].firstIndex(of: "/")
        else { throw OSSError(.invalidArgument, "the presigned URL has no path, or is not an http or https URL") }
        let base = String(location[..<slash])
        var path = location[location.index(after: slash)...]
        if let plain = try? Endpoint(base), plain.addressing == .path {
            endpoint = plain
            let name = path.prefix { $0 != "/" }
            bucket = name.isEmpty ? nil : String(name)
            path = path[name.endIndex...].dropFirst()
        } else {
            // A host without a bucket is valid for a request to the service only.
            endpoint = if let domain = try? Endpoint(base, style: .cname) { domain } else { try Endpoint(base) }
            bucket = AliyunHostname(endpoint.host)?.prefix
        }
        key = path.isEmpty ? nil : PercentEncoding.decode(String(path)).map(ObjectKey.init(unchecked:))
        query = Self.query(of: url)
    }

    /// Returns the parameters of a URL, without percent-encoding.
    static func query(of url: URL) -> [(name: String, value: String?)] {
        let text = url.absoluteString.drop { $0 != "?" }.dropFirst()
        return text.split(separator: "&").map { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { PercentEncoding.decode(String($0)) ?? String($0) }
            return (parts.first ?? "", parts.count > 1 ? parts[1] : nil)
        }
    }

    /// Returns the time at which a URL with the given parameters expires, or `nil` if they do not contain it.
    static func expiration(of query: [(name: String, value: String?)]) -> Date? {
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        if let start = value(QueryName.v4Date).flatMap(ISO8601.date(from:)),
            let seconds = value(QueryName.v4Expires).flatMap(Int.init)
        {
            return start + TimeInterval(seconds)
        }
        return value(QueryName.expires).flatMap(Int.init).map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }
}

extension Duration {
    /// Returns a duration of minutes.
    public static func minutes(_ count: Int) -> Duration { seconds(60, times: count) }

    /// Returns a duration of hours.
    public static func hours(_ count: Int) -> Duration { seconds(3600, times: count) }

    /// Returns a duration of days, each of 24 hours.
    public static func days(_ count: Int) -> Duration { seconds(86_400, times: count) }

    private static func seconds(_ unit: Int64, times count: Int) -> Duration {
        let (seconds, overflow) = unit.multipliedReportingOverflow(by: Int64(count))
        return .seconds(overflow ? (count < 0 ? .min : .max) : seconds)
    }
}
