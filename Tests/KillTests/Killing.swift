import AliyunOSSTesting
import Foundation
import Testing

/// A transfer that was killed at a point and then run again.
struct Killing: Sendable {
    let scene: Scene
    /// The points that were passed, and the point at which the process was killed. The action that this last point
    /// names was not performed.
    let passed: [String]
    let point: String
    /// Requests of the killed run.
    let before: [MockRequest]
    /// Requests of the run after it.
    private(set) var after: [MockRequest] = []

    /// Returns the number of times that the killed run performed an action after the last request of the given kind.
    func count(of name: String, since request: String) -> Int {
        let start = passed.lastIndex { $0.hasPrefix("ask \(request)") } ?? passed.endIndex
        return passed.dropFirst(start).count { $0 == name }
    }

    /// Kills a transfer at each of its points, each time in a new scene, and runs it again.
    ///
    /// - Parameters:
    ///   - makeScene: A closure that creates the scene for a transfer.
    ///   - whenKilled: A closure that checks what a killed run has left behind.
    ///   - afterwards: A closure that checks the result of the second run, and of a run that was not killed.
    static func atEveryPoint(
        _ makeScene: @Sendable @escaping () throws -> Scene,
        whenKilled: @Sendable @escaping (Scene, Comment) throws -> Void,
        finished: @Sendable @escaping (Scene, Comment) throws -> Void,
        rerun: @Sendable @escaping (Killing, Comment) throws -> Void
    ) async throws {
        let rehearsal = try makeScene()
        let whole = try await rehearsal.run(.listing)
        try #require(whole.hasFinished, "\(whole.lines)")
        try finished(rehearsal, "not killed")
        let points = whole.passed
        try #require(points.count > 10, "\(points)")
        try await withThrowingTaskGroup { group in
            var indices = points.indices.makeIterator()
            // Two run at a time, each in its own process.
            for _ in 0..<2 {
                if let index = indices.next() { group.addTask { try await check(index) } }
            }
            while try await group.next() != nil {
                if let index = indices.next() { group.addTask { try await check(index) } }
            }
        }

        @Sendable func check(_ index: Int) async throws {
            let comment: Comment = "killed at point \(index + 1): \(points[index])"
            let scene = try makeScene()
            let killed = try await scene.run(.at(index + 1))
            // The points must be the same in every run; otherwise, some would never be tested.
            try #require(killed.killedAt == points[index], "\(comment): \(killed)")
            let requests = scene.server.requests
            var killing = Killing(
                scene: scene, passed: Array(points.prefix(index)), point: points[index], before: requests)
            try whenKilled(scene, comment)
            let second = try await scene.run(.nowhere)
            try #require(second.hasFinished, "\(comment): \(second)")
            killing.after = Array(scene.server.requests.dropFirst(requests.count))
            try finished(scene, comment)
            let journals = try scene.journals()
            #expect(journals.isEmpty, comment)
            let partialFiles = try scene.files().keys.filter { $0.hasSuffix(".oss-partial") }
            #expect(partialFiles.isEmpty, comment)
            // To the second run, an upload without parts may belong to another client, so it is kept for a day.
            let begun = scene.server.requests.count { $0.operation == "InitiateMultipartUpload" && $0.status == 200 }
            let used = Set(scene.server.requests.filter { $0.operation == "UploadPart" }.compactMap(\.uploadID))
            #expect(scene.server.statistics.openUploads == begun - used.count, comment)
            try rerun(killing, comment)
        }
    }
}
