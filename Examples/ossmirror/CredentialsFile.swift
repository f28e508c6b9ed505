import AliyunOSS
import Foundation

/// A file with the lines that would otherwise be in the environment:
///
/// ```
/// OSS_ACCESS_KEY_ID=…
/// OSS_ACCESS_KEY_SECRET=…
/// OSS_SESSION_TOKEN=…
/// ```
///
/// Empty lines and lines that begin with `#` are skipped.
enum CredentialsFile {
    private static let names = ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"]

    /// Reads the file. No message about it ever repeats what it holds.
    static func read(_ path: String) throws -> StaticCredentialsProvider {
        var status = stat()
        guard stat(path, &status) == 0, let content = FileManager.default.contents(atPath: path) else {
            let reason = String(cString: strerror(errno))
            throw unavailable("cannot read the credentials file '\(path)': \(reason)")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw unavailable("other users can read the credentials file '\(path)'; run: chmod 600 '\(path)'")
        }
        let values = try parse(String(decoding: content, as: UTF8.self), path)
        guard let id = values[names[0]], let secret = values[names[1]] else {
            throw unavailable("the credentials file '\(path)' needs a line \(names[0])=… and a line \(names[1])=…")
        }
        return .static(accessKeyID: id, accessKeySecret: secret, securityToken: values[names[2]])
    }

    static func parse(_ text: String, _ path: String) throws -> [String: String] {
        var values: [String: String] = [:]
        for (number, line) in zip(1..., text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)) {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].trimmingCharacters(in: .whitespaces)
            guard parts.count == 2, names.contains(name) else {
                throw unavailable(
                    "line \(number) of the credentials file '\(path)' is none of: "
                        + names.map { $0 + "=…" }.joined(separator: ", "))
            }
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            if !value.isEmpty { values[name] = value }
        }
        return values
    }

    private static func unavailable(_ message: String) -> OSSError { OSSError(.credentialsUnavailable, message) }
}
