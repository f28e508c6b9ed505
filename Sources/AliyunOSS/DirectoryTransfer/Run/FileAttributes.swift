/// A file's time and permissions, as they travel in the metadata of its object.
///
/// `mtime` is seconds since 1970 with up to nine decimals, as rclone writes it too; `mode` is octal: `644`.
struct FileAttributes: Hashable, Sendable {
    /// When the content last changed.
    var modified: FileStatus.Time?
    /// The permission bits, without set-user-id, set-group-id and sticky: an object must not grant those.
    var permissions: UInt32?

    init(_ status: FileStatus) {
        modified = status.modified
        permissions = status.permissions & 0o777
    }

    /// Reads metadata. What is missing or malformed counts as not there.
    init(metadata: [String: String]) {
        modified = metadata["mtime"].flatMap(Self.time)
        permissions = metadata["mode"].flatMap { UInt32($0, radix: 8) }.map { $0 & 0o777 }
    }

    /// The metadata to store.
    var metadata: [String: String] {
        var metadata: [String: String] = [:]
        if let modified {
            let digits = String(modified.nanoseconds)
            metadata["mtime"] =
                "\(modified.seconds)." + String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
        }
        if let permissions { metadata["mode"] = String(permissions, radix: 8) }
        return metadata
    }

    private static func time(_ text: String) -> FileStatus.Time? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        // Beyond this (the year 9999 and as far back), file systems refuse or wrap.
        guard let seconds = parts.first.flatMap({ Int64($0) }), seconds.magnitude < 253_402_300_800 else { return nil }
        guard parts.count == 2 else { return FileStatus.Time(seconds: seconds, nanoseconds: 0) }
        let decimals = parts[1].utf8.prefix(9)
        guard !decimals.isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let padded = String(decoding: decimals, as: UTF8.self) + String(repeating: "0", count: 9 - decimals.count)
        return Int64(padded).map { FileStatus.Time(seconds: seconds, nanoseconds: $0) }
    }
}
