import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

@Suite("ResponseBodyWriter")
struct ReplySinkTests {
    private static func scratch() throws -> OpenFile {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        unlink(path)
        return OpenFile(descriptor: descriptor, path: path)
    }

    @Test(
        "Bytes reach the file at their offset, in chunks of any size, and are counted and checksummed",
        arguments: [1, 1000, 16_384, 262_144, 700_000])
    func file(_ piece: Int) throws {
        let file = try Self.scratch()
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        var sink = ResponseBodyWriter(.file(file, offset: 10, status: 206))
        try sink.open(status: 206, announced: piece == 1 ? nil : 700_000)
        try bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                try sink.receive(UnsafeRawBufferPointer(rebasing: rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            }
        }
        try sink.finish()
        #expect(sink.length == 700_000)
        #expect(sink.checksum.value == CRC64.checksum(bytes))
        #expect(sink.body.isEmpty)
        #expect(try file.status().size == 700_010)
        var stored = [UInt8](repeating: 1, count: 700_010)
        _ = try stored.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        #expect(stored[..<10].allSatisfy { $0 == 0 })
        #expect(stored[10...].elementsEqual(bytes))
    }

    @Test("A response with another status is held in memory and does not change the file")
    func otherStatus() throws {
        let file = try Self.scratch()
        var sink = ResponseBodyWriter(.file(file, offset: 0, status: 206))
        try sink.open(status: 404, announced: 9)
        try Array("<Error/>\n".utf8).withUnsafeBytes { try sink.receive($0) }
        try sink.finish()
        #expect(sink.body == Data("<Error/>\n".utf8))
        #expect(try file.status().size == 0)
    }

    @Test("A body that exceeds the limit is rejected, whether its length is announced or not")
    func limit() throws {
        var announced = ResponseBodyWriter(.memory(limit: 4))
        var kind: HTTPTransportError.Kind?
        do { try announced.open(status: 200, announced: 5) } catch { kind = error.kind }
        #expect(kind == .bodyTooLarge)

        kind = nil
        var sink = ResponseBodyWriter(.memory(limit: 4))
        try sink.open(status: 200, announced: nil)
        try [1, 2, 3, 4].withUnsafeBytes { try sink.receive(UnsafeRawBufferPointer(rebasing: $0[..<4])) }
        do { try [UInt8(5)].withUnsafeBytes { try sink.receive($0) } } catch let error as HTTPTransportError {
            kind = error.kind
        }
        #expect(kind == .bodyTooLarge)
    }

    @Test("A failed write is reported once and not retried")
    func failure() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try Data().write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        var sink = ResponseBodyWriter(.file(try OpenFile.reading(path), offset: 0, status: 200))
        try sink.open(status: 200, announced: nil)
        var kind: HTTPTransportError.Kind?
        do {
            try [UInt8](repeating: 7, count: 300_000).withUnsafeBytes { try sink.receive($0) }
        } catch let error as HTTPTransportError {
            kind = error.kind
        }
        #expect(kind == .destinationWriteFailed)
        try sink.finish()
    }
}
