import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Tests of each update mode with a folder and a bucket that contain the same names.
@Suite("Update modes")
struct UpdateModeTests {
    private let service: TestService
    private let folder: ScratchDirectory

    /// The files are older than every object, except for those from the future.
    init() throws {
        service = try TestService()
        folder = try ScratchDirectory()
        for (name, here, there) in [
            ("equal", "same", "same"), ("content", "left!", "right"), ("size", "longer", "short"),
            ("future", "left!", "right"), ("future equal", "same", "same"),
        ] {
            try folder.write(name, here)
            try setTime(of: name, name.hasPrefix("future") ? 4_000_000_000 : 1_000_000)
            try service.server.put(name, Data(there.utf8), in: "photos")
        }
        try folder.write("only here", "x")
        try setTime(of: "only here", 1_000_000)
        try service.server.put("only there", Data("x".utf8), in: "photos")
    }

    private func setTime(of name: String, _ seconds: Int) throws {
        let moment = timespec(tv_sec: seconds, tv_nsec: 0)
        try #require(utimensat(AT_FDCWD, folder[name], [moment, moment], 0) == 0)
    }

    /// The transferred files and the number of requests except for listings.
    private func moved(_ mode: UpdateMode, isUpload: Bool, snapshot: String? = nil) async throws -> Set<String> {
        var options = DirectoryTransfer.Options()
        (options.updateMode, options.snapshotPath) = (mode, snapshot)
        let transfer = DirectoryTransfer(service.bucket, options: options)
        let before = service.server.requests.count
        let report =
            isUpload
            ? try await transfer.upload(from: folder.path) : try await transfer.download(from: "", to: folder.path)
        #expect(report.isComplete, "\(report.failures)")
        let requests = service.server.requests.dropFirst(before)
        let keys = requests.filter { $0.operation == (isUpload ? "PutObject" : "GetObject") }.compactMap(\.key)
        #expect(keys.count == report.transferred.files)
        #expect(requests.count == keys.count + 1, "one listing and the transfers")
        return Set(keys)
    }

    @Test(
        "An upload transfers the files that its mode selects, without other requests",
        arguments: [
            (.always, ["equal", "content", "size", "future", "future equal"]), (.missing, []),
            (.newer, ["future", "future equal"]), (.size, ["size"]), (.modified, ["content", "size", "future"]),
            (.checksum, ["content", "size", "future"]),
        ] as [(UpdateMode, [String])])
    func upload(mode: UpdateMode, expected: [String]) async throws {
        #expect(try await moved(mode, isUpload: true) == Set(expected + ["only here"]))
        let data = service.server.data(of: "content", in: "photos")
        #expect(data == Data((expected.contains("content") ? "left!" : "right").utf8))
    }

    @Test(
        "A download transfers the files that its mode selects, without other requests",
        arguments: [
            (.always, ["equal", "content", "size", "future", "future equal"]), (.missing, []),
            (.newer, ["equal", "content", "size"]), (.size, ["size"]), (.modified, ["content", "size", "future"]),
            (.checksum, ["content", "size", "future"]),
        ] as [(UpdateMode, [String])])
    func download(mode: UpdateMode, expected: [String]) async throws {
        #expect(try await moved(mode, isUpload: false) == Set(expected + ["only there"]))
        #expect(try folder.text("content") == (expected.contains("content") ? "right" : "left!"))
    }

