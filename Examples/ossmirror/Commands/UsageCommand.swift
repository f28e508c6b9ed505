import AliyunOSS

/// The command `du`, which prints the number and total size of the objects under each folder of a prefix.
struct UsageCommand: Command {
    let remote: RemoteAddress
    let connection: ConnectionArguments
    let isJSON: Bool
    let isHuman: Bool
    let depth: Int

    init(_ scanned: ScannedArguments) throws(UsageError) {
        remote = try scanned.address(0)
        connection = try ConnectionArguments(scanned)
        isJSON = scanned.has("--json")
        isHuman = scanned.has("--human")
        depth = scanned.number("--depth") ?? 1
    }

    private struct Report: Encodable {
        struct Folder: Encodable {
            var prefix: String
            var objects: Int
            var bytes: Int64
        }

        var command = Verb.du
        var succeeded = true
        var prefixes: [Folder] = []
        var objects = 0
        var bytes: Int64 = 0
    }

    func run() async throws -> Int32 {
        let bucket = try await Connection.bucket(remote.bucket, connection)
        var usage = FolderUsage(below: remote.key, depth: depth)
        var report = Report()
        for try await page in bucket.listObjects(prefix: remote.key).pages {
            for object in page.objects {
                for folder in usage.add(object.key.rawValue, object.size) { try show(folder, &report) }
            }
        }
        for folder in usage.finish() { try show(folder, &report) }
        (report.objects, report.bytes) = (usage.total.objects, usage.total.bytes)
        if isJSON {
            try JSONOutput.print(report)
        } else {
            try StandardStream.output.line(row(usage.total))
        }
        return ExitStatus.success
    }

    private func show(_ folder: FolderUsage.Folder, _ report: inout Report) throws {
        if isJSON {
            report.prefixes.append(.init(prefix: folder.prefix, objects: folder.objects, bytes: folder.bytes))
        } else {
            try StandardStream.output.line(row(folder))
        }
    }

    /// Returns a row such as `       1204         17  photos/2026/`.
    private func row(_ folder: FolderUsage.Folder) -> String {
        let size = isHuman ? Readable.bytes(folder.bytes) : "\(folder.bytes)"
        let count = "\(folder.objects)"
        let address = RemoteAddress(bucket: remote.bucket, key: folder.prefix).description
        let name = StandardStream.output.isTerminal ? Printable.line(address) : address
        return String(repeating: " ", count: max(0, (isHuman ? 10 : 14) - size.count)) + size
            + String(repeating: " ", count: max(1, 10 - count.count)) + count + "  " + name
    }
}

/// The sizes of folders, added up from keys in byte order. Only the folders of the last key are in memory.
struct FolderUsage {
    struct Folder: Equatable {
        var prefix: String
        var objects = 0
        var bytes: Int64 = 0

        fileprivate mutating func add(_ size: Int64) {
            objects += 1
            bytes += size
        }
    }

    private(set) var total: Folder
    private let depth: Int
    /// The folders that contain the last key, from the outermost to the innermost.
    private var open: [Folder] = []

    /// Creates an empty account.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of all keys.
    ///   - depth: Number of levels of folders below the prefix.
    init(below prefix: String, depth: Int) {
        total = Folder(prefix: prefix)
        self.depth = depth
    }

    /// Adds an object and returns the folders that are complete.
    mutating func add(_ key: String, _ size: Int64) -> [Folder] {
        let kept = open.prefix { key.utf8.starts(with: $0.prefix.utf8) }.count
        let complete = open[kept...].reversed()
        open.removeSubrange(kept...)
        // Search in bytes: a name that starts with a combining mark would form one `Character` with the slash.
        var start = key.utf8.index(key.startIndex, offsetBy: (open.last ?? total).prefix.utf8.count)
        while open.count < depth, let slash = key.utf8[start...].firstIndex(of: UInt8(ascii: "/")) {
            start = key.utf8.index(after: slash)
            open.append(Folder(prefix: String(Substring(key.utf8[..<start]))))
        }
        for index in open.indices { open[index].add(size) }
        total.add(size)
        return Array(complete)
    }

    /// Returns the folders that are still open.
    mutating func finish() -> [Folder] {
        defer { open = [] }
        return open.reversed()
    }
}
