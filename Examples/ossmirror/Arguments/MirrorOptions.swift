/// What `up`, `down`, `copy` and `check` transfer, delete and leave alone, and what they store beside it. `nil` is the
/// library's default.
struct MirrorOptions: Equatable, Sendable {
    enum Update: String, CaseIterable, Sendable { case always, missing, newer, size, modified, checksum }
    enum Clashes: String, CaseIterable, Sendable {
        case keepFolder = "keep-folder"
        case keepFile = "keep-file"
        case keepNeither = "keep-neither"
    }
    enum Links: String, CaseIterable, Sendable { case follow, skip }
    enum Limit: Equatable, Sendable {
        case count(Int)
        case percent(Double)
    }

    /// A rule or a file of rules, in the order of the command line: the last match wins.
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
    /// Bytes.
    var minimumSize: Int64?
    /// Bytes.
    var maximumSize: Int64?
    /// Seconds: only what was changed longer ago.
    var minimumAge: Int64?
    /// Seconds: only what was changed more recently.
    var maximumAge: Int64?
    var compressedExtensions: Set<String> = []
    var metadata: [String: String] = [:]
    var cacheControl: String?
    var contentType: String?
    var storageClass: String?
    var acl: String?
    var tracksRenames = false
    var clashes: Clashes?
    var symbolicLinkObjects: Links?
    var dryRun = false
    var partition: Share?
    /// A report of an earlier run, of which only what failed is tried again.
    var retryReport: String?
}

extension MirrorOptions {
    /// From the words of the command line.
    init(_ scanned: ScannedArguments) throws(UsageError) {
        update = try scanned.choice("--update", or: scanned.flags.contains("--newer") ? .newer : nil)
        snapshot = scanned.values["--snapshot"]
        deletes = scanned.flags.contains("--delete")
        maximumDeletions = try scanned.values["--max-delete"].map { text throws(UsageError) in
            try Self.limit(text)
        }
        allowsEmptySource = scanned.flags.contains("--allow-empty-source")
        backupDirectory = scanned.values["--backup-dir"]
        rules = scanned.pairs.compactMap { pair in
            switch pair.name {
            case "--include": .include(pair.value)
            case "--exclude": .exclude(pair.value)
            case "--filter-from": .file(pair.value)
            default: nil
            }
        }
        let size = "a size such as 512K, 8M or 1G"
        minimumSize = try scanned.quantity("--min-size", size, Quantity.bytes)
        maximumSize = try scanned.quantity("--max-size", size, Quantity.bytes)
        minimumAge = try scanned.quantity("--min-age", "an age such as 12h or 7d", Quantity.seconds)
        maximumAge = try scanned.quantity("--max-age", "an age such as 12h or 7d", Quantity.seconds)
        let extensions = (scanned.values["--gzip"] ?? "").split(separator: ",")
        compressedExtensions = Set(extensions.map { String($0.drop { $0 == "." }).lowercased() })
        for pair in scanned.pairs where pair.name == "--metadata" {
            guard let equals = pair.value.firstIndex(of: "="), equals != pair.value.startIndex else {
                throw UsageError("--metadata needs NAME=VALUE, not '\(pair.value)'")
            }
            guard !pair.value.lowercased().hasPrefix("x-oss-") else {
                throw UsageError(
                    "--metadata \(pair.value[..<equals]): a header of the service would be stored as metadata, without its "
                        + "effect; use --storage-class or --acl, and for encryption the default of the bucket")
            }
            metadata[String(pair.value[..<equals])] = String(pair.value[pair.value.index(after: equals)...])
        }
        cacheControl = scanned.values["--cache-control"]
        contentType = scanned.values["--content-type"]
        storageClass = scanned.values["--storage-class"]
        acl = scanned.values["--acl"]
        tracksRenames = scanned.flags.contains("--track-renames")
        clashes = try scanned.choice("--clashes", or: nil)
        symbolicLinkObjects = try scanned.choice("--symlink-objects", or: nil)
        dryRun = scanned.flags.contains("--dry-run")
        partition = try scanned.values["--partition"].map { text throws(UsageError) in try Share(text) }
        retryReport = scanned.values["--retry-failed"]
        try check(scanned)
    }

    private func check(_ scanned: ScannedArguments) throws(UsageError) {
        if !deletes, scanned.verb != .rm {
            for option in ["--max-delete", "--backup-dir"] where scanned.values[option] != nil {
                throw UsageError("\(option) is about what --delete deletes; add --delete or leave it away")
            }
            if allowsEmptySource, scanned.verb == .up {
                throw UsageError("--allow-empty-source is about what --delete deletes; add --delete or leave it away")
            }
        }
        if let acl, !["default", "private", "public-read", "public-read-write"].contains(acl) {
            throw UsageError("--acl is 'default', 'private', 'public-read' or 'public-read-write', not '\(acl)'")
        }
    }

    /// `12` or `5%`.
    private static func limit(_ text: String) throws(UsageError) -> Limit {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) {
            return .percent(percent)
        }
        guard let count = Int(text), count >= 0 else {
            throw UsageError("--max-delete needs a number, or a share such as 5%, not '\(text)'")
        }
        return .count(count)
    }
}

extension MirrorOptions.Share {
    /// `I/N`.
    init(_ text: String) throws(UsageError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...10_000).contains(count),
            (1...count).contains(index)
        else {
            throw UsageError("--partition needs I/N with I from 1 to N and N at most 10000, such as 1/4, not '\(text)'")
        }
        self.init(index: index, count: count)
    }
}

extension ScannedArguments {
    /// The value of an option that has one of several words.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String, or fallback: Choice?
    ) throws(UsageError) -> Choice? where Choice.RawValue == String {
        guard let text = values[option] else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw UsageError("\(option) is one of \(names), not '\(text)'")
        }
        return choice
    }

    /// The value of an option that is a number with a unit.
    func quantity(
        _ option: String, _ example: String, _ read: (String) -> Int64?
    ) throws(UsageError) -> Int64? {
        guard let text = values[option] else { return nil }
        guard let value = read(text) else { throw UsageError("\(option) needs \(example), not '\(text)'") }
        return value
    }
}
