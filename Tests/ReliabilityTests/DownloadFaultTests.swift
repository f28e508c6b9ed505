import AliyunOSSTesting
import Dispatch
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of downloads that are affected by the service, the network or a crash. The IDs and outcomes are those in
/// `Docs/Scenarios.md`. Faults of the local disk are tested in the other files of family D.
@Suite("Download faults", .timeLimit(.minutes(10)))
struct DownloadFaultTests {
    private let old = Data("old".utf8)

    // MARK: The object and its ranges

    @Test("D1: an object that is replaced between two ranges is downloaded again once from its start")
    func d1() async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        let second = Data.pattern(scene.content.count, seed: 2)
        scene.service.server.add(.afterwards(.putObject(key: nil, bytes: Array(second))), when: scene.window(1))
        let result = try await scene.download()
        #expect(try scene.folder.read("copy") == second)
        #expect(scene.service.eTag("big") == "\"\(result.metadata.eTag)\"")
        #expect(scene.ranges.count { $0 == scene.range(1) } == 2)
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("D1: an object that is replaced repeatedly is an error, and the old file remains")
    func d1Again() async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        for round in 0..<2 {
            let next = Array(Data.pattern(scene.content.count, seed: UInt64(round) + 2))
            var matcher = scene.window(1)
            matcher.skip = round
            scene.service.server.add(.afterwards(.putObject(key: nil, bytes: next)), when: matcher)
        }
        #expect(await failure { try await scene.download() }?.code == .preconditionFailed)
        #expect(scene.ranges.count { $0 == scene.range(1) } == 2)
        #expect(try scene.folder.contents() == ["copy": old])
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)

        // The caller's own condition still applies to a second attempt.
        let asked = scene.ranges.count
        let error = await failure {
            try await scene.download { $0.source.conditions.ifMatch = "00000000000000000000000000000000" }
        }
        #expect(error?.code == .preconditionFailed)
        #expect(scene.ranges.count == asked + 1)
    }

    @Test("D2: if a service ignores ranges, an object of any size is read as one stream", arguments: [1, 8])
    func d2(factor: Int) async throws {
        let scene = try DownloadScene()
        let content = Data.pattern(factor * 400_000)
        try scene.service.server.put("big", content, in: "photos")
        scene.service.server.add(.ignoreRange, times: .max)
        try await scene.download()
        #expect(try scene.folder.read("copy") == content)
        #expect(scene.ranges == [scene.range(1), nil])
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("D2: a response with a different range or the entire object never becomes part of the file")
    func d2Wrong() async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        let wrong = MockFault.Action.header("Content-Range", "bytes 0-\(DownloadScene.partSize - 1)/512123")
        for (fault, number) in [(wrong, 3), (.ignoreRange, 4), (.header("Content-Range", nil), 5)] {
            scene.service.server.add(fault, when: scene.window(number))
            let error = await failure { try await scene.download { $0.concurrency = 1 } }
            #expect(error?.code == .invalidResponse, "\(error as Any)")
            #expect(try scene.folder.read("copy") == old)
            #expect(scene.service.server.unusedFaults.isEmpty)
        }
        // Correct ranges are not downloaded again.
        let result = try await scene.download()
        #expect(result.resumedBytes == Int64(4 * DownloadScene.partSize))
        #expect(try scene.folder.contents() == ["copy": scene.content])
        let gets = scene.service.server.requests.filter { $0.operation == "GetObject" }
        #expect(gets.allSatisfy { $0.headers["x-oss-range-behavior"] == "standard" })
        scene.expectNothingLeft()
    }

    @Test("D3: if an object shrinks and a range lies outside it, the download starts again")
    func d3() async throws {
        let scene = try DownloadScene()
        let small = Data("small".utf8)
        // The object is replaced before the next attempt, ...
        try await scene.interrupt()
        try scene.service.server.put("big", small, in: "photos")
        #expect(try await scene.download().resumedBytes == 0)
        #expect(try scene.folder.contents() == ["copy": small])

        // ... between its HeadObject and its first range, ...
        try scene.service.server.put("big", scene.content, in: "photos")
        try await scene.interrupt("other")
        scene.service.server.add(.afterwards(.putObject(key: nil, bytes: Array(small))), when: .operation("HeadObject"))
        #expect(try await scene.download(to: "other").resumedBytes == 0)
        #expect(try scene.folder.contents() == ["copy": small, "other": small])

        // ... and with a response to a request without a range.
        try scene.service.server.put("big", scene.content, in: "photos")
        scene.service.server.add(.respond(status: 416, code: "InvalidRange"), when: scene.window(4))
        try await scene.download()
        #expect(try scene.folder.read("copy") == scene.content)
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("D4: a flipped bit is detected by the checksum of the entire object, and the download is retried once")
    func d4() async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        scene.service.server.add(.corruptBody(at: 77), when: scene.window(3), times: .max)
        let error = await failure { try await scene.download() }
        #expect(error?.code == .checksumMismatch)
        #expect(scene.ranges.count { $0 == scene.range(3) } == 2)
        #expect(try scene.folder.contents() == ["copy": old])
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)

        scene.service.server.faults.removeAll()
        scene.service.server.add(.corruptBody(at: 77), when: scene.window(3))
        try await scene.download()
        #expect(try scene.folder.contents() == ["copy": scene.content])
        #expect(scene.ranges.count { $0 == scene.range(3) } == 4)
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("D4: after a failed attempt with a larger object, none of its bytes remain after the end of a smaller one")
    func d4Shrunk() async throws {
        let scene = try DownloadScene()
        let small = Data("small".utf8)
        scene.service.server.add(.corruptBody(at: 77), when: .operation("GetObject"))
        scene.service.server.add(.afterwards(.putObject(key: nil, bytes: Array(small))), when: .operation("GetObject"))
        try await scene.download { $0.multipartThreshold = 1 << 20 }
        #expect(try scene.folder.contents() == ["copy": small])
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("D5: ranges in any order, one received twice and the last one in another run, produce the correct file")
    func d5() async throws {
        let scene = try DownloadScene()
        scene.service.server.add(.neverRespond, when: scene.window(2))
        scene.service.server.add(.closeAfterApplying(), when: scene.window(4))
        let first = Task { try await scene.download() }
        #expect(try await eventually { scene.journalLines == 6 })
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(scene.ranges.count { $0 == scene.range(4) } == 2)

        let asked = scene.ranges.count
        let result = try await scene.download()
        #expect(scene.ranges.dropFirst(asked) == [scene.range(2)])
        #expect(result.resumedBytes == Int64(scene.content.count - DownloadScene.partSize))
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    // MARK: Two at once

    @Test(
        "D18: two downloads of one object to one file use separate temporary files; both succeed with a complete file")
    func d18() async throws {
        let scene = try DownloadScene()
        let gate = DispatchSemaphore(value: 0)
        let meanwhile = Meanwhile(.synchronize) { gate.wait() }
        let first = Task { try await meanwhile.run { try await scene.download() } }
        #expect(try await eventually { meanwhile.hasHappened })
        #expect(scene.temporaries.count == 1)
        defer { gate.signal() }
        let second = try await scene.download()
        #expect(second.size == Int64(scene.content.count))
        gate.signal()
        #expect(try await first.value.path == second.path)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await scene.download(to: "crowd") } }
            try await group.waitForAll()
        }
        #expect(try scene.folder.contents() == ["copy": scene.content, "crowd": scene.content])
        scene.expectNothingLeft()
    }

    @Test(
        "D18: if two objects are downloaded to one file at once, the first remains and the second fails with an error")
    func d18Different() async throws {
        let scene = try DownloadScene()
        try scene.service.store("other")
        let gate = DispatchSemaphore(value: 0)
        let meanwhile = Meanwhile(.synchronize) { gate.wait() }
        let late = Task { await failure { try await meanwhile.run { try await scene.download("other") } } }
        #expect(try await eventually { meanwhile.hasHappened })
        defer { gate.signal() }
        try await scene.download("big")
        gate.signal()
        #expect(await late.value?.code == .destinationChanged)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("D18: two mirrors into one folder at once both succeed, and every file is complete")
    func d18Folders() async throws {
        let scene = try DownloadScene()
        var expected = ["big": scene.content]
        for index in 0..<40 { expected["d/\(index)"] = try scene.service.store("d/\(index)", count: 1000 * index) }
        var options = DirectoryTransfer.Options()
        options.concurrency = 8
        options.multipartThreshold = Int64(DownloadScene.partSize)
        options.partSize = Int64(DownloadScene.partSize)
        let transfer = DirectoryTransfer(scene.service.bucket, options: options)
        async let first = transfer.download(from: "", to: scene.folder.path)
        async let second = transfer.download(from: "", to: scene.folder.path)
        for report in try await [first, second] {
            #expect(report.isComplete, "\(report.failures)")
            // Files that the other run had already downloaded are unchanged for this one.
            #expect(report.transferred.files + report.unchanged.files == 41)
        }
        #expect(try scene.folder.contents() == expected)
        scene.expectNothingLeft()
    }

    // MARK: Readers

    @Test(
        "D23: bytes that a slow reader has not requested are not sent",
        .disabled(if: TestTransport.isLibcurl, "A response that is received while it is read fills the sockets."))
    func d23() async throws {
        let service = try TestService { $0.readRangeSize = 64 << 10 }
        let content = try service.store("k", count: 1 << 20)
        var consumed = 0
        for try await chunk in try await service.bucket.getObject("k").body {
            consumed += chunk.count
            #expect(service.server.statistics.bytesSent <= consumed)
        }
        #expect(consumed == content.count)
    }

    @Test("D24: when a reader stops, its request ends and all of its resources are released")
    func d24() async throws {
        let service = try TestService {
            $0.readRangeSize = 1 << 20
            $0.memoryBudget = 2 << 20
            $0.maximumConnections = 1
        }
        let content = try service.store("k", count: 3 << 20)
        for try await _ in try await service.bucket.getObject("k").body { break }
        #expect(service.count() == 1)

        // In the middle of a range that would take a minute.
        service.server.add(.throttleBody(bytesPerSecond: 20_000), when: .operation("GetObject", skip: 1))
        let reading = Task { for try await _ in try await service.bucket.getObject("k").body {} }
        #expect(try await eventually { service.count() == 3 })
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(try await eventually { service.server.statistics.openConnections == 0 })
        #expect(try await eventually { service.bucket.client.readMemory.available == 2 << 20 })
        // There is only one connection.
        #expect(try await service.bucket.getObject("k").body.collect() == content)
    }

    // MARK: What other tools get wrong

    @Test("Unlike in ossutil 1, a resumed download is verified as a whole")
    func resumedIsVerified() async throws {
        let scene = try DownloadScene()
        // A range that arrives damaged. The journal matches the damaged bytes on the disk.
        scene.service.server.add(.corruptBody(at: 5), when: scene.window(2))
        try await scene.interrupt()
        let asked = scene.ranges.count
        let result = try await scene.download()
        #expect(result.integrity == .checksum)
        #expect(scene.ranges.count == asked + 3 + 6)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("Unlike in ossutil, a journal without its file leaves no zeros in the result", arguments: [false, true])
    func journalAlone(isSecond: Bool) async throws {
        let scene = try DownloadScene()
        try await scene.interrupt()
        let temporary = try #require(scene.temporaries.first)
        try FileManager.default.removeItem(atPath: scene.folder[temporary])
        if isSecond { try scene.folder.write("copy", Data(count: scene.content.count)) }
        #expect(try await scene.download().resumedBytes == 0)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test(
        "Unlike in the official SDK, a failed download leaves nothing behind, whatever the cause",
        arguments: [
            .corruptBody(at: 5), .truncateBody(after: 0), .respond(status: 404, code: "NoSuchKey"),
            .respond(status: 500, code: "InternalError"), .raw(Array("garbage".utf8)),
        ] as [MockFault.Action])
    func nothingLeft(fault: MockFault.Action) async throws {
        let scene = try DownloadScene { $0.retry.maximumAttempts = 2 }
        try scene.folder.write("copy", old)
        scene.service.server.add(fault, when: .operation("GetObject"), times: .max)
        #expect(await failure { try await scene.download { $0.multipartThreshold = 1 << 20 } } != nil)
        #expect(await failure { try await scene.download() } != nil)
        #expect(try scene.folder.contents() == ["copy": old])
        scene.expectNothingLeft()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test(
        "Unlike in the official SDK, progress never decreases, even if ranges or the entire object are downloaded again"
    )
    func progress() async throws {
        let scene = try DownloadScene()
        scene.service.server.add(.truncateBody(after: 50_000), when: scene.window(1))
        scene.service.server.add(.truncateBody(after: 60_000, .reset), when: scene.window(2))
        scene.service.server.add(.respond(status: 503, code: "ServerBusy"), when: scene.window(3))
        scene.service.server.add(.corruptBody(at: 5), when: scene.window(4))
        let readings = Recorder<TransferProgress>()
        try await scene.download { $0.onProgress = { readings.append($0) } }
        let counts = readings.values.map(\.bytesTransferred)
        #expect(counts == counts.sorted())
        #expect(counts.last == Int64(scene.content.count))
        #expect(readings.values.last?.bytesTotal == Int64(scene.content.count))
        #expect(try scene.folder.contents() == ["copy": scene.content])
        #expect(scene.service.server.unusedFaults.isEmpty)

        // A resumed download starts at its earlier progress.
        try await scene.interrupt("other")
        let resumed = Recorder<TransferProgress>()
        try await scene.download(to: "other") { $0.onProgress = { resumed.append($0) } }
        let rest = resumed.values.map(\.bytesTransferred)
        #expect(rest == rest.sorted())
        #expect(rest.last == Int64(scene.content.count))
    }
}
