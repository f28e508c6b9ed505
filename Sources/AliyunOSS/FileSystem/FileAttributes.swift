import Foundation

/// The modification time and permissions of a file, which are stored as metadata of its object.
///
/// `mtime` is the number of seconds since 1970 with up to nine decimals, as written by rclone. `mode` is an octal
/// number, such as `644`.
struct FileAttributes: Hashable, Sendable {
    /// Time at which the content was last modified; `nil` if unknown.
    var modified: FileStatus.Time?
    /// The read, write and execute permissions of the file; `nil` if unknown. The set-user-ID, set-group-ID and sticky
    /// bits are excluded, because an object must not grant them.
    var permissions: UInt32?

    init(_ status: FileStatus) {
        modified = status.modified
        permissions = status.permissions & 0o777
    }

    /// Creates attributes from the metadata of an object. Missing and malformed values are ignored.
    init(metadata: [String: String]) {
        modified = metadata["mtime"].flatMap(Self.time)
        permissions = metadata["mode"].flatMap { UInt32($0, radix: 8) }.map { $0 & 0o777 }
    }

    /// The metadata to store with the object.
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

    /// Adds the metadata to that of an object. Given metadata of these names, which are case-insensitive, takes
    /// precedence.
    func add(to given: inout [String: String]) {
        let names = Set(given.keys.map { $0.lowercased() })
        for (name, value) in metadata where !names.contains(name) { given[name] = value }
    }

    private static func time(_ text: String) -> FileStatus.Time? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        // File systems reject times after the year 9999 or wrap them around.
        guard let seconds = parts.first.flatMap({ Int64($0) }), seconds.magnitude < 253_402_300_800 else { return nil }
        guard parts.count == 2 else { return FileStatus.Time(seconds: seconds, nanoseconds: 0) }
        let decimals = parts[1].utf8.prefix(9)
        guard !decimals.isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let padded = String(decoding: decimals, as: UTF8.self) + String(repeating: "0", count: 9 - decimals.count)
        return Int64(padded).map { FileStatus.Time(seconds: seconds, nanoseconds: $0) }
    }
}
