import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

/// On a file system where a file has one name only: FAT, and some that come over a network.
@Suite("File systems without hard links")
struct LinklessFileSystemTests {
    private static let codes = [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK]
    private let old = Data("old".utf8)

    private func disk(_ code: Int32) -> FaultyFileSystem {
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .link, times: nil)
        return disk
    }

    @Test("A file is kept, or kept beside, all the same", arguments: codes)
    func conflicts(code: Int32) async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        let disk = disk(code)
        try await disk.run {
            for number in 1...2 {
                let result = try await scene.download { $0.conflict = .keepBoth }
                #expect(result.path == scene.folder["copy (\(number))"])
            }
            try await scene.download(to: "new") { $0.conflict = .keep }
            #expect(await failure { try await scene.download { $0.conflict = .keep } }?.code == .alreadyExists)
        }
        #expect(disk.unused.isEmpty)
        let content = scene.content
        #expect(
            try scene.folder.contents
                == ["copy": old, "copy (1)": content, "copy (2)": content, "new": content])
        scene.expectNothingLeft()
    }

    @Test("A file that appears at the last moment is not replaced", arguments: codes)
    func appearing(code: Int32) throws {
        let folder = try Scratch()
        let disk = disk(code)
        try FileSystemSeam.$interceptor.withValue(disk) {
            let file = try AtomicFile(replacing: folder["a"])
            try folder.write("a", old)
            let error = #expect(throws: FileError.self) { try file.commit(replacing: .never) }
            #expect(error?.code == EEXIST)
        }
        #expect(disk.unused.isEmpty)
        #expect(try folder.contents == ["a": old])
    }

    @Test("Files that a download deletes go to the backup folder, and never over one another", arguments: codes)
    func backup(code: Int32) throws {
        let folder = try Scratch()
        try folder.write("backup/a.txt", old)
        let disk = disk(code)
        try FileSystemSeam.$interceptor.withValue(disk) {
            for round in ["first", "second"] {
                try folder.write("a.txt", Data(round.utf8))
                try SafeDirectory(folder.path)
                    .move(try #require(FileName("a.txt".utf8)), into: SafeDirectory(folder["backup"]))
            }
        }
        #expect(disk.unused.isEmpty)
        #expect(
            try folder.contents
                == [
                    "backup/a.txt": old, "backup/a (1).txt": Data("first".utf8),
                    "backup/a (2).txt": Data("second".utf8),
                ])
    }
}
