import Foundation

/// The response to `GET /-/changes`, with which the page follows the server.
struct Changes: Encodable {
    struct BucketLine: Encodable {
        var name: String
        var objects: Int
    }

    /// Number of log entries at the end of the log that the page shows.
    static let maximumCount = 500

    /// Text that differs between two runs of the server on the same port.
    var run: String
    /// Value of `after` in the next request.
    var next: Int
    /// Position of the oldest entry in the log.
    var oldest: Int
    var requests: [LoggedRequest]
    var faults: [FaultOccurrences.Line]
    var statistics: MockStatistics
    var buckets: [BucketLine]
    var region: String
    /// Whether the server verifies signatures.
    var verifiesSignatures: Bool
    var isReadOnly: Bool

    init(_ core: ServerCore, after revision: Int) {
        run = core.runID
        let changes = core.log.changes(after: revision, among: Self.maximumCount)
        next = changes.revision
        oldest = changes.oldest
        requests = changes.entries.map { LoggedRequest($0.request, position: $0.position) }
        faults = FaultOccurrences(core.faults).faults
        statistics = core.statistics
        buckets = core.store.all.map { BucketLine(name: $0.name, objects: $0.count) }
        region = core.configuration.region
        verifiesSignatures = core.checker.isStrict
        isReadOnly = core.configuration.hasReadOnlyPage
    }
}
