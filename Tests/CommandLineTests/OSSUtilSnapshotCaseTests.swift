import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

/// Tests of cases that fail with ossutil 1.7.19, each with the outcome that a user expects.
@Suite("ossutil failure cases: snapshots and repeated runs")
struct OSSUtilSnapshotCaseTests {
    @Test("T17: with one snapshot for two destination folders, each of them receives all files")
    func twoTargets() async throws {
        try await OSSMirrorFixture.with { fixture in
            let tree = ["a": Data("a".utf8), "d/b": Data("b".utf8)]
            try fixture.put(tree)
            for target in ["one", "two", "one", "two"] {
                let down = try await fixture.run("down", "oss://demo", target, "--snapshot", "snapshot")
                #expect(down.status == 0, "\(down)")
                #expect(try fixture.folder.contents(in: target) == tree)
            }
            #expect(fixture.folder.exists("snapshot"))
        }
    }

    @Test("T17b: a locally deleted file and a damaged file are downloaded again")
    func deletedLocally() async throws {
        try await OSSMirrorFixture.with { fixture in
            let tree = ["a": Data("a".utf8), "d/b": Data("b".utf8), "c": Data("c".utf8)]
            try fixture.put(tree)
            let arguments = ["down", "oss://demo", "copy", "--snapshot", "snapshot"]
            #expect(try await fixture.run(arguments).status == 0)
            try FileManager.default.removeItem(atPath: fixture.folder["copy/d"])
            try fixture.folder.write(["copy/c": Data("changed".utf8)])
            let before = fixture.asked
            let down = try await fixture.run(arguments)
            #expect(down.status == 0, "\(down)")
            #expect(try fixture.folder.contents(in: "copy") == tree)
            #expect(fixture.operations(after: before) == ["ListObjects": 1, "GetObject": 2])
        }
    }

    @Test("A snapshot inside the uploaded folder is not uploaded")
    func snapshotInSource() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/.snapshot2": Data("b".utf8)])
            for _ in 0..<3 {
                let up = try await fixture.run("up", "site", "oss://demo", "--snapshot", "site/.snapshot")
                #expect(up.status == 0, "\(up)")
            }
            #expect(fixture.folder.exists("site/.snapshot"))
            #expect(fixture.server.keys(in: "demo") == [".snapshot2", "a"])
            #expect(fixture.operations()["PutObject"] == 2)
        }
    }

    @Test(
        "A folder that gains files daily for a week costs only the new files and, without --snapshot, a listing",
        arguments: [true, false])
    func week(withSnapshot: Bool) async throws {
        try await OSSMirrorFixture.with { fixture in
            let record = withSnapshot ? ["--snapshot", "snapshot"] : ["--state-dir", "state"]
            let files = 200
            for day in 0..<7 {
                for file in 0..<files {
                    try fixture.folder.write(["site/day-\(day)/\(file)": Data("\(day) \(file)".utf8)])
                }
                let before = fixture.asked
                let up = try await fixture.run(["up", "site", "oss://demo/backup", "--json"] + record)
                #expect(up.status == 0, "\(up)")
                let pages = max(1, (day * files + 999) / 1000)
                #expect(
                    fixture.operations(after: before)
                        == (withSnapshot ? ["PutObject": files] : ["ListObjects": pages, "PutObject": files]))
                let unchanged = try #require(try up.json()["unchanged"] as? [String: Any])
                #expect(unchanged["files"] as? Int == day * files)
            }
            #expect(fixture.server.keys(in: "demo").count == 7 * files)
            let before = fixture.asked
            #expect(try await fixture.run(["up", "site", "oss://demo/backup"] + record).status == 0)
            #expect(fixture.operations(after: before) == (withSnapshot ? [:] : ["ListObjects": 2]))
        }
    }

    @Test(
        "After a run with a snapshot is killed at the 601st of a thousand files, the next run needs no listing"
    )
    func killed() async throws {
        try await OSSMirrorFixture.with { fixture in
            for number in 0..<1000 { try fixture.folder.write(["site/\(number)": Data("file \(number)".utf8)]) }
            fixture.server.add(.neverRespond, when: .operation("PutObject", skip: 600), times: .max)
            let arguments = ["up", "site", "oss://demo", "--snapshot", "snapshot"]
            let server = fixture.server
            let first = try await fixture.run(arguments) { process in
                await server.waitForRequests(600) { $0.operation == "PutObject" && $0.status == 200 }
                // These requests follow uploads whose responses have arrived.
                await server.waitForRequests(630) { $0.operation == "PutObject" }
                process.send(SIGKILL)
            }
            #expect(first.status == 128 + SIGKILL)
            server.faults.removeAll()
            let before = fixture.asked
            let second = try await fixture.run(arguments)
            #expect(second.status == 0, "\(second)")
            #expect(fixture.operations(after: before) == ["PutObject": 400])
            #expect(server.keys(in: "demo").count == 1000)
            #expect(try await fixture.run(arguments).status == 0)
            #expect(fixture.operations(after: before) == ["PutObject": 400])
        }
    }
}
