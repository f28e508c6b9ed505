import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

/// Tests that stop the power after each call of a folder download. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Power failures")
struct PowerFailureTests {
    /// Whatever a run does to the disk and reports to its caller, in order.
    private final class Log: FileSystemInterceptor {
        enum Entry: Sendable {
            case call(FileSystemCall)
            case reported(String)
        }

        private struct State {
            var entries: [Entry] = []
            var notes: [ObjectKey] = []
        }

        private let state = Mutex(State())
        let hasReliableSharedSync: Bool?

        init(isShared: Bool) { hasReliableSharedSync = isShared }

        var entries: [Entry] { state.withLock { $0.entries } }
        /// The keys of the notes in the record, in the order in which they were written.
        var notes: [ObjectKey] { state.withLock { $0.notes } }

        func report(_ path: String) { state.withLock { $0.entries.append(.reported(path)) } }

        func verdict(on call: FileSystemCall) -> FileSystemVerdict {
            state.withLock { $0.entries.append(.call(call)) }
            // The log of the record is removed when the run ends.
            if call.kind == .unlink, call.path.hasSuffix(".record.log") { readNotes(call.path) }
            return .proceed
        }

        private func readNotes(_ path: String) {
            FileSystemSeam.$interceptor.withValue(nil) {
                guard let file = try? OpenFile.reading(path) else { return }
                let reader = RecordReader(file, isSorted: false)
                _ = reader.header(RecordIdentity(text: ""))
                while let record = reader.next() { state.withLock { $0.notes.append(record.key) } }
            }
        }
    }

    /// The names of the files, and whether each one exists before the download.
    private static let names = (0..<200).reduce(into: [String: Bool]()) { names, number in
        let folder = ["", "old/", "old/deep/", "new/", "new/deep/er/"][number % 5]
        names["\(folder)\(1000 + number)"] = number % 5 < 3 && number % 2 == 0
    }

    @Test(
        "D7: a power failure at any moment of a folder download leaves each file old or entirely new, and undoes nothing that the report or the record contains",
        arguments: [true, false])
    func d7Folder(isShared: Bool) async throws {
        let state = try ScratchDirectory()
        let folder = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(state.path) }
        for (name, isOld) in Self.names {
            try service.server.put("p/" + name, Data("new \(name)".utf8), in: "photos")
            if isOld { try folder.write(name, "old") }
        }
        let log = Log(isShared: isShared)
        var options = DirectoryTransfer.Options()
        options.concurrency = 8
        options.batchRule.files = 16
        options.onEvent = { if $0.kind == .transferred { log.report($0.path) } }
        let transfer = DirectoryTransfer(service.bucket, options: options)
        let report = try await FileSystemSeam.$interceptor.withValue(log) {
            try await transfer.download(from: "p", to: folder.path)
        }
        #expect(report.isComplete && report.transferred.files == 200)
        #expect(try folder.contents() == Self.names.reduce(into: [:]) { $0[$1.key] = Data("new \($1.key)".utf8) })

        var notes = log.notes.map { String($0.rawValue.dropFirst(2)) }[...]
        #expect(Set(notes) == Set(Self.names.keys))
        var storage = StableStorage(folder.path, Self.names)
        var (hasHeader, reported, shared) = (false, 0, 0)
        for entry in log.entries {
            switch entry {
            case .reported(let name):
                reported += 1
                storage.vouch(for: name, "the report")
            case .call(let call) where call.kind == .write && call.path.hasSuffix(".record.log"):
                // The first write is the header.
                if hasHeader, let name = notes.popFirst() { storage.vouch(for: name, "the record") }
                hasHeader = true
            case .call(let call):
                if call.kind == .synchronizeFileSystem { shared += 1 }
                storage.perform(call)
            }
        }
        #expect(storage.violations == [])
        #expect(reported == 200 && notes.isEmpty && (shared > 0) == isShared)
    }

    // MARK: The model

    private typealias Call = (FileSystemCall.Kind, String)

    /// The calls that replace `/f/d/a` safely.
    private static let safe: [Call] = [
        (.create, "/f/d/.a.0123456789abcdef.oss-partial"), (.write, "/f/d/.a.0123456789abcdef.oss-partial"),
        (.setPermissions, "/f/d/.a.0123456789abcdef.oss-partial"),
        (.synchronize, "/f/d/.a.0123456789abcdef.oss-partial"),
        (.rename, "/f/d/a"), (.synchronize, "/f/d"),
    ]

    private func violations(_ calls: [Call], isOld: Bool = true) -> Int {
        var storage = StableStorage("/f", ["d/a": isOld])
        for (kind, path) in calls { storage.perform(FileSystemCall(kind, path: path)) }
        storage.vouch(for: "d/a", "the test")
        return storage.violations.count
    }

    @Test("The model of a power failure accepts the safe order of calls and rejects every other one")
    func model() {
        let safe = Self.safe
        #expect(violations(safe) == 0)
        #expect(violations(safe.filter { $0.0 != .synchronize } + [(.synchronizeFileSystem, "/f")]) > 0)
        let shared: [Call] = [(.synchronizeFileSystem, "/f"), safe[4], (.synchronizeFileSystem, "/f")]
        #expect(violations(Array(safe[..<3]) + shared) == 0)
        // Without one of the calls.
        for index in 3..<6 {
            var calls = safe
            calls.remove(at: index)
            #expect(violations(calls) > 0, "\(index)")
        }
        // In another order.
        for (first, second) in [(1, 3), (2, 3), (1, 4), (3, 4), (4, 5), (3, 5)] {
            var calls = safe
            calls.swapAt(first, second)
            #expect(violations(calls) > 0, "\(first) \(second)")
        }
        #expect(violations([(.unlink, "/f/d/a")] + safe) > 0)
        #expect(violations([(.makeDirectory, "/f/d")] + safe, isOld: false) > 0)
        #expect(violations([(.makeDirectory, "/f/d")] + safe + [(.synchronize, "/f")], isOld: false) == 0)
    }
}
