import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("ossmirror with few descriptors", .timeLimit(.minutes(5)))
struct DescriptorCommandTests {
    @Test(
        "J7: a run with a low limit of open files uses less concurrency, reports it, and fails no file",
        arguments: ["up", "down"])
    func fewDescriptors(verb: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let names = (0..<120).map { "f\($0)" }
            try fixture.folder.write(Dictionary(uniqueKeysWithValues: names.map { ("tree/\($0)", Data("1".utf8)) }))
            if verb == "down" {
                try fixture.put(Dictionary(uniqueKeysWithValues: names.map { ("x/\($0)", Data("1".utf8)) }))
            }
            // All admitted files are open at the same time.
            fixture.server.add(
                .delay(.milliseconds(100)), when: .operation(verb == "up" ? "PutObject" : "GetObject"), times: 120)
            let places = verb == "up" ? ["tree", "oss://demo/x"] : ["oss://demo/x", "out"]
            var program = try Program("ossmirror", environment: fixture.environment)
            program.directory = fixture.folder.url
            program.launcher = ["/bin/sh", "-c", "ulimit -n 64 && exec \"$0\" \"$@\""]
            let outcome = try await program.run([verb] + places + ["-j", "30"])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.text.contains("120 files"), "\(outcome)")
            #expect(outcome.diagnostics.contains("ulimit -n"), "\(outcome)")
            #expect(fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test("A process with a limit of too few open files reports it at startup or works, and neither crashes nor hangs")
    func veryFewDescriptors() async throws {
        try await OSSMirrorFixture.with { fixture in
            let names = (0..<20).map { "f\($0)" }
            try fixture.folder.write(Dictionary(uniqueKeysWithValues: names.map { ("tree/\($0)", Data("1".utf8)) }))
            try fixture.put(Dictionary(uniqueKeysWithValues: names.map { ("x/\($0)", Data("1".utf8)) }))
            for limit in 6...26 {
                var program = try Program("ossmirror", environment: fixture.environment)
                program.directory = fixture.folder.url
                program.launcher = ["/bin/sh", "-c", "ulimit -n \(limit) && exec \"$0\" \"$@\""]
                let isUpload = limit.isMultiple(of: 2)
                let outcome = try await program.run(
                    isUpload ? ["up", "tree", "oss://demo/y\(limit)"] : ["down", "oss://demo/x", "out\(limit)"])
                #expect(outcome.status == (limit < 24 ? 1 : 0), "\(limit): \(outcome)")
                #expect(outcome.diagnostics.contains("ulimit -n"), "\(limit): \(outcome)")
            }
        }
    }

    @Test("A limit of open files that can be raised is raised, and does not slow the run")
    func softLimit() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(
                Dictionary(uniqueKeysWithValues: (0..<40).map { ("tree/f\($0)", Data("1".utf8)) }))
            var program = try Program("ossmirror", environment: fixture.environment)
            program.directory = fixture.folder.url
            program.launcher = ["/bin/sh", "-c", "ulimit -Sn 64 && exec \"$0\" \"$@\""]
            let outcome = try await program.run(["up", "tree", "oss://demo/x", "-j", "30"])
            #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome)")
        }
    }
}
