import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

@Suite("Shortage of descriptors", .timeLimit(.minutes(5)))
struct DescriptorTests {
    @Test(
        "J7: a file that finds no descriptor free waits for one, in either direction, and is no failure",
        arguments: [MirrorScene.Way.up, .down], [EMFILE, ENFILE])
    func j7(way: MirrorScene.Way, code: Int32) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource((0..<20).map { "d\($0 % 3)/f\($0)" })
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .open, skip: 5, times: 3)
        disk.add(.fail(code), to: way == .up ? .list : .create, skip: 1, times: 2)
        let report = try await disk.run { try await scene.run() }
        #expect(report.isComplete && report.transferred.files == 20, "\(report.failures)")
        #expect(disk.unused.isEmpty)
    }

    @Test(
        "J7: a shortage of descriptors that lasts longer than the limit is the file's failure, and says what to raise")
    func j7Lasting() async throws {
        let scene = try MirrorScene(.up)
        try scene.addSource(["a", "b"])
        let disk = FaultyFileSystem()
        disk.add(.fail(EMFILE), to: .open, path: "/a", times: nil)
        let report = try await disk.run { try await scene.run { $0.outageLimit = .milliseconds(100) } }
        #expect(report.failures.map(\.path) == ["a"] && report.transferred.files == 1)
        #expect(report.failures.first?.error.message.contains("ulimit -n") == true)
        #expect(disk.unused.isEmpty)
    }

    @Test(
        "The requests in flight leave descriptors for files, and for what the system needs besides",
        arguments: [
            (nil, 0, 30, 30), (1024, 20, 30, 30), (1024, 20, 1024, 245), (64, 12, 30, 7), (64, 40, 30, 1),
            (10, 9, 30, 1),
            (64, 12, 3, 3), (20_000, 1400, 64, 64),
        ])
    func requests(limit: Int?, taken: Int, wanted: Int, expected: Int) {
        #expect(DescriptorLimit(limit: limit, taken: taken).requests(wanted: wanted) == expected)
    }
}
