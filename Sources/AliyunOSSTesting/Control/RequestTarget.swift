/// The target of a request as it may be shown to others.
enum RequestTarget {
    private static let secrets: Set<String> = [
        "signature", "x-oss-signature", "security-token", "x-oss-security-token",
    ]

    /// The target with nothing in the place of signatures and tokens: of a log that is shown around they would be a way
    /// to repeat requests. All else stays as it was received.
    static func withoutSecrets(_ target: String) -> String {
        guard let question = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target }
        let start = target.utf8.index(after: question)
        let items = target.utf8[start...].split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        let shown = items.map { item in
            let name = item.prefix { $0 != UInt8(ascii: "=") }
            guard name.endIndex != item.endIndex, let decoded = percentDecoded(name),
                secrets.contains(decoded.lowercased())
            else { return String(Substring(item)) }
            return String(Substring(name)) + "="
        }
        return String(target[..<start]) + shown.joined(separator: "&")
    }

    /// Whether a header, by its name in lower case, is none that may be shown to others.
    static func isSecret(header name: String) -> Bool {
        name == "authorization" || secrets.contains(name)
    }
}
