import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import TestProcesses
import Testing

@testable import AliyunOSS

/// Tests of upload journals. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Upload journals", .timeLimit(.minutes(10)))
struct UploadJournalTests {
    @Test("C9: a journal that is truncated anywhere is rejected, and the upload starts again")
    func c9() async throws {
        let upload = try UploadFixture(size: UploadFixture.partSize + 1)
        try await upload.interrupt(atPart: 2)
        let journal = try #require(try upload.journals.first)
        let whole = try upload.folder.read(journal)
        #expect(whole.count > 100)
        for length in 0..<whole.count {
            let content = JournalCoding.read(
                [UInt8](whole.prefix(length)), header: ResumableUpload.self, record: NoRecord.self)
            // A header written before the upload had an ID contains none.
            #expect(content?.header.uploadID == nil, "\(length) bytes")
        }
        for length in stride(from: 0, to: whole.count, by: 29) + [whole.count - 1] {
            try writePrivately(whole.prefix(length), to: upload.folder[journal])
            let before = upload.service.count()
            try await upload.upload()
            // Without an ID, the upload searches for uploads without parts, which is not tested here.
            let operations = upload.service.operations(after: before).filter { !$0.key.hasPrefix("List") }
            #expect(
                operations == ["InitiateMultipartUpload": 1, "UploadPart": 2, "CompleteMultipartUpload": 1])
            #expect(try upload.journals.isEmpty)
        }
        // The complete journal is accepted, because the upload that it names still exists.
        #expect(upload.openUploads == 1)
        try writePrivately(whole, to: upload.folder[journal])
        let before = upload.service.count()
        try await upload.upload()
        #expect(
            upload.service.operations(after: before)
                == ["ListParts": 1, "UploadPart": 1, "CompleteMultipartUpload": 1])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C9: a journal with another version or content, or for another upload, is rejected")
    func c9Content() async throws {
        let upload = try UploadFixture(size: 1)
        try await upload.interrupt(atPart: 1)
        let journal = try #require(try upload.journals.first)
        let whole = try upload.folder.read(journal)
        let content = try #require(
            JournalCoding.read([UInt8](whole), header: ResumableUpload.self, record: NoRecord.self))
        var others: [[UInt8]] = [
            Array("aliyun-oss journal 3\n".utf8) + (try JournalCoding.newHeader(content.header)),
            try JournalCoding.file(["uploadID": "x"]),
            [UInt8](Data.pattern(1000)), Array("{}\n".utf8), [UInt8](repeating: 10, count: 100),
            [UInt8](whole.dropFirst()),
        ]
        func add(_ change: (inout ResumableUpload) -> Void) throws {
            var header = content.header
            change(&header)
            others.append(try JournalCoding.file(header))
        }
        try add { $0.bucket = "other" }
        try add { $0.key = "other" }
        try add { $0.endpoint = "https://oss-cn-beijing.aliyuncs.com" }
        try add { $0.uploadID = "unknown" }
        try add { ($0.uploadID, $0.source.inode) = ("unknown", $0.source.inode + 1) }
        for partSize in [.min, -1, 0, 1, 200 << 10, .max] as [Int64] {
            try add { ($0.uploadID, $0.partSize) = ("unknown", partSize) }
        }
        for bytes in others {
            try writePrivately(Data(bytes), to: upload.folder[journal])
            upload.service.server.delete("k", in: "photos")
            let before = upload.service.count()
            try await upload.upload()
            let operations = upload.service.operations(after: before)
            #expect(operations["InitiateMultipartUpload"] == 1, "\(String(decoding: bytes, as: UTF8.self))")
            #expect(operations["UploadPart"] == 1)
            #expect(upload.stored == upload.content)
            #expect(try upload.journals.isEmpty)
        }
        #expect(upload.openUploads == 1)
    }

    enum Obstacle: String, CaseIterable {
        case readableByOthers, symbolicLink, hardLink, fifo, folder, ofAnotherUser
    }

    @Test(
        "C9: a file in the journal's place that may belong to someone else is not changed, and the upload has no journal",
        arguments: Obstacle.allCases)
    func c9Place(obstacle: Obstacle) async throws {
        // Only root can change the owner of a file.
        if obstacle == .ofAnotherUser, geteuid() != 0 { return }
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 3)
        let path = upload.folder[try #require(try upload.journals.first)]
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        switch obstacle {
        case .readableByOthers: #expect(chmod(path, 0o644) == 0)
        case .ofAnotherUser: #expect(chown(path, 65534, 65534) == 0)
        case .hardLink: #expect(link(path, upload.folder["other"]) == 0)
        case .symbolicLink:
            #expect(rename(path, upload.folder["other"]) == 0)
            #expect(symlink(upload.folder["other"], path) == 0)
        case .fifo: #expect(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
        case .folder: #expect(unlink(path) == 0 && mkdir(path, 0o700) == 0)
        }
        let before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [1, 2, 3, 4])
        #expect(upload.stored == upload.content)
        // The parts of the other upload still exist. The new upload cannot be recorded and is therefore aborted.
        upload.service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .part(3)))
        #expect(await failure { try await upload.upload() }?.code == .accessDenied)
        #expect(try await upload.uploads == [begun])
        #expect(upload.service.server.unusedFaults.isEmpty)
        switch obstacle {
        case .readableByOthers, .ofAnotherUser, .hardLink, .symbolicLink:
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        case .fifo, .folder: #expect(try OpenFile.reading(path).status().kind != .regular)
        }
    }

    @Test("C9: a specified state directory that cannot be used is an error before any request")
    func c9Refused() async throws {
        let upload = try UploadFixture()
        try upload.folder.write("state", Data("not a folder".utf8))
        let error = await failure { try await upload.upload() }
        #expect(error?.code == .fileSystem && error?.message.contains(upload.folder["state"]) == true)
        #expect(upload.service.count() == 0)
        #expect(try upload.folder.read("state") == Data("not a folder".utf8))
    }

    @Test("C9: an interrupted upload that a full disk kept from being recorded is aborted")
    func c9FullDisk() async throws {
        let upload = try UploadFixture()
        let disk = FaultyFileSystem()
        disk.add(.fail(ENOSPC), to: .write, path: ".journal", times: nil)
        upload.service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .part(3)))
        #expect(await failure { try await disk.run { try await upload.upload() } }?.code == .accessDenied)
        #expect(disk.unused.isEmpty)
        try upload.expectNothingLeft()
    }

    // MARK: Twice at once

    @Test("C18: of two uploads of the same file to the same key, one has no journal, and nothing is mixed")
    func c18() async throws {
        let upload = try UploadFixture()
        let server = upload.service.server
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(upload.folder["state"])
        let other = try server.bucket("photos", configuration: configuration)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        upload.credentials.beforeEachRequest { if $0 == 3 { for await _ in gate { break } } }
        let first = Task { try await upload.upload() }
        #expect(try await eventually { upload.sentParts() == [1] && server.requests.last?.status == 200 })

        // One upload that succeeds and one that fails, while the first is running.
        try await other.uploadObject("k", from: upload.folder["source"], options: upload.options())
        #expect(upload.stored == upload.content)
        server.add(MockFault(.respond(status: 403, code: "AccessDenied"), when: .part(2)))
        let error = await failure {
            try await other.uploadObject("k", from: upload.folder["source"], options: upload.options())
        }
        #expect(error?.code == .accessDenied)
        #expect(upload.openUploads == 1)
        #expect(try upload.journals.count == 1)

        open.yield()
        #expect(try await first.value.resumedBytes == 0)
        #expect(upload.service.count("InitiateMultipartUpload") == 3)
        #expect(upload.service.count("ListParts") == 0)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test(
        "C18: a journal that another process holds is not used until that process has ended",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/flock")))
    func c18Process() async throws {
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 3)
        let journal = try #require(try upload.journals.first)
        let whole = try upload.folder.read(journal)
        let (input, output) = (try ChildPipe(), try ChildPipe())
        let holder = try ChildProcess(
            "/usr/bin/flock", ["-n", upload.folder[journal], "-c", "echo held; read line"],
            standardInput: input.reading, standardOutput: output.writing)
        try output.writing.close()
        #expect(await BlockingWork.run { output.reading.availableData } == Data("held\n".utf8))

        var before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [1, 2, 3, 4])
        #expect(upload.stored == upload.content)
        #expect(try await upload.uploads == [begun])
        #expect(try upload.folder.read(journal) == whole)

        try input.writing.close()
        await holder.end()
        before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [3, 4])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("An upload can be resumed from a journal that has not been used for more than a week")
    func old() async throws {
        let upload = try UploadFixture()
        try await upload.interrupt(atPart: 3)
        try upload.age(days: 8)
        // For the process, another spelling of the path is a different folder that has not yet been cleaned.
        let bucket = try upload.bucket(state: upload.folder["state"] + "/.")
        let before = upload.service.count()
        try await bucket.uploadObject("k", from: upload.folder["source"], options: upload.options())
        #expect(upload.sentParts(after: before) == [3, 4])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("A journal that is reused between the check of its age and its lock is not removed")
    func touchedMeanwhile() async throws {
        let upload = try UploadFixture()
        try await upload.interrupt(atPart: 3)
        try upload.age(days: 8)
        let moment = Int64(time(nil)) - JournalDirectory.lifetime
        let meanwhile = Meanwhile(.lock, ".journal") { try upload.age(days: 0) }
        try await meanwhile.run {
            let folder = try #require(try JournalDirectory(.path(upload.folder["state"])))
            folder.removeJournals(before: moment)
            #expect(try upload.journals.count == 1)
            // When it is that old again, it is removed.
            try upload.age(days: 8)
            folder.removeJournals(before: moment)
            #expect(try upload.journals.isEmpty)
        }
        #expect(meanwhile.hasHappened)
    }

    @Test("A long upload keeps its journal, because every attempt and every part renews it")
    func touched() async throws {
        let upload = try UploadFixture()
        try await upload.interrupt(atPart: 2)
        try upload.age(days: 6)
        // An attempt that does nothing.
        upload.service.server.add(.respond(status: 403, code: "Other"), when: .operation("ListParts"))
        _ = await failure { try await upload.upload() }
        #expect(try upload.ageInDays < 1)

        try upload.age(days: 6)
        let number = Mutex(0)
        upload.credentials.beforeEachRequest { request in
            // The first request is the listing. The second part follows with the second request, and only that part
            // renews the journal.
            if request == 2 { try upload.age(days: 6) }
            if request == 3 { #expect(try upload.ageInDays < 1) }
            number.withLock { $0 = request }
        }
        try await upload.upload()
        #expect(number.withLock { $0 } == 5)
        upload.credentials.beforeEachRequest { _ in }
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }
}

/// Writes a file that only its owner can access.
private func writePrivately(_ data: Data, to path: String) throws {
    try data.write(to: URL(fileURLWithPath: path))
    #expect(chmod(path, 0o600) == 0)
}

extension UploadFixture {
    /// Sets the modification time of the journal to the given number of days ago.
    fileprivate func age(days: Double) throws {
        let date = Date(timeIntervalSinceNow: -days * 86_400)
        for journal in try journals {
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder[journal])
        }
    }

    /// Number of days since the journal was last changed.
    fileprivate var ageInDays: Double {
        get throws {
            let journal = try #require(try journals.first)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder[journal])
            return -(try #require(attributes[.modificationDate] as? Date)).timeIntervalSinceNow / 86_400
        }
    }

    /// Returns another client of the service that uses a different state directory.
    fileprivate func bucket(state: String) throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(state)
        return try service.server.bucket("photos", configuration: configuration)
    }
}
