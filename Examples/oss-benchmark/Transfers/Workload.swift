import Foundation

/// The work of one measured process.
enum TransferTask: String, Sendable, Encodable {
    /// Upload of a folder to an empty bucket.
    case upload
    /// Download of all objects to an empty folder.
    case download
    /// Listing of all objects.
    case list
    /// Repeated upload of an unchanged folder.
    case unchanged
    /// Upload of an unchanged folder with a new snapshot, which transfers all files: nothing is listed.
    case snapshot
    /// Repeated upload of an unchanged folder with a snapshot.
    case unchangedSnapshot

    var title: String {
        switch self {
        case .upload: "upload"
        case .download: "download"
        case .list: "list"
        case .unchanged: "unchanged"
        case .snapshot: "new snapshot"
        case .unchangedSnapshot: "unchanged, snapshot"
        }
    }
}

/// The files that clients transfer, and the tasks that they perform in this order.
struct Workload: Sendable {
    let title: String
    let files: FileSet
    let tasks: [TransferTask]
    let concurrency: Int

    init(
        _ title: String, _ groups: [(count: Int, size: Int)], _ tasks: [TransferTask], _ options: BenchmarkOptions
    ) {
        self.title = title
        files = FileSet(groups: groups)
        self.tasks = tasks
        concurrency = options.concurrency
    }
}

/// A set of files with different contents.
struct FileSet: Sendable {
    private static let filesInFolder = 1000

    let groups: [(count: Int, size: Int)]

    var count: Int { groups.reduce(0) { $0 + $1.count } }
    var bytes: Int { groups.reduce(0) { $0 + $1.count * $1.size } }

    /// Returns the path of a file in its folder, which is also its key.
    static func name(_ number: Int) -> String {
        "d\(1_000_000 + number / filesInFolder)/f\(10_000_000 + number).dat"
    }

    /// Writes the files to a folder.
    func write(to folder: String) throws {
        // Random, because neither disks nor networks profit from it.
        var random = SystemRandomNumberGenerator()
        var block = Data(capacity: 1 << 20)
        while block.count < 1 << 20 { withUnsafeBytes(of: random.next()) { block.append(contentsOf: $0) } }
        var number = 0
        for group in groups {
            for _ in 0..<group.count {
                let path = "\(folder)/\(Self.name(number))"
                if number % Self.filesInFolder == 0 {
                    try FileManager.default.createDirectory(
                        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                }
                guard FileManager.default.createFile(atPath: path, contents: nil),
                    let file = FileHandle(forWritingAtPath: path)
                else { throw BenchmarkFailure(description: "cannot create \(path); check the free space") }
                var position = 0
                while position < group.size {
                    let length = min(block.count, group.size - position)
                    withUnsafeBytes(of: (number, position)) { block.replaceSubrange(0..<$0.count, with: $0) }
                    try file.write(contentsOf: block.prefix(length))
                    position += length
                }
                try file.close()
                number += 1
            }
        }
        sync()
    }

    /// Throws an error unless a folder contains the same files as another folder.
    func check(_ copy: String, against source: String) throws {
        for number in 0..<count {
            let name = Self.name(number)
            guard FileManager.default.contentsEqual(atPath: "\(copy)/\(name)", andPath: "\(source)/\(name)") else {
                throw BenchmarkFailure(description: "the downloaded file \(name) differs from its source")
            }
        }
    }
}