    @Test("A file changed in place with its old time restored is detected by its change time")
    func changeTime() async throws {
        let state = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(state.path) }
        func upload(_ mode: UpdateMode) async throws -> Int {
            var options = DirectoryTransfer.Options()
            options.updateMode = mode
            return try await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path).transferred
                .files
        }
        #expect(try await upload(.modified) == 6)
        try folder.write("equal", "emas")
        try setTime(of: "equal", 1_000_000)
        #expect(try await upload(.modified) == 1)
        #expect(try await upload(.checksum) == 0)
        #expect(service.server.data(of: "equal", in: "photos") == Data("emas".utf8))
    }

    @Test("With a snapshot, a changed file costs one request and an unchanged one none")
    func snapshot() async throws {
        let state = try ScratchDirectory()
        var options = DirectoryTransfer.Options()
        options.snapshotPath = state["snapshot"]
        let transfer = DirectoryTransfer(service.bucket, options: options)
        func requests() async throws -> [String] {
            let before = service.server.requests.count
            #expect(try await transfer.upload(from: folder.path).isComplete)
            return service.server.requests.dropFirst(before).map { "\($0.operation) \($0.key ?? "")" }
        }
        #expect(try await requests().count == 6)
        #expect(try await requests() == [])
        try folder.write("size", "longest")
        #expect(try await requests() == ["PutObject size"])
        #expect(try await requests() == [])
        // With a snapshot, changes by other clients are not detected.
        service.server.delete("equal", in: "photos")
        #expect(try await requests() == [])
        try folder.write("another", "x")
        #expect(try await requests() == ["PutObject another"])
    }

    @Test(
        "With a snapshot, a touched file costs no request, and a file of equal size and time is not mistaken for it")
    func touched() async throws {
        let state = try ScratchDirectory()
        var options = DirectoryTransfer.Options()
        options.snapshotPath = state["snapshot"]
        let transfer = DirectoryTransfer(service.bucket, options: options)
        _ = try await transfer.upload(from: folder.path)
        let before = service.server.requests.count
        try setTime(of: "equal", 2_000_000)
        let touched = try await transfer.upload(from: folder.path)
        #expect(touched.isComplete && touched.transferred.files == 0 && touched.reasons[.sameContent]?.files == 1)
        #expect(try await transfer.upload(from: folder.path).reasons[.sameContent] == nil, "known from then on")
        #expect(service.server.requests.count == before)
        try FileManager.default.removeItem(atPath: folder["equal"])
        try folder.write("equal", "emas")
        try setTime(of: "equal", 2_000_000)
        let replaced = try await transfer.upload(from: folder.path)
        #expect(replaced.transferred.files == 1 && service.server.requests.count == before + 1)
        #expect(service.server.data(of: "equal", in: "photos") == Data("emas".utf8))
    }

    @Test(
        "With a snapshot, a file is uploaded again if the response to its upload or to its deletion was lost",
        arguments: ["PutObject", "DeleteMultipleObjects"])
    func lostResponse(operation: String) async throws {
        let state = try ScratchDirectory()
        var options = DirectoryTransfer.Options()
        (options.snapshotPath, options.outageLimit) = (state["snapshot"], .zero)
        let recorded = DirectoryTransfer(service.bucket, options: options)
        #expect(try await recorded.upload(from: folder.path, to: "t/").isComplete)

        let isDeletion = operation == "DeleteMultipleObjects"
        if isDeletion {
            options.deletion = DeletionOptions()
            try FileManager.default.removeItem(atPath: folder["equal"])
        } else {
            try folder.write("equal", "changed")
        }
        service.server.add(.closeAfterApplying(), when: .operation(operation), times: .max)
        let failed = try? await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path, to: "t/")
        #expect(failed?.isComplete != true)
        #expect(service.server.data(of: "t/equal", in: "photos") == (isDeletion ? nil : Data("changed".utf8)))

        var clearing = URLRequest(url: try #require(URL(string: service.server.endpoint + "/-/faults")))
        clearing.httpMethod = "DELETE"
        _ = try await URLSession.shared.data(for: clearing)
        try folder.write("equal", "same")
        #expect(try await recorded.upload(from: folder.path, to: "t/").isComplete)
        #expect(service.server.data(of: "t/equal", in: "photos") == Data("same".utf8))
    }

    @Test("With a snapshot that cannot be written, an object with an entry is not changed")
    func unwritableSnapshot() async throws {
        let state = try ScratchDirectory()
        var options = DirectoryTransfer.Options()
        options.snapshotPath = state["snapshot"]
        let transfer = DirectoryTransfer(service.bucket, options: options)
        #expect(try await transfer.upload(from: folder.path, to: "t/").isComplete)
        try folder.write("equal", "changed")
        let disk = FaultyFileSystem()
        disk.add(.fail(ENOSPC), to: .write, path: ".snapshot.log", skip: 1, times: nil)
        try await disk.run {
            let report = try await transfer.upload(from: folder.path, to: "t/")
            #expect(report.failures.map(\.path) == ["equal"] && report.failures.first?.error.code == .fileSystem)
        }
        #expect(service.server.data(of: "t/equal", in: "photos") == Data("same".utf8))
    }

    @Test("A file that has the name of a file of the snapshot is not replaced", arguments: ["log", "new"])
    func occupiedName(suffix: String) async throws {
        let state = try ScratchDirectory()
        try state.write(".snapshot.\(suffix)", "of the user")
        var options = DirectoryTransfer.Options()
        options.snapshotPath = state["snapshot"]
        let transfer = DirectoryTransfer(service.bucket, options: options)
        let error = await failure { try await transfer.upload(from: folder.path) }
        #expect(error?.code == .invalidArgument && error?.message.contains(".snapshot.\(suffix)") == true)
        #expect(try state.text(".snapshot.\(suffix)") == "of the user" && state.names() == [".snapshot.\(suffix)"])
    }

    @Test("Modes that do not use a snapshot are rejected with one", arguments: UpdateMode.allCases)
    func refused(mode: UpdateMode) async throws {
        let state = try ScratchDirectory()
        var options = DirectoryTransfer.Options()
        (options.updateMode, options.snapshotPath) = (mode, state["snapshot"])
        let transfer = DirectoryTransfer(service.bucket, options: options)
        let isRefused = mode == .always || mode == .checksum
        do {
            _ = try await transfer.upload(from: folder.path)
            #expect(!isRefused)
        } catch let error as OSSError {
            #expect(isRefused && error.code == .invalidArgument)
            #expect(service.server.requests.isEmpty)
        }
    }
}
