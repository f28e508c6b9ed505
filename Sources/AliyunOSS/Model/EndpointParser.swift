/// The validated components of an endpoint given as text.
struct EndpointParser {
    var scheme = Endpoint.Scheme.https
    var host: String
    var port: Int?
    /// Whether the host is an IP address.
    var isAddress: Bool

    init(_ text: String) throws(OSSError) {
        // Bytes, not characters: "\r\n" is one Character, and a slash with an accent is not a slash.
        guard !text.isEmpty else { throw Self.refusal(text, "it is empty") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Self.refusal(text, "it contains a space, a control character or a non-ASCII character")
        }
        var rest = Substring(text)
        if let range = rest.firstRange(of: "://") {
            guard let scheme = Endpoint.Scheme(rawValue: rest[..<range.lowerBound].lowercased()) else {
                throw Self.refusal(text, "it has an unsupported scheme; use https:// or http://")
            }
            self.scheme = scheme
            rest = rest[range.upperBound...]
        }
        // Browsers show a slash at the end, which has no meaning.
        if rest.hasSuffix("/") { rest.removeLast() }
        if rest.contains("@") { throw Self.refusal(text, "it must not contain credentials") }
        if rest.contains("?") || rest.contains("#") { throw Self.refusal(text, "it must not contain a query") }
        if rest.contains("/") { throw Self.refusal(text, "it must not contain a path") }

        let (host, port) = Self.split(rest)
        if let port {
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
                (1...65535).contains(number)
            else { throw Self.refusal(text, "the port must be a number from 1 to 65535") }
            self.port = number
        }
        self.host = host.lowercased()
        if host.hasPrefix("[") {
            isAddress = true
            guard Self.isIPv6(host) else { throw Self.refusal(text, "'\(host)' is not a valid IPv6 address") }
            #if canImport(FoundationNetworking)
                // URLSession fails each request to such a URL with -1000 (bad URL).
                throw Self.refusal(
                    text, "URLSession on Linux cannot reach an IPv6 address; use a host name")
            #endif
        } else if let last = host.split(separator: ".", omittingEmptySubsequences: false).last, Int(last) != nil {
            isAddress = true
            guard Self.isIPv4(host) else { throw Self.refusal(text, "'\(host)' is not a valid IPv4 address") }
        } else {
            isAddress = false
            guard Self.isName(host) else { throw Self.refusal(text, "'\(host)' is not a valid host name") }
        }
    }

    private static func split(_ text: Substring) -> (host: Substring, port: Substring?) {
        // A colon inside the brackets of an IPv6 address does not separate a port.
        let colon =
            if let bracket = text.lastIndex(of: "]") { text[bracket...].firstIndex(of: ":") } else {
                text.lastIndex(of: ":")
            }
        guard let colon else { return (text, nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func isName(_ host: Substring) -> Bool {
        guard !host.isEmpty, host.utf8.count <= 253 else { return false }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.lowercased().utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "_") }
        }
    }

    private static func isIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && Int(part).map { $0 <= 255 } == true
            }
    }

    private static func isIPv6(_ host: Substring) -> Bool {
        guard host.hasSuffix("]"), host.utf8.count >= 4 else { return false }
        let address = host.dropFirst().dropLast()
        return address.contains(":")
            && address.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private static func refusal(_ text: String, _ problem: String) -> OSSError {
        // The text before an '@' may be a password and is not repeated.
        let shown = text.contains("@") ? "…@" + (text.split(separator: "@").last ?? "") : text
        return OSSError(
            .invalidArgument,
            "'\(shown)' is not a valid endpoint: \(problem); example: https://oss-cn-hangzhou.aliyuncs.com")
    }
}
