import Foundation

/// The selection, deletion and storage options of `up`, `down`, `copy`, `check` and `rm`. `nil` selects the library's
/// default.
struct MirrorOptions: Equatable, Sendable {
    enum Update: String, CaseIterable, Sendable { case always, missing, newer, size, modified, checksum }
    enum Clashes: String, CaseIterable, Sendable {
        case keepFolder = "keep-folder"
        case keepFile = "keep-file"
        case keepNeither = "keep-neither"
    }
    enum Links: String, CaseIterable, Sendable { case follow, skip }
    enum AccessControlList: String, CaseIterable, Sendable {
        case `default`, `private`
        case publicRead = "public-read"
        case publicReadWrite = "public-read-write"
    }
    enum Encryption: String, CaseIterable, Sendable {
        case aes256 = "AES256"
        case kms = "KMS"
        case sm4 = "SM4"
    }
    enum Limit: Equatable, Sendable {
        case count(Int)
        case percent(Double)
    }

    /// A filter rule or a file of rules. Rules are in command-line order, and the last matching rule wins.
    enum Rule: Equatable, Sendable {
        case include(String)
        case exclude(String)
        case file(String)
    }

    struct Share: Equatable, Sendable {
        var index: Int
        var count: Int
    }

    var update: Update?
    var snapshot: String?
    var deletes = false
    var maximumDeletions: Limit?
    var allowsEmptySource = false
    var backupDirectory: String?
    var rules: [Rule] = []
    /// Minimum file size, in bytes.
    var minimumSize: Int64?
    /// Maximum file size, in bytes.
    var maximumSize: Int64?
    /// Minimum time, in seconds, since the last modification.
    var minimumAge: Int64?
    /// Maximum time, in seconds, since the last modification.
    var maximumAge: Int64?
    var compressedExtensions: Set<String> = []
    var metadata: [String: String] = [:]
    var cacheControl: String?
    var contentType: String?
    var contentDisposition: String?
    var contentEncoding: String?
    /// `Expires` header.
    var expires: Date?
    var storageClass: String?
    var acl: AccessControlList?
    var updatesAttributes = false
    var tags: [String: String] = [:]
    var encryption: Encryption?
    /// ID of the KMS key with which objects are encrypted.
    var encryptionKeyID: String?
    var tracksRenames = false
    var clashes: Clashes?
    var symbolicLinkObjects: Links?
    var dryRun = false
    /// Path of a file that lists the files to transfer; `-` for standard input.
    var list: String?
    /// Number of days for which archived objects are restored, or `nil` to restore none.
    var restoreDays: Int?
    var partition: Share?
    /// Path of an earlier run's report whose failures are retried, or `nil` to process all files.
    var retryReport: String?
}

extension MirrorOptions {
    init(_ scanned: ScannedArguments) throws(UsageError) {
        update = scanned.choice("--update") ?? (scanned.has("--newer") ? .newer : nil)
        snapshot = scanned.values["--snapshot"]
        deletes = scanned.has("--delete") || scanned.verb == .sync
        maximumDeletions = try scanned.values["--max-delete"].map { text throws(UsageError) in
            try Self.limit(text)
        }
        allowsEmptySource = scanned.has("--allow-empty-source")
        backupDirectory = scanned.values["--backup-dir"]
        rules = scanned.pairs.compactMap { pair in
            switch pair.name {
            case "--include": .include(pair.value)
            case "--exclude": .exclude(pair.value)
            case "--filter-from": .file(pair.value)
            default: nil
            }
        }
        minimumSize = scanned.size("--min-size")
        maximumSize = scanned.size("--max-size")
        minimumAge = scanned.seconds("--min-age")
        maximumAge = scanned.seconds("--max-age")
        let extensions = (scanned.values["--gzip"] ?? "").split(separator: ",")
        compressedExtensions = Set(extensions.map { String($0.drop { $0 == "." }).lowercased() })
        for pair in scanned.pairs where pair.name == "--metadata" {
            guard let equals = pair.value.firstIndex(of: "="), equals != pair.value.startIndex else {
                throw UsageError("--metadata must be NAME=VALUE (got '\(pair.value)')")
            }
            guard !pair.value.lowercased().hasPrefix("x-oss-") else {
                throw UsageError(
                    "--metadata \(pair.value[..<equals]): names that start with x-oss- are reserved; use --storage-class, "
                        + "--acl, --tagging or --sse")
            }
            metadata[String(pair.value[..<equals])] = String(pair.value[pair.value.index(after: equals)...])
        }
        cacheControl = scanned.values["--cache-control"]
        contentType = scanned.values["--content-type"]
        contentDisposition = scanned.values["--content-disposition"]
        contentEncoding = scanned.values["--content-encoding"]
        expires = scanned.date("--expires-header")
        storageClass = scanned.values["--storage-class"]
        acl = scanned.choice("--acl")
        updatesAttributes = scanned.has("--update-attributes")
        tags = try scanned.values["--tagging"].map { text throws(UsageError) in try Self.tags(text) } ?? [:]
        encryption = scanned.choice("--sse")
        encryptionKeyID = scanned.values["--sse-key-id"]
        if encryptionKeyID != nil, encryption != .kms { throw UsageError("--sse-key-id requires --sse KMS") }
        tracksRenames = scanned.has("--track-renames")
        clashes = scanned.choice("--clashes")
        symbolicLinkObjects = scanned.choice("--symlink-objects")
        dryRun = scanned.has("--dry-run")
        if scanned.verb != .rm { list = scanned.values["--files-from"] }
        restoreDays = scanned.number("--restore")
        partition = try scanned.values["--partition"].map { text throws(UsageError) in try Share(text) }
        retryReport = scanned.values["--retry-failed"]
        try check(scanned)
    }

