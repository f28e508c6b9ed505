import TestKit
import Testing

@testable import AliyunOSS

/// Tests of multipart objects that are older than the service's checksums.
@Suite("Objects that cannot be compared")
struct IncomparableObjectTests {
    private let folder: ScratchDirectory
    private let state: ScratchDirectory

    init() throws {
        folder = try ScratchDirectory()
        state = try ScratchDirectory()
        for name in ["a", "b", "c"] { try folder.write(name, "1234") }
    }

    @Test(
        "An object without a checksum is uploaded once, and downloaded by every run with a warning",
        arguments: [true, false])
    func transferred(isUpload: Bool) async throws {
        let store = MemoryStore()
        store["a"] = .init(content: Array("4321".utf8), type: "Appendable", eTag: "none", hasChecksum: false)
        store.add(["b", "c"], "1234")
        var options = DirectoryTransfer.Options()
        (options.snapshotPath, options.concurrency) = (state["record"], 1)
        // The snapshot alone is not sufficient.
        options.deletion = DeletionOptions()
        let transfer = DirectoryTransfer(store: store, options: options)
        func run() async throws -> TransferReport {
            isUpload
                ? try await transfer.upload(from: folder.path) : try await transfer.download(from: "", to: folder.path)
        }
        let report = try await run()
        #expect(report.isComplete && report.transferred.files == 1 && report.unchanged.files == 2)
        #expect(try folder.text("a") == (isUpload ? "1234" : "4321"))
        // After an upload, the object has a checksum; a download was compared with nothing.
        #expect(report.warnings.contains { $0.contains("could not be verified") } == !isUpload)
        let next = try await run()
        #expect(next.isComplete && next.unchanged.files == (isUpload ? 3 : 2))
    }
}
