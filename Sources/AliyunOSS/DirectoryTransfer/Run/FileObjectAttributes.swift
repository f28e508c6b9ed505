import Foundation
import OSSPrimitives

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
            FileAttributes(status).add(to: &attributes.metadata)
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

extension FileObjectAttributes {
    /// Digest of the attributes that the options request for every object, with which a record shows that an object
    /// already has them; 0 if none are requested, or if they can differ from file to file.
    var digest: UInt64 {
        guard adjust == nil, common != ObjectAttributes() else { return 0 }
        let encryption = common.encryption
        var fields: [String: String?] = [
            "Content-Type": common.contentType, "Cache-Control": common.cacheControl,
            "Content-Disposition": common.contentDisposition, "Content-Encoding": common.contentEncoding,
            "Expires": common.expires.map { HTTPDate.string(from: $0) }, "class": common.storageClass?.rawValue,
            "acl": common.accessControl?.rawValue, "sse": encryption?.algorithm.rawValue,
            "sse-key": encryption?.masterKeyID, "sse-data": encryption?.dataEncryption?.rawValue,
            "retention": common.retention.map { "\($0.mode) \($0.retainUntil.timeIntervalSince1970)" },
            "legal-hold": common.hasLegalHold ? "ON" : nil,
        ]
        for (name, value) in common.metadata { fields["meta " + name.lowercased()] = value }
        for (name, value) in common.tags { fields["tag " + name] = value }
        let lines = fields.compactMap { name, value in value.map { "\(name)\0\($0)\n" } }.sorted()
        return SHA256.hash(Data(lines.joined().utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
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