    /// The names of the options that request attributes of uploaded objects, as given on the command line.
    var attributeOptions: [String] { namedAttributes.filter(\.isGiven).map(\.name) }

    private var namedAttributes: [(name: String, isGiven: Bool)] {
        [
            ("--metadata", !metadata.isEmpty), ("--content-type", contentType != nil),
            ("--cache-control", cacheControl != nil), ("--content-disposition", contentDisposition != nil),
            ("--content-encoding", contentEncoding != nil), ("--expires-header", expires != nil),
            ("--storage-class", storageClass != nil), ("--acl", acl != nil), ("--tagging", !tags.isEmpty),
        ]
    }

    private func check(_ scanned: ScannedArguments) throws(UsageError) {
        if updatesAttributes, attributeOptions.isEmpty {
            let names = namedAttributes.map(\.name)
            throw UsageError(
                "--update-attributes requires \(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")")
        }
        if contentEncoding != nil, !compressedExtensions.isEmpty {
            throw UsageError("--content-encoding does not go together with --gzip, which sets it")
        }
        if list != nil, deletes {
            throw UsageError("--files-from does not go together with deletions; use --filter-from")
        }
        if !deletes, scanned.verb != .rm {
            for option in ["--max-delete", "--backup-dir"] where scanned.values[option] != nil {
                throw UsageError("\(option) requires --delete")
            }
            if allowsEmptySource, scanned.verb == .up {
                throw UsageError("--allow-empty-source requires --delete")
            }
        }
    }

    /// Parses tags such as `team=web&state=draft`. Names and values are percent-decoded.
    private static func tags(_ text: String) throws(UsageError) -> [String: String] {
        var tags: [String: String] = [:]
        for tag in text.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first?.removingPercentEncoding, !name.isEmpty,
                let value = parts.dropFirst().first.map(\.removingPercentEncoding) ?? "",
                tags.updateValue(value, forKey: name) == nil
            else {
                throw UsageError("--tagging must be NAME=VALUE&NAME=VALUE with distinct names (got '\(text)')")
            }
        }
        return tags
    }

    /// Parses a limit such as `12` or `5%`.
    private static func limit(_ text: String) throws(UsageError) -> Limit {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) {
            return .percent(percent)
        }
        guard let count = Int(text), count >= 0 else {
            throw UsageError("--max-delete must be a number or a percentage such as 5% (got '\(text)')")
        }
        return .count(count)
    }
}

extension MirrorOptions.Share {
    /// Parses a partition of the form `I/N`.
    init(_ text: String) throws(UsageError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...10_000).contains(count),
            (1...count).contains(index)
        else {
            throw UsageError(
                "--partition must be I/N, such as 1/4, with I from 1 to N and N up to 10000 (got '\(text)')")
        }
        self.init(index: index, count: count)
    }
}
