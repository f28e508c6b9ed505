import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests for known defects of other tools. The numbers are those of the original reports.
@Suite("Known defects of other tools", .timeLimit(.minutes(10)))
struct OtherToolDefectTests {
    private static let partSize = UploadFixture.partSize

    @Test("ossutil defect 4: an upload whose parts are all present and complete is completed")
    func allPartsThere() async throws {
        let upload = try UploadFixture(size: 3 * Self.partSize)
        upload.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("CompleteMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .accessDenied)
        let before = upload.service.count()
        let result = try await upload.upload()
        #expect(upload.service.operations(after: before) == ["ListParts": 1, "CompleteMultipartUpload": 1])
        #expect(result.crc64 == CRC64.checksum(upload.content))
        #expect(result.resumedBytes == Int64(upload.content.count))
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("ossutil defect 5: a file that changed since an interruption is not mixed with its earlier content")
    func changedSince() async throws {
        let upload = try UploadFixture()
        let path = upload.folder["source"]
        var before = stat()
        #expect(stat(path, &before) == 0)
        try await upload.interrupt(atPart: 3)
        // The size, the inode and the time are unchanged.
        let other = Data.pattern(upload.content.count, seed: 2)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.write(contentsOf: other)
        try file.close()
        #if canImport(Darwin)
            let times = [before.st_atimespec, before.st_mtimespec]
        #else
            let times = [before.st_atim, before.st_mtim]
        #endif
        #expect(
            try await eventually {
                utimensat(AT_FDCWD, path, times, 0)
                let now = try OpenFile.reading(path).status()
                return now.hasChanged(from: FileStatus(before)) && now.modified == FileStatus(before).modified
            })
        let count = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: count) == [1, 2, 3, 4])
        #expect(upload.service.operations(after: count)["AbortMultipartUpload"] == 1)
        #expect(upload.stored == other)
        try upload.expectNothingLeft()
    }

    @Test("Official SDK defect D20: a file that is not a regular file is rejected immediately")
    func notAFile() async throws {
        let upload = try UploadFixture()
        #expect(mkfifo(upload.folder["fifo"], 0o600) == 0)
        let refused = [(upload.folder.path, "a directory"), (upload.folder["fifo"], "not a regular file")]
        for (path, problem) in refused + [("/dev/null", "not a regular file")] {
            for error in [
                await failure { try await upload.service.bucket.uploadObject("k", from: path) },
                await failure {
                    try await upload.service.bucket.uploadObject("k", from: path, options: upload.options())
                },
                await failure { try await upload.service.bucket.putObject("k", .file(path)) },
            ] {
                #expect(error?.code == .fileSystem)
                #expect(error?.message.contains("'\(path)': it is \(problem)") == true, "\(error as Any)")
            }
        }
        #expect(upload.service.count() == 0)
        try upload.expectNothingLeft()
    }
}
