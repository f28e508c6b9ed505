import Foundation

/// Whether a URL reaches the server exactly as it is written.
///
/// libcurl resolves `.` and `..` in a path (`/a/../b` becomes `/b`), and newer versions do so for `%2E`, too: a request
/// for one object would be answered with another. Such a URL is refused; whoever builds it writes those segments' slashes
/// as `%2F`.
enum RequestAddress {
    /// What is wrong with a URL, in words without the URL itself; `nil` when it can be sent.
    static func problem(with url: String) -> String? {
        guard let schemeEnd = url.range(of: "://") else { return "the URL has no scheme" }
        let scheme = url[..<schemeEnd.lowerBound]
        guard scheme == "http" || scheme == "https" else { return "the URL's scheme is neither http nor https" }
        guard url.utf8.allSatisfy(isAllowed) else { return "the URL has a character that must be percent-encoded" }
        let rest = url[schemeEnd.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.hasPrefix(":") else { return "the URL has no host" }
        guard !authority.contains("@") else { return "the URL has a user name in it" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        for segment in path.split(separator: "/") where isDots(segment) {
            return "the URL's path has a segment '.' or '..', which would be resolved on the way"
        }
        return nil
    }

    private static func isDots(_ segment: Substring) -> Bool {
        var dots = 0
        var rest = segment
        while !rest.isEmpty {
            if rest.hasPrefix(".") {
                rest = rest.dropFirst()
            } else if rest.hasPrefix("%2E") || rest.hasPrefix("%2e") {
                rest = rest.dropFirst(3)
            } else {
                return false
            }
            dots += 1
        }
        return dots == 1 || dots == 2
    }

    /// Visible ASCII without what a URL parser would encode, or, like `#`, take for the end.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"#<>\\^`{|}".utf8.contains(byte)
    }
}
