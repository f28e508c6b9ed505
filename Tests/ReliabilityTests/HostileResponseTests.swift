import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests that send every operation of the client and return every kind of response that another server, a proxy or an
/// out-of-step connection can produce. The result must be an error or correct, and never a success with a wrong result.
@Suite("Hostile responses", .timeLimit(.minutes(10)))
struct HostileResponseTests {
    /// A request of the client, with a check of its result.
    struct Request: Sendable, CustomTestStringConvertible {
        let operation: String
        /// Name of the response that the request cannot recognize as wrong, because there is nothing to compare part of
        /// an object with.
        var blindSpot: String?
        /// Sends the request. The returned closure, called after the fault is over, returns whether the result is
        /// correct.
        let send: @Sendable (Scene) async throws -> (@Sendable () async throws -> Bool)

        var testDescription: String { operation }
    }

    /// A bucket with one item of each kind.
    struct Scene: Sendable {
        let service: TestService
        let content = Data.pattern(5000)
        let eTag: String
        let upload: MultipartUpload
        let part: UploadedPart
        let folder: ScratchDirectory

        init() async throws {
            service = try TestService { $0.retry.maximumAttempts = 2 }
            folder = try ScratchDirectory()
            let bucket = service.bucket
            eTag = try await bucket.putObject("p/k", .data(content)).eTag
            try await bucket.putObject("p/l", "another")
            _ = try await bucket.appendObject("log", "begun ", at: 0)
            upload = try await bucket.initiateMultipartUpload("p/large")
            part = try await bucket.uploadPart(number: 1, of: upload, body: .data(content))
        }

        var bucket: Bucket { service.bucket }

        /// Options with a condition on the ETag. Without it, a response with any object would be valid.
        var options: GetObjectOptions {
            var options = GetObjectOptions()
            options.conditions.ifMatch = eTag
            return options
        }

        var parts: [UploadedPart] {
            get async throws {
                var parts: [UploadedPart] = []
                for try await part in bucket.listParts(of: upload) { parts.append(part) }
                return parts
            }
        }

        var uploads: [MultipartUpload] {
            get async throws {
                var uploads: [MultipartUpload] = []
                for try await summary in bucket.listMultipartUploads(prefix: "p/") { uploads.append(summary.upload) }
                return uploads
            }
        }
    }

    static let requests: [Request] = [
        Request(operation: "PutObject") { scene in
            try await scene.bucket.putObject("new", .data(scene.content))
            return { scene.service.stored("new") == scene.content }
        },
        Request(operation: "GetObject") { scene in
            let found = try await scene.bucket.getObject("p/k", options: scene.options).body.collect()
            return { found == scene.content }
        },
        Request(operation: "GetObject", blindSpot: "one byte flipped, no CRC") { scene in
            let found = try await scene.bucket.getObject("p/k", range: 10..<20, options: scene.options).body.collect()
            return { found == scene.content[10..<20] }
        },
        Request(operation: "GetObject") { scene in
            var options = DownloadOptions()
            options.source.conditions.ifMatch = scene.eTag
            try await scene.bucket.downloadObject("p/k", to: scene.folder["file"], options: options)
            return { try scene.folder.read("file") == scene.content }
        },
        Request(operation: "HeadObject") { scene in
            let found = try await scene.bucket.headObject("p/k", options: scene.options)
            return { found.size == 5000 && found.eTag == scene.eTag && found.crc64 ?? 0 != 1 }
        },
        Request(operation: "ListObjects") { scene in
            var keys: [String] = []
            for try await object in scene.bucket.listObjects(prefix: "p/") { keys.append(object.key.rawValue) }
            let found = keys
            return { found == ["p/k", "p/l"] }
        },
        Request(operation: "ListObjectsV2") { scene in
            var keys: [String] = []
            for try await object in scene.bucket.listObjects(prefix: "p/", paging: .continuationToken) {
                keys.append(object.key.rawValue)
            }
            let found = keys
            return { found == ["p/k", "p/l"] }
        },
        Request(operation: "CopyObject") { scene in
            _ = try await scene.bucket.copyObject("p/k", to: "copy")
            return { scene.service.stored("copy") == scene.content }
        },
        Request(operation: "AppendObject") { scene in
            let appender = try await scene.bucket.makeAppender(for: "log")
            try await appender.append("and continued")
            return { scene.service.stored("log") == Data("begun and continued".utf8) }
        },
        Request(operation: "SealAppendObject") { scene in
            try await scene.bucket.sealObject("log", at: 6)
            return { try await scene.bucket.headObject("log").sealedTime != nil }
        },
        Request(operation: "DeleteObject") { scene in
            try await scene.bucket.deleteObject("p/k")
            return { scene.service.stored("p/k") == nil }
        },
        Request(operation: "DeleteMultipleObjects") { scene in
            let result = try await scene.bucket.deleteObjects(["p/k", "p/l"])
            return { result.deleted.allSatisfy { scene.service.stored($0.rawValue) == nil } }
        },
        Request(operation: "InitiateMultipartUpload") { scene in
            let upload = try await scene.bucket.initiateMultipartUpload("p/other")
            return { try await scene.uploads.contains(upload) }
        },
        Request(operation: "UploadPart") { scene in
            let part = try await scene.bucket.uploadPart(number: 2, of: scene.upload, body: .data(scene.content))
            return { try await scene.parts.contains { $0.number == 2 && $0.eTag == part.eTag } }
        },
        Request(operation: "UploadPartCopy") { scene in
            let part = try await scene.bucket.copyPart(number: 2, of: scene.upload, from: "p/k", range: 0..<5000)
            return { try await scene.parts.contains { $0.number == 2 && $0.eTag == part.eTag } }
        },
        Request(operation: "CompleteMultipartUpload") { scene in
            try await scene.bucket.completeMultipartUpload(scene.upload, parts: [scene.part])
            return { scene.service.stored("p/large") == scene.content }
        },
        Request(operation: "AbortMultipartUpload") { scene in
            try await scene.bucket.abortMultipartUpload(scene.upload)
            return { try await scene.uploads.isEmpty }
        },
        Request(operation: "ListParts") { scene in
            let found = try await scene.parts
            return { found == [scene.part] }
        },
        Request(operation: "ListMultipartUploads") { scene in
            let found = try await scene.uploads
            return { found == [scene.upload] }
        },
        Request(operation: "GetObjectTagging") { scene in
            let found = try await scene.bucket.tags(of: "p/k", in: nil, versionID: nil)
            return { found.isEmpty }
        },
    ]

