import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import TestProcesses
import Testing

@Suite("Compressing as gzip")
struct GzipCompressorTests {
    @Test("Compressed content expands to the original, however either is split", arguments: GzipSample.sizes)
    func roundTrip(size: Int) throws {
        var random = SeededRandom(seed: UInt64(size))
        for content in GzipSample.content(size, &random) {
            let whole = try compressed(content)
            for longest in [size / 3 + 1, 100_000] {
                #expect(try compressed(content, in: random.split(size, longest: longest)) == whole)
                #expect(try expanded(whole, in: random.split(whole.count, longest: longest)) == content)
            }
        }
    }

    /// At the edge of its window, zlib finds or misses a repeated string depending on the sizes of its input.
    @Test("A repetition at the edge of zlib's window is compressed correctly, however the input is split")
    func windowEdge() throws {
        let window = 32_768
        var random = SeededRandom(seed: 1)
        for _ in 0..<10 {
            var content = random.bytes(200_000).map { $0 & 63 }
            let repetition = content[window..<window + 20]
            content.replaceSubrange((2 * window - 262)..<(2 * window - 242), with: repetition)
            let whole = try compressed(content)
            #expect(try compressed(content, in: content.indices.map { $0..<$0 + 1 }) == whole)
            #expect(try compressed(content, in: random.split(content.count, longest: 5000)) == whole)
        }
    }

    @Test("The header contains no time, name or operating system", arguments: ["", "a", "hello"])
    func header(text: String) throws {
        #expect(try compressed(Array(text.utf8)).prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    }

    @Test(
        "Short content is compressed to the same bytes as by Python's gzip",
        arguments: [
            ("", "1f8b08000000000000ff03000000000000000000"),
            ("a", "1f8b08000000000000ff4b040043beb7e801000000"),
        ])
    func vectors(text: String, hexadecimal: String) throws {
        #expect(Hexadecimal.lowercase(try compressed(Array(text.utf8))) == hexadecimal)
    }

    @Test("Output is produced in bounded chunks while input arrives")
    func bounded() throws {
        var random = SeededRandom(seed: 7)
        let content = random.bytes(4 << 20)
        var (largest, before) = (0, 0)
        var compressor = try GzipCompressor()
        try content.withUnsafeBytes { content in
            try compressor.update(content) {
                largest = max(largest, $0.count)
                before += $0.count
            }
        }
        #expect(before > 3 << 20)
        try compressor.finish { largest = max(largest, $0.count) }
        #expect(largest <= 64 << 10)
    }

    @Test("A compressor that has finished or failed rejects further input")
    func ended() throws {
        var finished = try GzipCompressor()
        try finished.finish { _ in }
        #expect(gzipError { try finished.finish { _ in } } == .ended)

        struct Full: Error {}
        var content = SeededRandom(seed: 3)
        let bytes = content.bytes(300_000)
        var broken = try GzipCompressor()
        #expect(throws: Full.self) { try bytes.withUnsafeBytes { try broken.update($0) { _ in throw Full() } } }
        #expect(gzipError { try broken.finish { _ in } } == .ended)
    }

    private static let tool = ["/usr/bin/gzip", "/bin/gzip"].first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test("The gzip tool expands compressed content, and the reverse", .enabled(if: tool != nil))
    func otherImplementation() async throws {
        let path = try #require(Self.tool)
        var random = SeededRandom(seed: 11)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-gzip-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (index, content) in GzipSample.sizes.flatMap({ GzipSample.content($0, &random) }).enumerated() {
            let (ours, theirs) = ("ours-\(index)", "theirs-\(index)")
            try Data(compressed(content)).write(to: folder.appendingPathComponent(ours + ".gz"))
            try Data(content).write(to: folder.appendingPathComponent(theirs))
            let process = try ChildProcess(path, ["--decompress", ours + ".gz"], directory: folder.path)
            #expect(await process.end() == .exited(0))
            #expect(try Data(contentsOf: folder.appendingPathComponent(ours)) == Data(content))
            let other = try ChildProcess(path, ["--name", theirs], directory: folder.path)
            #expect(await other.end() == .exited(0))
            let bytes = try Data(contentsOf: folder.appendingPathComponent(theirs + ".gz"))
            #expect(try expanded(Array(bytes)) == content)
        }
    }
}

/// Returns the error that a call throws.
func gzipError(_ body: () throws -> Void) -> GzipError? {
    do {
        try body()
        return nil
    } catch {
        return error as? GzipError
    }
}
