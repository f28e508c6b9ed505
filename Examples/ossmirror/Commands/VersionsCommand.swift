import AliyunOSS
import Foundation

/// The command `versions`, which prints the versions and delete markers of objects, one per line. Those of a key are
/// printed from newest to oldest.
struct VersionsCommand: Command {
    let remote: RemoteAddress
    let connection: ConnectionArguments
    let isJSON: Bool
    let maximum: Int
    let showsDeletedOnly: Bool

    private struct Entry: Encodable {
        var key: String
        var versionID: String
        var isLatest: Bool
        var isDeleteMarker: Bool
        var lastModified: Date
        var size: Int64?
        var eTag: String?
        var storageClass: String?

        init(_ version: ObjectVersion) {
            (key, versionID) = (version.key.rawValue, version.versionID)
            (isLatest, isDeleteMarker) = (version.isLatest, version.isDeleteMarker)
            lastModified = version.lastModified
            (size, eTag) = (version.object?.size, version.object?.eTag)
            storageClass = version.object?.storageClass.rawValue
        }
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        remote = try scanned.address(0)
        connection = try ConnectionArguments(scanned)
        isJSON = scanned.has("--json")
        maximum = scanned.number("--max") ?? Int.max
        showsDeletedOnly = scanned.has("--deleted")
    }

    var reportsItsErrors: Bool { true }

    func run() async throws -> Int32 {
        // One page at a time, because a listing may not fit into memory.
        if isJSON { try StandardStream.output.write(Array(#"{"command":"versions","versions":["#.utf8)) }
        var count = 0
        do {
            try await list(&count)
        } catch  where !(error is ReaderLeft || error is WriteFailed) {
            try finish(count, error)
            throw error
        }
        try finish(count, nil)
        return ExitStatus.success
    }

    private func list(_ count: inout Int) async throws {
        let bucket = try await Connection.bucket(remote.bucket, connection)
        guard maximum > 0 else { return }
        for try await page in bucket.listObjectVersions(prefix: remote.key).pages {
            var buffer: [UInt8] = []
            let shown = page.versions.filter { !showsDeletedOnly || $0.isDeleteMarker && $0.isLatest }
            for version in shown.prefix(maximum - count) {
                if isJSON {
                    if count > 0 { buffer.append(UInt8(ascii: ",")) }
                    buffer += try JSONOutput.encode(Entry(version))
                } else {
                    buffer += Array((line(version) + "\n").utf8)
                }
                count += 1
            }
            try StandardStream.output.write(buffer)
            if count == maximum { return }
        }
    }

    private func finish(_ count: Int, _ error: (any Error)?) throws {
        guard isJSON else { return }
        var text = Array("],\"count\":\(count)".utf8)
        if let error { text += Array(",\"error\":".utf8) + (try JSONOutput.encode(JSONError(error))) }
        try StandardStream.output.write(text + Array(",\"succeeded\":\(error == nil)}\n".utf8))
    }

    /// Returns a line with the size or `deleted`, the time, the version ID, `*` for the current version, and the key.
    private func line(_ version: ObjectVersion) -> String {
        let size = version.object.map { String($0.size) } ?? "deleted"
        let key = StandardStream.output.isTerminal ? Printable.line(version.key.rawValue) : version.key.rawValue
        return String(repeating: " ", count: max(0, 14 - size.count)) + size
            + "  \(Readable.time(version.lastModified))  \(version.versionID)  \(version.isLatest ? "*" : " ") \(key)"
    }
}
