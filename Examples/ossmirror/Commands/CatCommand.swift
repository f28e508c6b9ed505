import AliyunOSS
import Foundation

/// The command `cat`, which writes the content of objects to standard output.
struct CatCommand: Command {
    let remotes: [RemoteAddress]
    let connection: ConnectionArguments
    let range: ByteRange?
    let versionID: String?
    /// Whether the range may be longer than the object.
    private let isLimit: Bool

    init(_ scanned: ScannedArguments) throws(UsageError) {
        var remotes: [RemoteAddress] = []
        for index in scanned.operands.indices { remotes.append(try scanned.address(index)) }
        self.remotes = remotes
        connection = try ConnectionArguments(scanned)
        versionID = scanned.values["--version-id"]
        if versionID != nil, remotes.count > 1 { throw UsageError("--version-id requires a single object") }
        let ranges = ["--range", "--head", "--tail"].filter { scanned.values[$0] != nil }
        guard ranges.count < 2 else { throw UsageError("\(ranges.joined(separator: " and ")) exclude each other") }
        for name in ["--head", "--tail"] where scanned.size(name) == 0 {
            throw UsageError("\(name) must be at least 1")
        }
        isLimit = scanned.values["--range"] == nil
        if let text = scanned.values["--range"] {
            range = try Self.range(text)
        } else if let size = scanned.size("--head") {
            range = (0..<size).byteRange
        } else {
            range = scanned.size("--tail").map { .last($0) }
        }
    }

    /// Parses a range such as `0-99`, `100-` or `-100`.
    private static func range(_ text: String) throws(UsageError) -> ByteRange {
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        let isBounded = text.first != "-" && text.last != "-"
        if bounds.count == 2 {
            switch (bounds[0], bounds[1]) {
            case (let first?, let last?) where first <= last && last < .max: return (first...last).byteRange
            case (let first?, nil) where !isBounded: return (first...).byteRange
            case (nil, let count?) where !isBounded && count > 0: return .last(count)
            default: break
            }
        }
        throw UsageError("--range must be FIRST-LAST, FIRST- or -COUNT, such as 0-99, 100- or -100 (got '\(text)')")
    }

    /// Writes the content of the objects, using a bounded amount of memory.
    ///
    /// The checksum is compared after the last byte, so the output is valid only if the exit status is 0.
    func run() async throws -> Int32 {
        let keys = try remotes.map { try ObjectKey($0.key) }
        var buckets: [String: Bucket] = [:]
        for remote in remotes where buckets[remote.bucket] == nil {
            buckets[remote.bucket] = try await Connection.bucket(remote.bucket, connection)
        }
        for (remote, key) in zip(remotes, keys) {
            guard let bucket = buckets[remote.bucket] else { continue }
            if let object = try await read(key, bucket) {
                for try await chunk in object.body { try StandardStream.output.write(chunk) }
            }
        }
        return ExitStatus.success
    }

    /// Returns the object, or `nil` if the first or last bytes of an empty object are wanted, which is no range.
    private func read(_ key: ObjectKey, _ bucket: Bucket) async throws -> RemoteObject? {
        var options = GetObjectOptions()
        options.versionID = versionID
        guard let range else { return try await bucket.getObject(key, options: options) }
        do {
            return try await bucket.getObject(key, range: range, options: options)
        } catch let error as OSSError where error.code == .invalidRange && isLimit {
            guard try await bucket.headObject(key, options: options).size == 0 else { throw error }
            return nil
        }
    }
}
