import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("LineReader", .timeLimit(.minutes(5)))
struct LineReaderTests {
    private let folder: ScratchDirectory

    init() throws {
        folder = try ScratchDirectory()
    }

    private func lines(_ content: Data, maximumLength: Int = 64 << 10) throws -> [LineReader.Line] {
        let path = folder.path + "/lines"
        try content.write(to: URL(fileURLWithPath: path))
        var reader = LineReader(try OpenFile.reading(path), maximumLength: maximumLength)
        var lines: [LineReader.Line] = []
        while let line = try reader.next() { lines.append(line) }
        #expect(reader.number == lines.count)
        return lines
    }

    @Test(
        "A file is read line by line, with or without a line feed at its end",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\r\n\nb", ["a\r", "", "b"]), ("\n\n", ["", ""]),
        ])
    func short(text: String, expected: [String]) throws {
        #expect(try lines(Data(text.utf8)) == expected.map { .whole(Array($0.utf8)) })
    }

    @Test("Lines that span two reads are complete", arguments: [1, 65_535, 65_536])
    func long(length: Int) throws {
        let expected = (0..<5).map { Array(repeating: UInt8(ascii: "a") + $0, count: length) }
        #expect(try lines(Data(expected.joined(separator: [10]))) == expected.map { .whole($0) })
    }

    @Test("A line that is too long is truncated and is the last one", arguments: [11, 2000, 1_000_000])
    func tooLong(length: Int) throws {
        let content = Data("0123456789\n".utf8) + Data(repeating: 120, count: length) + Data("\nrest\n".utf8)
        #expect(
            try lines(content, maximumLength: 10) == [
                .whole(Array("0123456789".utf8)), .tooLong(beginning: Array(repeating: 120, count: min(length, 1024))),
            ])
    }

    @Test("Data that arrives in a pipe in several chunks is read to its end")
    func pipe() async throws {
        let path = folder.path + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let writing = Task(executorPreference: OwnThread()) {
            let file = try #require(FileHandle(forWritingAtPath: path))
            for piece in ["a", "b\nc", "\n", "d"] { try file.write(contentsOf: Data(piece.utf8)) }
            try file.close()
        }
        let reading = Task(executorPreference: OwnThread()) {
            var reader = try LineReader(path: path)
            var lines: [LineReader.Line] = []
            while let line = try reader.next() { lines.append(line) }
            return lines
        }
        try await writing.value
        let lines = try await reading.value
        #expect(lines == ["ab", "c", "d"].map { .whole(Array($0.utf8)) })
    }

    @Test("A cancelled task stops waiting for the writer of a pipe")
    func pipeWithoutWriter() async throws {
        let path = folder.path + "/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        let disk = FaultyFileSystem()
        let reading = await disk.run {
            Task(executorPreference: OwnThread()) { () throws(FileError) -> LineReader.Line? in
                var reader = try LineReader(path: path)
                return try reader.next()
            }
        }
        try #require(try await eventually { disk.calls.contains { $0.kind == .read } })
        reading.cancel()
        let error = await #expect(throws: FileError.self) { try await reading.value }
        #expect(error?.code == ECANCELED)
        let provider = Task { try await CredentialsFileProvider(path: path).credentials() }
        provider.cancel()
        await #expect(throws: CancellationError.self) { try await provider.value }
    }

    @Test("A file that cannot be read is an error that names the file")
    func unreadable() throws {
        #expect(throws: FileError.self) { _ = try LineReader(path: folder.path + "/nothing") }
        var reader = try LineReader(path: folder.path)
        let error = #expect(throws: FileError.self) { _ = try reader.next() }
        #expect(error?.path == folder.path)
    }
}

/// An executor with one thread per job. Blocking work would otherwise use one of the few threads of Swift's pool.
private final class OwnThread: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }.start()
    }
}
