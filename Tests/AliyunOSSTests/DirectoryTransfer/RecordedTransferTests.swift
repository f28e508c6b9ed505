import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Folder transfers with a record")
struct RecordedTransferTests {
    private let state: ScratchDirectory
    private let service: TestService

    init() throws {
        let state = try ScratchDirectory()
        self.state = state
        service = try TestService { $0.stateDirectory = .path(state["state"]) }
    }

    private func operations(
        _ transfer: (DirectoryTransfer) async throws -> TransferReport,
        _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) async throws -> [String] {
        let before = service.server.requests.count
        var options = DirectoryTransfer.Options()
        configure(&options)
        let report = try await transfer(DirectoryTransfer(service.bucket, options: options))
        #expect(report.isComplete && report.warnings.isEmpty, "\(report)")
        return service.server.requests.dropFirst(before).map(\.operation)
    }

    /// An interceptor that performs an action before the first sync after a rename to a path.
    private final class Editor: FileSystemInterceptor {
        private let path: String
        private let edit: @Sendable () throws -> Void
        private let state = Mutex((isRenamed: false, isEdited: false))

        init(_ path: String, _ edit: @escaping @Sendable () throws -> Void) { (self.path, self.edit) = (path, edit) }

        var hasEdited: Bool { state.withLock { $0.isEdited } }

        func verdict(on call: FileSystemCall) -> FileSystemVerdict {
            let isDue = state.withLock { state in
                if call.kind == .rename, call.path == path { state.isRenamed = true }
                guard state.isRenamed, !state.isEdited, call.kind == .synchronize else { return false }
                state.isEdited = true
                return true
            }
            if isDue { do { try edit() } catch { Issue.record(error) } }
            return .proceed
        }
    }

    @Test("A file that another program changes before the end of its commit is not recorded as equal")
    func editedDuringCommit() async throws {
        let folder = try ScratchDirectory()
        try service.server.put("p/a", Data("content".utf8), in: "photos")
        let editor = Editor(folder["a"]) {
            try folder.write("a", "edited!")
            // Otherwise, the time could be that of the download, because file systems round times.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_600_000_000)], ofItemAtPath: folder["a"])
        }
        let transfer = DirectoryTransfer(service.bucket)
        let first = try await FileSystemSeam.$interceptor.withValue(editor) {
            try await transfer.download(from: "p", to: folder.path)
        }
        #expect(editor.hasEdited && first.isComplete)
        #expect(try folder.text("a") == "edited!")
        #expect(try await transfer.download(from: "p", to: folder.path).transferred.files == 1)
        #expect(try folder.text("a") == "content")
    }

    @Test("A touched file is compared once and then recorded, without uploading its content again")
    func touched() async throws {
        let source = try ScratchDirectory()
        try source.write("a", "content")
        #expect(try await operations { try await $0.upload(from: source.path) } == ["ListObjects", "PutObject"])
        try source.write("a", "content")
        let report = try await DirectoryTransfer(service.bucket).upload(from: source.path)
        #expect(report.reasons.keys.map(\.rawValue) == ["sameContent"])
        let second = try await DirectoryTransfer(service.bucket).upload(from: source.path)
        #expect(second.reasons.keys.map(\.rawValue) == ["unchanged"])
    }

    @Test("Changes in the bucket are detected, and after changes on both sides the source wins")
    func changedRemotely() async throws {
        let source = try ScratchDirectory()
        try source.write("a", "content")
        _ = try await operations { try await $0.upload(from: source.path) }
        try await service.bucket.putObject("a", "CONTENT")
        #expect(try await operations { try await $0.upload(from: source.path) } == ["ListObjects", "PutObject"])
        #expect(service.server.data(of: "a", in: "photos") == Data("content".utf8))
    }

    @Test("With a snapshot, unchanged files and empty folders cost no request")
    func snapshot() async throws {
        let source = try ScratchDirectory()
        for index in 0..<20 { try source.write("d/f\(index)", "x") }
        try source.makeDirectory("empty")
        func upload(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) async throws -> [String] {
            try await operations {
                try await $0.upload(from: source.path, to: "p")
            } _: {
                $0.snapshotPath = state["snapshot"]
                $0.includesEmptyDirectories = true
                configure(&$0)
            }
        }
        #expect(try await upload().count == 21)
        #expect(try await upload().isEmpty)
        try source.write("d/f3", "y")
        #expect(try await upload() == ["PutObject"])
        #expect(try await upload().isEmpty)
        #expect(try await upload { $0.deletion = DeletionOptions() } == ["ListObjects"])
        unlink(source["d/f4"])
        #expect(try await upload { $0.deletion = DeletionOptions() } == ["ListObjects", "DeleteMultipleObjects"])
        #expect(service.server.keys(in: "photos").count == 20)
    }

