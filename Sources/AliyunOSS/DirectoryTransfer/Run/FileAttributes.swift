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

/// The rules that determine the attributes of uploaded objects.
struct FileObjectAttributes: Sendable {
    /// The attributes common to all uploaded objects.
    var common = ObjectAttributes()
    var preservesAttributes = true
    var adjust: (@Sendable (inout ObjectAttributes, TransferCandidate) throws -> Void)?

    /// Returns the attributes of the object to which a file is uploaded.
    func attributes(of path: RelativePath, _ status: FileStatus) throws -> ObjectAttributes {
        var attributes = common
        if attributes.contentType == nil { attributes.contentType = path.fileExtension.flatMap(ContentTypes.type) }
        if preservesAttributes {
            attributes.metadata.merge(FileAttributes(status).metadata) { given, _ in given }
        }
        try adjust?(&attributes, TransferCandidate(path, status))
        return attributes
    }

    /// Returns the attributes that the options request for the object of a file, without those derived from the file.
    func requested(for path: RelativePath, _ status: FileStatus) throws -> ObjectAttributes {
        var attributes = common
        try adjust?(&attributes, TransferCandidate(path, status))
        return attributes
    }
}

extension TransferCandidate {
    fileprivate init(_ path: RelativePath, _ status: FileStatus) {
        self.init(path: path.description, size: status.size, modified: status.modified.date)
    }
}

/// A rule that selects files for compression by file extension.
struct CompressionRule: Hashable, Sendable {
    /// Extensions without dots, in lowercase.
    var extensions: Set<String> = []

    init(_ extensions: Set<String> = []) {
        self.extensions = Set(extensions.map { $0.lowercased() })
    }

    /// Returns whether the rule selects a file.
    func includes(_ path: RelativePath) -> Bool {
        guard !extensions.isEmpty else { return false }
        return path.fileExtension.map { extensions.contains($0) } ?? false
    }
}

extension RelativePath {
    /// The lowercase file extension; `nil` if the name has no dot between its first and last characters.
    var fileExtension: String? {
        let name = bytes[(bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex, dot < name.endIndex - 1 else {
            return nil
        }
        return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
    }
}

extension ObjectAttributes {
    /// Returns the content type that a folder upload stores with files of an extension, or `nil` if the extension is
    /// unknown. For example, `html` has the content type `text/html`.
    ///
    /// - Parameter fileExtension: The extension without a dot. Case does not matter.
    public static func contentType(forExtension fileExtension: String) -> String? {
        ContentTypes.type(for: fileExtension.lowercased())
    }
}

/// A table of content types, keyed by file extension.
enum ContentTypes {
    /// Returns the content type for a lowercase extension without a dot, or `nil` if the extension is unknown.
    static func type(for fileExtension: String) -> String? { table[fileExtension] }

    /// Content types, keyed by extension. If a type has several names, the table uses the one that the service
    /// compresses: `application/javascript` and `text/xml` instead of `text/javascript` and `application/xml`.
    private static let table: [String: String] = [
        "7z": "application/x-7z-compressed", "aac": "audio/aac", "apk": "application/vnd.android.package-archive",
        "apng": "image/apng", "avi": "video/x-msvideo", "avif": "image/avif", "bmp": "image/bmp",
        "bz2": "application/x-bzip2", "c": "text/x-c", "css": "text/css", "csv": "text/csv",
        "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "eot":
            "application/vnd.ms-fontobject", "epub": "application/epub+zip", "flac": "audio/flac", "flv": "video/x-flv",
        "gif": "image/gif", "gz": "application/gzip", "h": "text/x-c", "heic": "image/heic", "htm": "text/html",
        "html": "text/html", "ico": "image/vnd.microsoft.icon", "ics": "text/calendar",
        "jar": "application/java-archive",
        "java": "text/x-java-source", "jpeg": "image/jpeg", "jpg": "image/jpeg", "js": "application/javascript",
        "json": "application/json", "jsonld": "application/ld+json", "log": "text/plain",
        "m3u8": "application/vnd.apple.mpegurl", "m4a": "audio/mp4", "m4v": "video/x-m4v", "map": "application/json",
        "md": "text/markdown", "mid": "audio/midi", "mjs": "application/javascript", "mkv": "video/x-matroska",
        "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4", "mpd": "application/dash+xml",
        "mpeg": "video/mpeg", "oga": "audio/ogg", "ogg": "audio/ogg", "ogv": "video/ogg", "otf": "font/otf",
        "pdf": "application/pdf", "png": "image/png", "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "rar": "application/vnd.rar", "rss": "application/rss+xml", "rtf": "application/rtf",
        "svg": "image/svg+xml", "tar": "application/x-tar", "tgz": "application/gzip", "tif": "image/tiff",
        "tiff": "image/tiff", "toml": "application/toml", "ts": "video/mp2t", "tsv": "text/tab-separated-values",
        "ttf": "font/ttf", "txt": "text/plain", "vtt": "text/vtt", "wasm": "application/wasm", "wav": "audio/wav",
        "weba": "audio/webm", "webm": "video/webm", "webmanifest": "application/manifest+json", "webp": "image/webp",
        "wmv": "video/x-ms-wmv", "woff": "font/woff", "woff2": "font/woff2", "xhtml": "application/xhtml+xml",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "text/xml",
        "xz": "application/x-xz", "yaml": "application/yaml", "yml": "application/yaml", "zip": "application/zip",
        "zst": "application/zstd",
    ]
}
