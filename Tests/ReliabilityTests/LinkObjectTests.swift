import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of objects that are symbolic links to other objects. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Symbolic links in the bucket")
struct LinkObjectTests {
    /// A folder, and a prefix that contains a link to an object outside it.
    private struct Scene {
        let service: TestService
        let folder: ScratchDirectory
        private let state: ScratchDirectory

        init() throws {
            let state = try ScratchDirectory()
            self.state = state
            folder = try ScratchDirectory()
            service = try TestService { $0.stateDirectory = .path(state.path) }
            try service.server.put("p/plain", Data("plain".utf8), in: "photos")
        }

        func point(_ key: ObjectKey, at target: String) async throws {
            var operation = AliyunOSS.Operation("PutSymlink", .put, key: key)
            operation.query = [("symlink", nil)]
            operation.headers["x-oss-symlink-target"] = target
            _ = try await service.bucket.client.perform(operation)
        }

        func transfer(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) -> DirectoryTransfer {
            var options = DirectoryTransfer.Options()
            configure(&options)
            return DirectoryTransfer(service.bucket, options: options)
        }

        /// Returns the number of requests of each operation during a closure, without listings.
        func operations(_ body: () async throws -> Void) async throws -> [String: Int] {
            let before = service.count()
            try await body()
            return service.operations(after: before).filter { $0.key != "ListObjects" }
        }

        func type(of key: ObjectKey) async throws -> ObjectType? { try await service.bucket.headObject(key).type }
    }

    @Test("F19: a symbolic link object is downloaded as its target, and again only if the target changes")
    func down() async throws {
        let scene = try Scene()
        try scene.service.server.put("target", Data("first".utf8), in: "photos")
        try await scene.point("p/link", at: "target")
        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        for (content, fetched) in [("first", 2), ("first", 0), ("other", 1), ("longer than that", 1)] {
            try scene.service.server.put("target", Data(content.utf8), in: "photos")
            var report: TransferReport?
            let operations = try await scene.operations {
                report = try await transfer.download(from: "p", to: scene.folder.path)
            }
            #expect(report?.isComplete == true, "\(report?.failures ?? [])")
            #expect(operations["HeadObject"] == 1)
            #expect(operations["GetObject"] ?? 0 == fetched)
            #expect(try scene.folder.read("link") == Data(content.utf8))
            #expect(try await transfer.check(scene.folder.path, against: "p").isEqual)
        }
    }