    @Test("A symbolic link object is downloaded once, and again after its target changed")
    func link() async throws {
        try await service.bucket.putObject("target", "what it points to")
        var operation = Operation("PutSymlink", .put, key: "dir/link")
        operation.query = [("symlink", nil)]
        operation.headers["x-oss-symlink-target"] = "target"
        _ = try await service.bucket.client.perform(operation)
        let target = try ScratchDirectory()
        func download() async throws -> [String] {
            try await operations { try await $0.download(from: "dir", to: target.path) }
        }
        #expect(try await download() == ["ListObjects", "HeadObject", "GetObject"])
        #expect(try await download() == ["ListObjects", "HeadObject"])
        try await service.bucket.putObject("target", "what it POINTS to")
        #expect(try await download() == ["ListObjects", "HeadObject", "GetObject"])
        #expect(try await download() == ["ListObjects", "HeadObject"])
    }

    @Test("A run of a filtered plan keeps the records of other files")
    func filteredRun() async throws {
        let source = try ScratchDirectory()
        for name in ["a", "b"] { try source.write(name, "content") }
        var options = DirectoryTransfer.Options()
        options.snapshotPath = state["snapshot"]
        let transfer = DirectoryTransfer(service.bucket, options: options)
        #expect(try await transfer.upload(from: source.path).transferred.files == 2)
        // The file was only touched: the record identifies the content of its object.
        try source.write("a", "content")
        let plan = try await transfer.planUpload(from: source.path).filtered { $0.key != "a" }
        #expect(try await plan.run().transferred.files == 0)
        let before = service.server.requests.count
        let report = try await transfer.upload(from: source.path)
        #expect(report.isComplete && report.transferred.files == 0 && report.unchanged.files == 2)
        #expect(service.server.requests.count == before)
    }

    @Test("Two concurrent transfers of the same folder do not disturb each other's record")
    func twice() async throws {
        let source = try ScratchDirectory()
        for index in 0..<50 { try source.write("f\(index)", "\(index)") }
        let transfer = DirectoryTransfer(service.bucket)
        async let first = transfer.upload(from: source.path)
        async let second = transfer.upload(from: source.path)
        let reports = try await [first, second]
        #expect(reports.allSatisfy { $0.isComplete && $0.warnings.isEmpty })
        #expect(try await operations { try await $0.upload(from: source.path) } == ["ListObjects"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: state["state/records"]).count == 1)
    }

    @Test("A dry run writes neither a record nor a snapshot")
    func dryRun() async throws {
        let source = try ScratchDirectory()
        try source.write("a", "x")
        let requests = try await operations {
            try await $0.upload(from: source.path)
        } _: {
            $0.isDryRun = true
            $0.snapshotPath = state["snapshot"]
        }
        #expect(requests.isEmpty)
        #expect(service.server.keys(in: "photos").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: state["snapshot"]))
        let names = try FileManager.default.contentsOfDirectory(atPath: state.path)
        #expect(names.filter { $0 != "state" }.isEmpty)
    }

    @Test("State files in the folder are skipped, and existing objects of their names stay", arguments: [false, true])
    func stateInTheFolder(isSnapshot: Bool) async throws {
        let folder = try ScratchDirectory()
        try folder.write("a", "1")
        let service = try TestService { $0.stateDirectory = .path(folder[".state"]) }
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        if isSnapshot { options.snapshotPath = folder[".snapshot"] }
        let transfer = DirectoryTransfer(service.bucket, options: options)
        let first = try await transfer.upload(from: folder.path)
        #expect(first.isComplete && first.transferred.files == 1 && first.skipped.files == 0)
        for key in [".state/records/old", ".snapshot", "gone"] { try service.server.put(key, Data(), in: "photos") }
        for _ in 0..<2 {
            let report = try await transfer.upload(from: folder.path)
            #expect(report.isComplete, "\(report.failures)")
        }
        #expect(service.server.keys(in: "photos") == [isSnapshot ? ".snapshot" : ".state/records/old", "a"])
        let down = try await transfer.download(from: "", to: folder.path)
        #expect(down.isComplete, "\(down.failures)")
    }
}
