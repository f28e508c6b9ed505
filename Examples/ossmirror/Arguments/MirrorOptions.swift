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