    @Test("F19: without a record, a link is compared with its target without downloading either")
    func compared() async throws {
        let scene = try Scene()
        try scene.service.server.put("target", Data("same".utf8), in: "photos")
        try await scene.point("p/link", at: "target")
        try scene.folder.write("link", Data("same".utf8))
        try scene.folder.write("plain", Data("plain".utf8))
        let operations = try await scene.operations {
            let report = try await scene.transfer().download(from: "p", to: scene.folder.path)
            #expect(report.isComplete && report.unchanged.files == 2)
        }
        #expect(operations == ["HeadObject": 1])
        try scene.folder.write("link", Data("diff".utf8))
        let check = try await scene.transfer().check(scene.folder.path, against: "p")
        #expect(check.different.map(\.path) == ["link"] && check.different.map(\.difference) == [.content])
        try scene.folder.write("link", Data("longer".utf8))
        #expect(
            try await scene.transfer().check(scene.folder.path, against: "p").different.map(\.difference) == [.size])
    }

    @Test("F19: an upload keeps a link whose target has the file's content and replaces any other link")
    func up() async throws {
        let scene = try Scene()
        try scene.service.server.put("target", Data("same".utf8), in: "photos")
        try await scene.point("p/link", at: "target")
        try await scene.point("p/dangling", at: "nowhere")
        try scene.folder.write("link", Data("same".utf8))
        let first = try await scene.transfer().upload(from: scene.folder.path, to: "p")
        #expect(first.isComplete && first.unchanged.files == 1 && first.transferred.files == 0)
        #expect(try await scene.type(of: "p/link") == "Symlink")
        // This time, from the record.
        let again = try await scene.transfer().upload(from: scene.folder.path, to: "p")
        #expect(again.reasons[.unchanged]?.files == 1)

        try scene.service.server.put("target", Data("else".utf8), in: "photos")
        try scene.folder.write("dangling", Data("d".utf8))
        let second = try await scene.transfer().upload(from: scene.folder.path, to: "p")
        #expect(second.isComplete && second.transferred.files == 2, "\(second.failures)")
        #expect(try await scene.type(of: "p/link") == "Normal")
        #expect(scene.service.stored("p/link") == Data("same".utf8))
        #expect(scene.service.stored("p/dangling") == Data("d".utf8))
        #expect(scene.service.stored("target") == Data("else".utf8))
    }

    @Test("F19: a link that is broken or cannot be resolved is a separate failure, and its file remains")
    func dangling() async throws {
        let scene = try Scene()
        try await scene.point("p/gone", at: "nowhere")
        try await scene.point("p/refused", at: "p/plain")
        for name in ["gone", "extra"] { try scene.folder.write(name, Data("mine".utf8)) }
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("HeadObject", key: "p/refused"), times: .max)
        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        let report = try await transfer.download(from: "p", to: scene.folder.path)
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(report.failures.map(\.path).sorted() == ["gone", "refused"])
        #expect(Set(report.failures.map(\.error.code)) == [.notFound, .accessDenied])
        #expect(report.transferred.files == 1 && report.withheldPaths == ["extra"])
        #expect(try scene.folder.files() == ["extra", "gone", "plain"])
        let check = try await transfer.check(scene.folder.path, against: "p")
        #expect(check.failures.map(\.path) == ["gone"])
    }

    @Test("F19: if links are to be skipped, they and the files with their names are skipped in every direction")
    func skipped() async throws {
        let scene = try Scene()
        try scene.service.server.put("target", Data("t".utf8), in: "photos")
        for key in ["p/link", "p/dead"] as [ObjectKey] {
            try await scene.point(key, at: key == "p/link" ? "target" : "x")
        }
        try scene.folder.write("link", Data("mine".utf8))
        let transfer = scene.transfer {
            $0.symbolicLinkObjects = .skip
            $0.deletion = DeletionOptions()
        }
        let operations = try await scene.operations {
            let down = try await transfer.download(from: "p", to: scene.folder.path)
            #expect(down.isComplete && down.transferred.files == 1 && down.reasons[.symbolicLink]?.files == 2)
            let check = try await transfer.check(scene.folder.path, against: "p")
            #expect(check.isEqual && check.skipped.files == 2)
            let up = try await transfer.upload(from: scene.folder.path, to: "p")
            #expect(up.isComplete && up.transferred.files == 0 && up.deleted.files == 0)
            let copy = try await transfer.copy(from: "p", to: "q")
            #expect(copy.isComplete && copy.transferred.files == 1 && copy.reasons[.symbolicLink]?.files == 2)
        }
        // The copy requests the metadata of its source object.
        #expect(operations == ["GetObject": 1, "HeadObject": 1, "CopyObject": 1])
        #expect(try scene.folder.read("link") == Data("mine".utf8))
        #expect(scene.service.server.keys(in: "photos") == ["p/dead", "p/link", "p/plain", "q/plain", "target"])
    }

    @Test("F19: a copy copies the link itself once and does not request its target")
    func copy() async throws {
        let scene = try Scene()
        try scene.service.server.put("target", Data("t".utf8), in: "photos")
        try await scene.point("p/link", at: "target")
        for (index, expected) in [2, 0].enumerated() {
            let report = try await scene.transfer { $0.deletion = DeletionOptions() }.copy(from: "p", to: "q")
            #expect(report.isComplete && report.transferred.files == expected, "round \(index)")
        }
        #expect(try await scene.type(of: "q/link") == "Symlink")
        #expect(try await scene.service.bucket.getObject("q/link").body.text() == "t")
    }

    @Test("F19: several links are resolved at a time, and all entries are returned in order")
    func many() async throws {
        let scene = try Scene()
        try scene.service.server.put("target", Data("t".utf8), in: "photos")
        for index in 1000..<1250 {
            if index.isMultiple(of: 2) {
                try await scene.point(ObjectKey(unchecked: "p/\(index)"), at: "target")
            } else {
                try scene.service.server.put("p/\(index)", Data("\(index)".utf8), in: "photos")
            }
        }
        let operations = try await scene.operations {
            let report = try await scene.transfer { $0.concurrency = 4 }.download(from: "p", to: scene.folder.path)
            #expect(report.isComplete && report.transferred.files == 251, "\(report.failures)")
        }
        #expect(operations == ["HeadObject": 125, "GetObject": 251])
        #expect(scene.service.server.statistics.peakConcurrency <= 5)
        #expect(try scene.folder.read("1248") == Data("t".utf8) && scene.folder.read("1249") == Data("1249".utf8))
    }
}
