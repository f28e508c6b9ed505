import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Uploading a folder", .timeLimit(.minutes(5)))
struct DirectoryUploadTests {
    private let store = MemoryStore()

    private func transfer(
        _ store: MemoryStore? = nil, _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        configure(&options)
        return DirectoryTransfer(store: store ?? self.store, options: options)
    }

    @Test("Every file is uploaded to the prefix and its path, without other requests")
    func everyFile() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        try scratch.write("d/.b", "22")
        try scratch.write("d/e/empty")
        try scratch.makeDirectory("nothing")
        let report = try await transfer().upload(from: scratch.path, to: "p")
        #expect(store.keys == ["p/a", "p/d/.b", "p/d/e/empty"])
        #expect(store["p/d/.b"]?.content == Array("22".utf8))
        #expect(report.transferred == TransferTally(files: 3, bytes: 3))
        #expect(report.isComplete)
        #expect(store.log.count == 3)
    }

    @Test("Empty folders are uploaded only if the option is set")
    func emptyFolders() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeDirectory("a/b")
        try scratch.write("c/d", "1")
        let report = try await transfer { $0.includesEmptyDirectories = true }.upload(from: scratch.path)
        #expect(store.keys == ["a/b/", "c/d"])
        #expect(report.folders == 1)
        #expect(report.transferred.files == 1)
    }

    @Test("The time and permissions of a file are stored unless the option is off")
    func attributes() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        chmod(scratch["a"], 0o640)
        _ = try await transfer().upload(from: scratch.path)
        let status = try #require(scratch.status("a"))
        #expect(FileAttributes(metadata: store["a"]?.metadata ?? [:]) == FileAttributes(status))
        _ = try await transfer {
            $0.preservesAttributes = false
            $0.updateMode = .always
        }.upload(from: scratch.path)
        #expect(store["a"]?.metadata == [:])
    }

    @Test("Skipped files are counted and reported with their reasons")
    func skipped() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFIFO("pipe")
        try scratch.link("broken", to: "nowhere")
        try scratch.write("z", "1")
        let events = EventList<String>()
        let report = try await transfer {
            $0.onEvent = { if case .skipped = $0.kind { events.add("\($0.path) \($0.reason)") } }
        }.upload(from: scratch.path)
        #expect(report.skipped.files == 2)
        #expect(report.isComplete)
        #expect(events.all.sorted() == ["broken brokenLink", "pipe specialFile"])
    }

    @Test("A failed upload is listed in the report, and the other files are uploaded")
    func failure() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b", "c"] { try scratch.write(name, "123") }
        let store = MemoryStore { operation, key in
            if key == "b" { throw OSSError(.accessDenied, "no", operation: "PutObject", key: key, attempts: 3) }
        }
        let report = try await transfer(store).upload(from: scratch.path)
        #expect(store.keys == ["a", "c"])
        #expect(!report.isComplete)
        #expect(report.failed == TransferTally(files: 1, bytes: 3))
        let failure = try #require(report.failures.first)
        #expect(failure.key == "b")
        #expect(failure.path == "b")
        #expect(failure.error.code == .accessDenied)
        #expect(failure.attempts == 3)
    }

    @Test("A name that is not UTF-8 is a failure, and the other files are uploaded")
    func notUTF8() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write(bytes: [0x61, 0xFF], [1])
        try scratch.write("b", "1")
        let report = try await transfer().upload(from: scratch.path)
        #expect(store.keys == ["b"])
        #expect(report.failures.map(\.error.code) == [.unrepresentableName])
    }

    @Test("A path that is too long for a key is a failure, and the other files are uploaded")
    func longKey() async throws {
        let scratch = try ScratchDirectory()
        let folder = Array(repeating: String(repeating: "x", count: 200), count: 5).joined(separator: "/")
        try scratch.write(folder + "/" + String(repeating: "y", count: 18), "fits")
        try scratch.write(folder + "/" + String(repeating: "z", count: 19), "does not")
        let report = try await transfer().upload(from: scratch.path)
        #expect(store.keys.map(\.rawValue.utf8.count) == [1023])
        #expect(report.failures.map(\.error.code) == [.invalidArgument])
    }

    @Test("A file that disappears or becomes a link after the walk is a failure")
    func disappearing() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b", "c", "d"] { try scratch.write(name, "1") }
        let store = MemoryStore { _, key in
            guard key == "a" else { return }
            unlink(scratch["b"])
            unlink(scratch["c"])
            try scratch.link("c", to: "/etc/passwd")
        }
        let report = try await transfer(store) {
            $0.concurrency = 1
            $0.symbolicLinks = .skip
        }.upload(from: scratch.path)
        #expect(store.keys == ["a", "d"])
        #expect(report.failures.map(\.error.code) == [.vanished, .fileSystem])
    }

    @Test("A file that changes during its upload is a failure")
    func changing() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "123")
        let store = MemoryStore { _, _ in try scratch.write("a", "124") }
        let report = try await transfer(store).upload(from: scratch.path)
        #expect(report.failures.map(\.error.code) == [.sourceChanged])
    }

    @Test("With failFast, no upload starts after the first failure")
    func failFast() async throws {
        let scratch = try ScratchDirectory()
        for index in 0..<50 { try scratch.write("f\(index)", "1") }
        let store = MemoryStore { _, _ in throw OSSError(.accessDenied, "no") }
        let report = try await transfer(store) {
            $0.failurePolicy = .failFast
            $0.concurrency = 1
        }.upload(from: scratch.path)
        #expect(report.failures.count == 1)
        #expect(report.stoppedEarly)
        #expect(!report.isComplete)
        #expect(store.log.count == 1)
    }

    @Test(
        "An error that affects every file ends the upload with one error",
        arguments: [
            OSSError(.credentialsUnavailable, "none"),
            OSSError(.notFound, "no", serviceError: .init(status: 404, code: "NoSuchBucket", message: "")),
            OSSError(.accessDenied, "no", serviceError: .init(status: 403, code: "SignatureDoesNotMatch", message: "")),
        ])
    func fatal(error: OSSError) async throws {
        let scratch = try ScratchDirectory()
        for index in 0..<20 { try scratch.write("f\(index)", "1") }
        let store = MemoryStore { _, _ in throw error }
        await #expect { try await transfer(store) { $0.concurrency = 4 }.upload(from: scratch.path) } throws: {
            ($0 as? OSSError)?.code == error.code
        }
        // Five files are in progress with four requests.
        #expect(store.log.count <= 5)
    }

    @Test("A refused connection ends the run only if the service has not responded yet")
    func neverAnswered() async throws {
        let (scratch, state) = (try ScratchDirectory(), try ScratchDirectory())
        for index in 0..<20 { try scratch.write("f\(index)", "1") }
        let store = MemoryStore { _, _ in throw OSSError(.connectionFailed, "refused") }
        // With a snapshot, no listing is requested.
        await #expect {
            try await transfer(store) {
                $0.concurrency = 4
                $0.snapshotPath = state["snapshot"]
            }.upload(from: scratch.path)
        } throws: {
            ($0 as? OSSError)?.code == .connectionFailed
        }
        // Five files are in progress with four requests.
        #expect(store.log.count <= 5)
        let report = try await transfer(store).upload(from: scratch.path)
        #expect(report.failures.count == 20)
    }

    @Test("A refused connection after the first responses is a failure of its file")
    func outage() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b", "c"] { try scratch.write(name, "1") }
        let store = MemoryStore { _, key in if key == "b" { throw OSSError(.connectionFailed, "refused") } }
        let report = try await transfer(store) { $0.concurrency = 1 }.upload(from: scratch.path)
        #expect(report.transferred.files == 2)
        #expect(report.failures.count == 1)
    }

    @Test("The number of concurrent uploads reaches the concurrency and never exceeds it", arguments: [1, 4])
    func concurrency(limit: Int) async throws {
        let scratch = try ScratchDirectory()
        for index in 0..<12 { try scratch.write("f\(index)", "1") }
        let gate = Gate()
        let store = MemoryStore { _, _ in try await gate.pass() }
        async let report = transfer(store) { $0.concurrency = limit }.upload(from: scratch.path)
        await gate.waitForArrivals(limit)
        await gate.unlock()
        #expect(try await report.transferred.files == 12)
        #expect(store.peak == limit)
    }

    @Test("Cancelling an upload throws CancellationError")
    func cancellation() async throws {
        let scratch = try ScratchDirectory()
        for index in 0..<12 { try scratch.write("f\(index)", "1") }
        let gate = Gate()
        let store = MemoryStore { _, _ in try await gate.pass() }
        let transfer = transfer(store) { $0.concurrency = 3 }
        let task = Task { try await transfer.upload(from: scratch.path) }
        await gate.waitForArrivals(3)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(store.log.count == 3)
        #expect(store.keys.isEmpty)
    }

    @Test("A missing folder, a file in its place and an unreadable folder are errors that name the cause")
    func badFolders() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("file", "1")
        let transfer = transfer()
        for (path, words) in [
            (scratch["missing"], "does not exist"), (scratch["file"], "is not a folder"), ("", "must not be empty"),
        ] {
            await #expect { try await transfer.upload(from: path) } throws: {
                ($0 as? OSSError)?.message.contains(words) ?? false
            }
        }
        #expect(store.log.isEmpty)
    }

    @Test("An invalid concurrency is rejected", arguments: [0, -1])
    func badConcurrency(value: Int) async throws {
        let scratch = try ScratchDirectory()
        await #expect { try await transfer { $0.concurrency = value }.upload(from: scratch.path) } throws: {
            ($0 as? OSSError)?.code == .invalidArgument
        }
    }

    @Test("Events report each start and end once, with growing totals")
    func events() async throws {
        let scratch = try ScratchDirectory()
        for index in 0..<9 { try scratch.write("f\(index)", "12") }
        let store = MemoryStore { _, key in if key == "f4" { throw OSSError(.accessDenied, "no") } }
        let events = EventList<TransferEvent>()
        let report = try await transfer(store) { $0.onEvent = { events.add($0) } }.upload(from: scratch.path)
        var started: Set<String> = []
        var ended: Set<String> = []
        var files = 0
        for event in events.all {
            switch event.kind {
            case .started: #expect(started.insert(event.path).inserted)
            case .transferred, .failed:
                #expect(started.contains(event.path))
                #expect(ended.insert(event.path).inserted)
            default: Issue.record("unexpected \(event)")
            }
            #expect(event.transferred.files + event.failed.files >= files)
            files = event.transferred.files + event.failed.files
        }
        #expect(ended.count == 9)
        #expect(events.all.last?.transferred.bytes == report.transferred.bytes)
        #expect(report.transferred == TransferTally(files: 8, bytes: 16))
    }

    @Test("A transfer report is encoded as JSON with counts and one flat object for each failure")
    func json() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b"] { try scratch.write(name, "123") }
        let store = MemoryStore { _, key in
            if key == "b" {
                let reply = OSSError.ServiceError(
                    status: 403, code: "AccessDenied", message: "no", requestID: "R1", diagnosticCode: "E1")
                throw OSSError(
                    .accessDenied, "denied", serviceError: reply, operation: "PutObject", key: key, attempts: 1)
            }
        }
        var report = try await transfer(store).upload(from: scratch.path)
        report.elapsedSeconds = 1.5
        report.startTime = Date(timeIntervalSince1970: 0)
        let none = #"{"bytes":0,"files":0}"#
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let json = String(decoding: try encoder.encode(report), as: UTF8.self)
        #expect(
            json == """
                {"attributesNotApplied":\(none),"attributesUpdated":\(none),"deleted":\(none),"elapsedSeconds":1.5,\
                "failed":{"bytes":3,"files":1},"failures":[{"attempts":1,\
                "code":"accessDenied","diagnosticCode":"E1","key":"b","message":"denied","operation":"PutObject",\
                "path":"b","requestID":"R1","serviceCode":"AccessDenied","status":403}],"folders":0,"isComplete":false,\
                "isDryRun":false,"operation":"upload","reasons":{"new":{"bytes":3,"files":1}},"skipped":\(none),\
                "skippedFiles":[],"startTime":"1970-01-01T00:00:00Z","stoppedEarly":false,"transferred":{"bytes":3,"files":1},\
                "unchanged":\(none),"warnings":[],"withheldDeletions":0,"withheldPaths":[]}
                """)
    }
}

/// A list that collects values from any task.
final class EventList<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func add(_ value: Value) { values.withLock { $0.append(value) } }
}
