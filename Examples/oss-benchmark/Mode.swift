/// A benchmark that the command line can select.
struct Mode: Sendable {
    let name: String
    let summary: String
    /// Names of the options that the mode accepts.
    let options: Set<String>
    let run: @Sendable (BenchmarkOptions) async throws -> Void

    static let all: [Mode] = [
        Mode("primitives", "checksums, digests, signatures and listing pages, without a network") {
            try PrimitivesBenchmark.report().write($0)
        },
        Mode("mock-server", "requests and bytes per second of the mock server with signature verification") {
            try MockServerBenchmark.report().write($0)
        },
        Mode("plan", "entries per second and peak memory when planning a copy and an upload") {
            try await PlanBenchmark.report().write($0)
        },
        Mode("memory", "peak memory of 4 GiB uploads and downloads with eight concurrent requests") {
            try MemoryBenchmark.report().write($0)
        },
        Mode(
            "files", "peak memory of uploads, downloads and failed uploads of small files (100,000 files)",
            ["--files"]
        ) {
            try FilesBenchmark(count: $0.files ?? FilesBenchmark.defaultCount).report().write($0)
        },
        transfers("small", "upload and download of small files (10,000 files of 4K)", adding: ["--size"]) {
            [
                Workload(
                    "small files", [(count: $0.files ?? 10_000, size: $0.size ?? 4 << 10)], [.upload, .download], $0)
            ]
        },
        transfers("large", "upload and download of large files, in parts (one file of 512M)", adding: ["--size"]) {
            [Workload("large files", [(count: $0.files ?? 1, size: $0.size ?? 512 << 20)], [.upload, .download], $0)]
        },
        transfers("mixed", "upload and download of files from 1K to 32M (2,000 files)") {
            [Workload("mixed sizes", mixed($0.files ?? 2000), [.upload, .download], $0)]
        },
        transfers("list", "listing of all objects in a bucket (200,000 objects)") {
            [Workload("listing", [(count: $0.files ?? 200_000, size: 0)], [.list], $0)]
        },
        transfers(
            "incremental", "repeated uploads of an unchanged folder, with and without a snapshot (20,000 files of 1K)",
            adding: ["--size"]
        ) {
            let groups = [(count: $0.files ?? 20_000, size: $0.size ?? 1 << 10)]
            return [Workload("unchanged files", groups, [.upload, .unchanged, .snapshot, .unchangedSnapshot], $0)]
        },
        transfers(
            "scaling", "uploads and downloads with growing numbers of files and of requests (100,000 files of 4K)",
            adding: ["--size"]
        ) { scaling($0) },
    ]

    private init(
        _ name: String, _ summary: String, _ options: Set<String> = [],
        run: @escaping @Sendable (BenchmarkOptions) async throws -> Void
    ) {
        (self.name, self.summary, self.run) = (name, summary, run)
        self.options = options.union(["--json"])
    }

    /// Creates a mode that runs clients at a mock server.
    private static func transfers(
        _ name: String, _ summary: String, adding options: Set<String> = [],
        _ workloads: @escaping @Sendable (BenchmarkOptions) -> [Workload]
    ) -> Mode {
        Mode(name, summary, BenchmarkOptions.ofTransfers.union(options)) {
            try TransferBenchmark(mode: name, workloads: workloads($0), options: $0).report().write($0)
        }
    }

    /// Returns the numbers of files of each size: most files are small, and most bytes are in large files.
    private static func mixed(_ count: Int) -> [(count: Int, size: Int)] {
        let (medium, large, huge) = (count / 4, count * 9 / 200, max(1, count / 200))
        return [
            (count: max(0, count - medium - large - huge), size: 1 << 10), (count: medium, size: 64 << 10),
            (count: large, size: 1 << 20), (count: huge, size: 32 << 20),
        ]
    }

    private static func scaling(_ options: BenchmarkOptions) -> [Workload] {
        let count = options.files ?? 100_000
        func workload(_ title: String, _ count: Int, _ tasks: [TransferTask], _ concurrency: Int? = nil) -> Workload {
            var options = options
            options.concurrency = concurrency ?? options.concurrency
            return Workload(title, [(count: count, size: options.size ?? 4 << 10)], tasks, options)
        }
        return [max(1, count / 100), max(1, count / 10), count].map { number in
            workload("\(number) files", number, [.upload, .download])
        } + [1, 4, 16, 64].map { (width: Int) in workload("\(width) at a time", max(1, count / 10), [.upload], width) }
    }
}
