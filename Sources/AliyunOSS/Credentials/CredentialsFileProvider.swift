import Foundation
import Synchronization

/// A provider that reads credentials from the ossutil configuration file (`~/.ossutilconfig`) or the Java SDK
/// credentials file (`~/.oss/credentials`).
///
/// ```ini
/// [Credentials]
/// accessKeyID = LTAI…
/// accessKeySecret = …
/// stsToken = …
/// ```
///
/// The file is read when credentials are first needed, and again after the service rejects them.
public final class CredentialsFileProvider: CredentialsProvider {
    /// Paths of the default files in the home directory, in order of preference. The home directory is `$HOME` if that
    /// is an absolute path; otherwise, it is the directory of the account.
    public static var defaultPaths: [String] {
        [".ossutilconfig", ".oss/credentials"].map { ProcessInfo.homeDirectory() + "/" + $0 }
    }

    private static let maximumSize = 1 << 20

    private let paths: [String]
    private let profile: String?
    private let cached = Mutex<Credentials?>(nil)

    /// Creates a provider without reading the file.
    ///
    /// - Parameters:
    ///   - path: Path of the file. Default: the first of ``defaultPaths`` that exists.
    ///   - profile: Section to read. Default: `Credentials`, or `default`.
    public init(path: String? = nil, profile: String? = nil) {
        paths = path.map { [$0] } ?? Self.defaultPaths
        self.profile = profile
    }

    /// Returns the credentials from the file.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when the file does not exist or
    ///   has no usable credentials.
    public func credentials() async throws -> Credentials? {
        if let known = cached.withLock({ $0 }) { return known }
        let credentials: Credentials
        do {
            credentials = try read()
        } catch {
            // A pipe without a writer is waited for until the task is cancelled.
            try Task.checkCancellation()
            throw error
        }
        cached.withLock { $0 = credentials }
        return credentials
    }

    /// Discards the credentials, so that the next request reads the file again.
    public func invalidate(_ credentials: Credentials) async {
        cached.withLock { if $0 == credentials { $0 = nil } }
    }

    /// Whether at least one of the files exists.
    var exists: Bool { existingPath != nil }

    private var existingPath: String? { paths.first { FileManager.default.fileExists(atPath: $0) } }

    private func read() throws(OSSError) -> Credentials {
        guard let path = existingPath else {
            throw OSSError(
                .credentialsUnavailable, "no credentials: there is no file \(paths.joined(separator: " or "))")
        }
        let bytes: Data
        do {
            bytes = Data(try OpenFile.reading(path).contents(atMost: Self.maximumSize + 1))
        } catch {
            throw OSSError(.credentialsUnavailable, "the credentials file \(path) cannot be read", underlying: error)
        }
        guard bytes.count <= Self.maximumSize, let text = String(data: bytes, encoding: .utf8) else {
            throw OSSError(
                .credentialsUnavailable,
                "the credentials file \(path) is larger than 1 MiB or is not valid UTF-8; check that it is the right file"
            )
        }
        let file = CredentialsFile(text)
        let sections = profile.map { [$0, "profile \($0)"] } ?? ["Credentials", "default"]
        guard let section = sections.lazy.compactMap({ file.section($0) }).first else {
            throw OSSError(.credentialsUnavailable, "the credentials file \(path) has no section [\(sections[0])]")
        }
        if let mode = section["mode"]?.lowercased(), !["", "ak", "ststoken"].contains(mode) {
            throw OSSError(
                .credentialsUnavailable,
                "the credentials file \(path) has mode '\(mode.excerpt)'; only the modes AK and StsToken are supported"
            )
        }
        let credentials = Credentials(
            accessKeyID: section["accesskeyid"] ?? "", accessKeySecret: section["accesskeysecret"] ?? "",
            securityToken: section["ststoken"])
        try credentials.validate(from: path)
        return credentials
    }
}

extension CredentialsFileProvider: CustomReflectable {
    /// A mirror that shows the paths but no credentials.
    public var customMirror: Mirror { Mirror(self, children: ["paths": paths, "profile": profile ?? "default"]) }
}

extension CredentialsProvider where Self == CredentialsFileProvider {
    /// Returns a provider that reads credentials from a file. Default: `~/.ossutilconfig` or `~/.oss/credentials`.
    public static func file(_ path: String? = nil, profile: String? = nil) -> CredentialsFileProvider {
        CredentialsFileProvider(path: path, profile: profile)
    }
}

/// The sections of an INI file that holds credentials.
struct CredentialsFile {
    private var sections: [String: [String: String]] = [:]

    /// Parses the text of a credentials file. Lines in an unknown format are skipped, as they are by the tools that
    /// write these files.
    init(_ text: String) {
        var name = ""
        // "\r\n" is a single Character, different from "\n".
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Self.trimmed(line)
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                name = Self.trimmed(line.dropFirst().dropLast()).lowercased()
                if sections[name] == nil { sections[name] = [:] }
                continue
            }
            // A secret may contain '='.
            guard let equals = line.firstIndex(of: "=") else { continue }
            let field = Self.canonical(Self.trimmed(line[..<equals]))
            sections[name, default: [:]][field] = String(Self.trimmed(line[line.index(after: equals)...]))
        }
    }

    /// Returns the fields of a section, keyed by canonical name, or `nil` if there is no such section. The names
    /// include `accesskeyid`, `accesskeysecret`, `ststoken` and `mode`.
    func section(_ name: String) -> [String: String]? { sections[name.lowercased()] }

    /// Returns the canonical name of a field. Tools write `accessKeyID`, `access_key_id`, `access-key-id` or
    /// `oss_access_key_id`.
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
