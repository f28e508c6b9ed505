/// The sections of an INI file that holds credentials.
struct CredentialsFile {
    private var sections: [String: [String: String]] = [:]

    /// Reads the text; lines that are none of the format are skipped, as the tools that write these files do.
    init(_ text: String) {
        var name = ""
        // `isNewline`, because "\r\n" is one Character, which is not "\n".
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Self.trimmed(line)
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                name = Self.trimmed(line.dropFirst().dropLast()).lowercased()
                if sections[name] == nil { sections[name] = [:] }
                continue
            }
            // A secret may have a '=' in it.
            guard let equals = line.firstIndex(of: "=") else { continue }
            let field = Self.canonical(Self.trimmed(line[..<equals]))
            sections[name, default: [:]][field] = String(Self.trimmed(line[line.index(after: equals)...]))
        }
    }

    /// The fields of a section under one spelling: `accesskeyid`, `accesskeysecret`, `ststoken`, `mode` …
    func section(_ name: String) -> [String: String]? { sections[name.lowercased()] }

    /// The tools write `accessKeyID`, `access_key_id`, `access-key-id` and `oss_access_key_id` for the same thing.
    private static func canonical(_ field: Substring) -> String {
        let plain = field.lowercased().filter { $0 != "_" && $0 != "-" }
        return switch plain {
        case "ossaccesskeyid": "accesskeyid"
        case "ossaccesskeysecret", "osssecretaccesskey", "secretaccesskey": "accesskeysecret"
        case "osssessiontoken", "sessiontoken", "securitytoken": "ststoken"
        default: plain
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