    @Test(
        "I1: every operation that receives a hostile response fails or returns a correct result", arguments: requests,
        HostileResponse.all)
    func i1(request: Request, answer: HostileResponse) async throws {
        let scene = try await Scene()
        answer.add(to: scene.service.server, operation: request.operation)
        let isTrue: (@Sendable () async throws -> Bool)?
        do {
            isTrue = try await request.send(scene)
        } catch let error as OSSError {
            #expect(!error.message.isEmpty)
            isTrue = nil
        }
        scene.service.server.faults.removeAll()
        if let isTrue, !answer.isPlausible(request.operation), answer.name != request.blindSpot {
            #expect(try await isTrue())
        }
    }

    // MARK: Folders

    private static let folderOperations: [(MirrorScene.Way, [String])] = [
        (
            .up,
            [
                "ListObjects", "PutObject", "HeadObject", "InitiateMultipartUpload", "UploadPart", "ListParts",
                "CompleteMultipartUpload", "DeleteMultipleObjects",
            ]
        ),
        (.down, ["ListObjects", "GetObject", "HeadObject"]),
        (.copy, ["ListObjects", "HeadObject", "CopyObject", "DeleteMultipleObjects"]),
    ]
    private static let folderCases = folderOperations.flatMap { way, operations in operations.map { (way, $0) } }

    @Test(
        "I2: after hostile responses, every file of a folder transfer is correct or reported; the next run repairs it",
        arguments: folderCases, HostileResponse.all)
    func i2(run: (way: MirrorScene.Way, operation: String), answer: HostileResponse) async throws {
        let scene = try MirrorScene(run.way, keepsState: true)
        let files: [String: Data] = [
            "a": Data("new a".utf8), "b/c": Data("new c".utf8), "same": Data("same".utf8), "empty": Data(),
            "large": Data.pattern(250_000),
        ]
        for (name, content) in files { try scene.addSource([name], content) }
        let old: [String: Data] = [
            "a": Data("old a".utf8), "same": Data("same".utf8), "gone": Data("gone".utf8),
            "large": Data.pattern(250_000, seed: 2),
        ]
        for (name, content) in old { try scene.addDestination([name], content) }
        func configure(_ options: inout DirectoryTransfer.Options) {
            (options.multipartThreshold, options.partSize) = (150_000, 100 << 10)
            options.deletion?.limit = .unlimited
        }

        answer.add(to: scene.service.server, operation: run.operation)
        let report = try? await scene.run(configure)
        scene.service.server.faults.removeAll()
        let failed = Set(report?.failures.map(\.path) ?? Array(files.keys) + ["gone"])
        for (name, content) in files where !failed.contains(name) {
            #expect(scene.read(name) == content, "'\(name)' counts as transferred")
        }
        for (name, content) in files where failed.contains(name) {
            #expect([old[name], content].contains(scene.read(name)), "'\(name)' is neither the old nor the new one")
        }
        if report?.isComplete == true { #expect(scene.read("gone") == nil) }
        if !(report?.isComplete ?? false), run.operation != "DeleteMultipleObjects" {
            #expect(scene.read("gone") == old["gone"], "nothing is deleted after a failure")
        }

        let last = try await scene.run(configure)
        #expect(last.isComplete, "\(last.failures)")
        #expect(Set(try scene.destination) == Set(files.keys))
        for (name, content) in files { #expect(scene.read(name) == content, "'\(name)' after the run without faults") }
    }
}
