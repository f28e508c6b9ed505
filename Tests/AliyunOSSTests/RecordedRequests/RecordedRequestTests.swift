import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests that the calls of this library send what Aliyun's Python clients send for the same operations.
///
/// `Tests/Interop` records the requests of the clients, and each of its runs proves that the fixture is up to date.
@Suite("Requests of Aliyun's Python clients", .timeLimit(.minutes(5)))
struct RecordedRequestTests {
    /// Calls of this library. The same calls of a Python client are a scene of `Tests/Interop`.
    struct Scene: Sendable, CustomTestStringConvertible {
        var name: String
        var perform: @Sendable (RecordingStage) async throws -> Void

        var testDescription: String { name }

        init(_ name: String, _ perform: @escaping @Sendable (RecordingStage) async throws -> Void) {
            (self.name, self.perform) = (name, perform)
        }
    }

    static let scenes = objectScenes + settingScenes

    /// Operations that neither Python client has.
    static let ownOperations: Set = [
        "CreateAccessPointForObjectProcess", "DeleteAccessPointForObjectProcess",
        "DeleteAccessPointPolicyForObjectProcess", "GetAccessPointConfigForObjectProcess",
        "GetAccessPointForObjectProcess", "GetAccessPointPolicyForObjectProcess", "ListAccessPointsForObjectProcess",
        "PutAccessPointConfigForObjectProcess", "PutAccessPointPolicyForObjectProcess",
    ]

    /// Requests that only this library sends, by scene.
    static let additionalRequests: [String: [String]] = [
        // A copy starts with the size, the version and the attributes of the source, and checks that the target does not
        // exist if it must not be overwritten.
        "copies": ["HeadObject", "HeadObject"]
    ]

    @Test("Calls send the method, path, query, headers and body that the Python clients send", arguments: scenes)
    func requests(_ scene: Scene) async throws {
        for difference in try await Self.differences(scene) {
            let isIntended = Self.intendedDifferences.contains { $0.applies(to: difference) }
            #expect(isIntended, "\(difference)")
        }
    }

    @Test("Every intended difference occurs, so that the list contains no other")
    func intended() async throws {
        var differences: [RequestDifference] = []
        for scene in Self.scenes { differences += try await Self.differences(scene) }
        for intended in Self.intendedDifferences {
            let operations = Set(differences.filter { intended.applies(to: $0) }.map(\.operation))
            #expect(!operations.isEmpty, "\(intended)")
            #expect(intended.operations.isSubset(of: operations), "\(intended)")
        }
    }

    @Test("Every operation is compared, except those that neither Python client has")
    func coverage() {
        let recorded = RecordedScene.all.flatMap(\.requests).map(\.operation)
        let all = Set(OperationFacts.all.map(\.name))
        #expect(all.subtracting(recorded) == Self.ownOperations)
        #expect(Set(recorded).subtracting(all) == [])
        #expect(Self.scenes.map(\.name) == RecordedScene.all.map(\.scene))
    }

    @Test("Calls for operations that neither Python client has succeed with the mock server", arguments: ownScenes)
    func own(_ scene: Scene) async throws {
        let stage = try RecordingStage()
        try await scene.perform(stage)
        #expect(stage.server.requests.allSatisfy { $0.status < 300 })
        #expect(Set(stage.requests.map(\.operation)) == Self.ownOperations)
    }

    /// Performs a scene at a mock server, and returns the differences from its recorded requests.
    private static func differences(_ scene: Scene) async throws -> [RequestDifference] {
        let stage = try RecordingStage()
        try await scene.perform(stage)
        for request in stage.server.requests {
            // The check that the target of a copy does not exist.
            let isAbsent = request.status == 404 && additionalRequests[scene.name]?.contains(request.operation) == true
            #expect(request.status < 300 || isAbsent, "\(request.operation) has the status \(request.status)")
        }
        let recorded = try #require(RecordedScene.named[scene.name])
        var sent = stage.requests
        for operation in additionalRequests[scene.name] ?? [] {
            let index = try #require(sent.firstIndex { $0.operation == operation }, "no additional \(operation)")
            sent.remove(at: index)
        }
        #expect(sent.count == recorded.count, "\(sent.map(\.operation))")
        return zip(sent, recorded).flatMap { RequestDifference.all(between: $0, and: $1) }
    }
}
