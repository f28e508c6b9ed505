import Foundation
import Testing

@testable import AliyunOSS

@Suite("Steps deferred until deletions")
struct DeferredStepsTests {
    private func download(_ index: Int) throws -> PlannedStep {
        let key = ObjectKey(unchecked: "data/\(index)")
        let object = RemoteEntry(
            key: key, size: Int64(index), eTag: "E\(index)", type: "Normal",
            modified: Date(timeIntervalSince1970: 1_700_000_000.25))
        let path = try RelativePath(Array("data/\(index)".utf8))
        var step = PlannedStep(
            TransferAction(
                work: .download(.file(object, path, replacing: nil)), reason: .new, key: key, path: "data/\(index)",
                size: Int64(index)))
        step.action.blocker = try RelativePath(Array("data".utf8))
        return step
    }

    @Test("Deferred steps are read back unchanged and in order, from memory and from a file", arguments: [3, 20_000])
    func roundTrip(count: Int) throws {
        var steps = PostDeletionQueue()
        for index in 0..<count { #expect(try steps.take(download(index))) }
        let next = try steps.reader()
        for index in 0..<count {
            let step = try #require(try next())
            #expect("\(step.action)" == "download data/\(index) (new)")
            #expect(step.action.blocker?.description == "data")
            guard case .download(.file(let object, let path, nil)) = step.action.work else {
                Issue.record("\(step.action)")
                return
            }
            #expect(object.key == step.action.key && object.size == step.action.size && object.eTag == "E\(index)")
            #expect(object.modified == Date(timeIntervalSince1970: 1_700_000_000.25))
            #expect(path.description == step.action.path && step.action.size == index)
        }
        #expect(try next() == nil)
        #expect(steps.blockers.map(\.description) == ["data"])
    }

    @Test("A step that need not wait is not deferred")
    func notTaken() throws {
        var (steps, step) = (PostDeletionQueue(), try download(1))
        step.action.blocker = nil
        #expect(try !steps.take(step))
        var folder = PlannedStep(
            TransferAction(
                work: .download(.folder(try RelativePath(Array("d".utf8)))), reason: .new, key: "d/", path: "d"))
        folder.action.blocker = try RelativePath(Array("d".utf8))
        #expect(try steps.take(folder))
        let next = try steps.reader()
        #expect(try next().map { "\($0.action)" } == "makeFolder d (new)")
        #expect(try next() == nil)
    }
}
