import AliyunOSS
import Foundation

/// A request to an endpoint under `/-/`.
struct ControlRequest {
    var method: String
    /// Decoded path without `/-/`.
    var path: String
    var query = QueryItems()
    var headers = HTTPHeaders()
    /// Host name without the port, in lowercase.
    var host: String
    /// Host name with the port, as received.
    var authority: String
    var body = Data()
}

extension ControlRequest {
    /// Whether a browser sent the request on behalf of a web page. Programs such as curl send neither header.
    var isFromPage: Bool { headers["Origin"] != nil || headers["Sec-Fetch-Site"] != nil }

    /// Whether the request only reads. Such a request needs no check of its origin, because a browser does not let
    /// pages of other origins read the response.
    var isReading: Bool { method == "GET" || method == "HEAD" }

    /// Returns the reason to reject the request, or `nil` to accept it.
    ///
    /// A browser can be made to send requests to this machine by any page that it shows. Two checks distinguish the
    /// server's own page from others:
    ///
    /// - The host name must not be a domain name on the internet: its owner can change its address to 127.0.0.1 after
    ///   the browser has loaded a page from it, and the browser then treats both as the same origin.
    /// - A request that changes something must come from the origin to which it is sent.
    ///
    /// - Parameters:
    ///   - hosts: Domain names under which the server expects to be called.
    ///   - isReadOnly: Whether pages may only read.
    func refusal(hosts: [String], isReadOnly: Bool) -> String? {
        let isAddress = host.hasPrefix("[") || host.split(separator: ".").allSatisfy { UInt8($0) != nil }
        guard isAddress || !host.contains(".") || hosts.contains(host) else {
            return "the host name '\(host)' is not one of this server; use its IP address, or start the server with "
                + "--host-suffix \(host)"
        }
        guard !isReading, isFromPage else { return nil }
        let site = headers["Sec-Fetch-Site"] ?? "same-origin"
        let origin = headers["Origin"] ?? "http://\(authority)"
        guard site == "same-origin", origin.lowercased() == "http://\(authority)".lowercased() else {
            return "a web page of another origin sent this request (Origin: \(headers["Origin"] ?? "none"))"
        }
        return isReadOnly ? "the page is read-only (--read-only-page)" : nil
    }
}
