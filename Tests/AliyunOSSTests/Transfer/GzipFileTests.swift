import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Gzip form of a file", .timeLimit(.minutes(5)))
struct GzipFileTests {
    @Test(
        "The gzip form is the same whether it is stored or only measured",
        arguments: [0, 1, 262_143, 262_144, 262_145, 1_000_000])
    func form(size: Int) async throws {
        let folder = try ScratchDirectory()
        let content = compressiblePattern(size)
        try folder.write("a", content)
        let form = try await GzipFile(compressing: folder.slice("a"))
        let bytes = try await form.content.bytes()
        #expect(bytes == (try gzip(content)))
        #expect(form.digest.size == Int64(bytes.count))
        #expect(form.digest.compressed.md5 == Hexadecimal.uppercase(MD5.hash(bytes)))
        #expect(form.digest.compressed.crc64 == CRC64.checksum(bytes))
        #expect(form.digest.original == GzipMark(size: Int64(size), crc64: CRC64.checksum(content)))
        #expect(try await GzipDigest(of: folder.slice("a")) == form.digest)
        #expect(folder.names() == ["a"])
    }

    @Test("The gzip form contains neither the name nor the time of the file")
    func equalFiles() async throws {
        let folder = try ScratchDirectory()
        try folder.write("a", "the same")
        try folder.write("b", "the same")
        try folder.slice("b").file.setModified(FileStatus.Time(seconds: 1, nanoseconds: 0))
        #expect(try await GzipDigest(of: folder.slice("a")) == GzipDigest(of: folder.slice("b")))
    }

    @Test(
        "The gzip form expands to the original file and replaces earlier content of the output",
        arguments: [0, 1, 262_145, 1_000_000])
    func expand(size: Int) async throws {
        let folder = try ScratchDirectory()
        let content = compressiblePattern(size)
        try folder.write("a", content)
        try folder.write("output", pattern(1_100_000))
        let form = try await GzipFile(compressing: folder.slice("a"))
        try await GzipFile.expand(form.content, into: folder.slice("output").file, expecting: form.digest.original)
        #expect(try folder.content("output") == content)
    }

    enum Damage: CaseIterable {
        case empty, shorter, trailingZeros, flippedBit, notCompressed, otherContent, smallerThanMarked, largerThanMarked
    }

    @Test("Content that does not match the gzip metadata is an error", arguments: Damage.allCases)
    func mismatches(damage: Damage) async throws {
        let folder = try ScratchDirectory()
        let content = compressiblePattern(400_000)
        var mark = GzipMark(size: Int64(content.count), crc64: CRC64.checksum(content))
        var bytes = try gzip(content)
        switch damage {
        case .empty: bytes = []
        case .shorter: bytes.removeLast()
        case .trailingZeros: bytes += [0, 0]
        case .flippedBit: bytes[bytes.count / 2] ^= 4
        case .notCompressed: bytes = content
        case .otherContent: bytes = try gzip(Array(content.reversed()))
        case .smallerThanMarked: mark.size += 1
        case .largerThanMarked: mark.size -= 1
        }
        try folder.write("a.gz", bytes)
        try folder.write("output")
        let error = await #expect(throws: OSSError.self) {
            try await GzipFile.expand(folder.slice("a.gz"), into: folder.slice("output").file, expecting: mark)
        }
        #expect(error?.code == .checksumMismatch, "\(error as Any)")
        #expect(error?.message.contains("\(mark.size) bytes") == true)
    }

    @Test("The expanded file never exceeds the size in the gzip metadata")
    func bomb() async throws {
        let folder = try ScratchDirectory()
        try folder.write("bomb.gz", try gzip(Array(repeating: 0, count: 20 << 20)))
        try folder.write("output")
        let mark = GzipMark(size: 1 << 20, crc64: 0)
        await #expect(throws: OSSError.self) {
            try await GzipFile.expand(folder.slice("bomb.gz"), into: folder.slice("output").file, expecting: mark)
        }
        let status = try #require(folder.status("output"))
        #expect(status.size > 0)
        #expect(status.size <= mark.size)
    }

    @Test("A full disk during expansion is an error that states the cause")
    func fullDisk() async throws {
        let folder = try ScratchDirectory()
        let content = compressiblePattern(1_000_000)
        try folder.write("a", content)
        try folder.write("a.gz", try gzip(content))
        try folder.write("output")
        let mark = GzipMark(size: Int64(content.count), crc64: CRC64.checksum(content))
        let works: [@Sendable () async throws -> Void] = [
            { _ = try await GzipFile(compressing: folder.slice("a")) },
            { try await GzipFile.expand(folder.slice("a.gz"), into: folder.slice("output").file, expecting: mark) },
        ]
        for work in works {
            let disk = FaultyFileSystem()
            disk.add(.fail(ENOSPC), to: .write, skip: 3)
            let error = await #expect(throws: OSSError.self) { try await disk.run(work) }
            #expect(disk.unused.isEmpty)
            #expect(error?.code == .fileSystem)
            #expect(error?.message.contains(String(cString: strerror(ENOSPC))) == true)
        }
    }

    @Test("A file that cannot be read for compression is an error")
    func unreadable() async throws {
        let folder = try ScratchDirectory()
        try folder.write("a", pattern(1_000_000))
        let disk = FaultyFileSystem()
        disk.add(.fail(EIO), to: .read, path: "/a", skip: 2)
        let error = await #expect(throws: OSSError.self) {
            try await disk.run { try await GzipDigest(of: folder.slice("a")) }
        }
        #expect(disk.unused.isEmpty)
        #expect(error?.code == .fileSystem)
    }

    @Test("A cancelled task stops compressing")
    func cancelled() async throws {
        let folder = try ScratchDirectory()
        try folder.write("a", pattern(1_000_000))
        try folder.write("a.gz", try gzip(pattern(1_000_000)))
        try folder.write("output")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await #expect(throws: CancellationError.self) { try await GzipFile(compressing: folder.slice("a")) }
            await #expect(throws: CancellationError.self) {
                let mark = GzipMark(size: 1_000_000, crc64: 0)
                try await GzipFile.expand(folder.slice("a.gz"), into: folder.slice("output").file, expecting: mark)
            }
        }
        await task.value
        #expect(try folder.content("output").isEmpty)
    }
}
