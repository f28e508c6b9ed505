import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

extension OSSMirrorFixture {
    /// Runs an example in the directory.
    func runExample(
        _ name: String, _ arguments: String..., whileRunning: (@Sendable (ChildProcess) async throws -> Void)? = nil
    ) async throws -> Program.Outcome {
        var program = try Program(name, environment: environment)
        program.directory = folder.url
        return try await program.run(arguments, whileRunning: whileRunning)
    }
}

@Suite("Examples that transfer single objects", .timeLimit(.minutes(5)))
struct ExampleTests {
    @Test(
        "An example explains its usage, and rejects other arguments with status 2",
        arguments: [
            ("backup", ["site", "demo", "www/", "--deletes"]), ("prune", ["demo", "logs/", "--older-than", "30y"]),
            ("prune", ["demo", "", "--older-than", "30d"]), ("prune", ["demo", "logs/", "--older-than", "-1d"]),
            ("read-csv", ["demo", "key"]), ("resumable-upload", ["file", "demo", "key", "--part-size", "8M"]),
            ("resumable-upload", ["file", "demo", "key", "--state"]), ("static-site", ["site"]),
            ("streaming-download", ["demo"]), ("upload-page", ["demo", "inbox/", "--port", "70000"]),
        ])
    func usage(name: String, arguments: [String]) async throws {
        let help = try await Program(name).run(["--help"])
        #expect(help.status == 0 && help.diagnostics.isEmpty, "\(help)")
        #expect(help.text.hasPrefix("usage: \(name) "))
        for arguments in [[], arguments] {
            let refused = try await Program(name).run(arguments)
            #expect(refused.status == 2 && refused.output.isEmpty, "\(refused)")
            #expect(refused.diagnostics == help.text)
        }
    }

    @Test("streaming-download writes an object to standard output or a file, and its progress to standard error")
    func streamingDownload() async throws {
        try await OSSMirrorFixture.with { fixture in
            let data = Data.pattern(5_000_000)
            try fixture.put(["a b/中": data, "empty": Data()])
            let streamed = try await fixture.runExample("streaming-download", "demo", "a b/中")
            #expect(streamed.status == 0 && streamed.output == data, "\(streamed.diagnostics)")
            #expect(streamed.diagnostics.contains("100 %"))
            #expect(streamed.diagnostics.hasSuffix("5000000 of 5000000 bytes\n"))

            try fixture.folder.write("copy", "replaced")
            let saved = try await fixture.runExample("streaming-download", "demo", "a b/中", "copy")
            #expect(saved.status == 0 && saved.output.isEmpty, "\(saved.diagnostics)")
            let empty = try await fixture.runExample("streaming-download", "demo", "empty", "nothing")
            #expect(empty.status == 0 && empty.diagnostics.contains("100 %"), "\(empty.diagnostics)")
            #expect(try fixture.folder.contents() == ["copy": data, "nothing": Data()])
        }
    }

    @Test("streaming-download fails for a damaged or missing object, and leaves the existing file")
    func damagedDownload() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["video": Data.pattern(5_000_000)])
            try fixture.folder.write("copy", "existing")
            fixture.server.add(.corruptBody(at: 10), when: .operation("GetObject", skip: 1), times: .max)
            let damaged = try await fixture.runExample("streaming-download", "demo", "video", "copy")
            #expect(damaged.status == 1 && damaged.diagnostics.contains("CRC-64"), "\(damaged)")
            #expect(fixture.server.unusedFaults.isEmpty)
            fixture.server.faults.removeAll()
            let missing = try await fixture.runExample("streaming-download", "demo", "missing", "copy")
            #expect(missing.status == 1 && missing.diagnostics.contains("NoSuchKey"), "\(missing)")
            #expect(try fixture.folder.contents() == ["copy": Data("existing".utf8)])
        }
    }

    @Test("resumable-upload resumes after it was killed, and sends only the missing part")
    func resumableUpload() async throws {
        try await OSSMirrorFixture.with { fixture in
            let data = Data.pattern(600_000)
            try fixture.folder.write("video", data)
            let server = fixture.server
            server.add(.neverRespond, when: .part(3))
            let arguments = ["video", "demo", "videos/1", "--state", "state", "--part-size", "102400"]
            var program = try Program("resumable-upload", environment: fixture.environment)
            program.directory = fixture.folder.url
            let killed = try await program.run(arguments) { process in
                await server.waitForRequests(5) { $0.operation == "UploadPart" && $0.status == 200 }
                await server.waitForRequests(1) { $0.partNumber == 3 }
                process.send(SIGKILL)
            }
            #expect(killed.status == 128 + SIGKILL, "\(killed)")
            #expect(server.keys(in: "demo").isEmpty)

            let sent = server.requests.count
            let resumed = try await program.run(arguments)
            #expect(resumed.status == 0, "\(resumed)")
            #expect(resumed.lines.first?.hasPrefix("uploaded 600000 bytes in 6 parts") == true, "\(resumed)")
            #expect(resumed.lines.last == "497600 bytes were uploaded by an earlier run")
            #expect(resumed.diagnostics.contains("100 %"))
            let parts = server.requests.dropFirst(sent).filter { $0.operation == "UploadPart" }
            #expect(parts.map(\.partNumber) == [3])
            #expect(server.data(of: "videos/1", in: "demo") == data)
        }
    }

    @Test("read-csv adds up a column whose fields can be quoted, empty or in two chunks of the object")
    func readCSV() async throws {
        try await OSSMirrorFixture.with { fixture in
            // The first chunk of the object ends at 4 MiB, within a line and within a character.
            let text = String(repeating: "价格", count: 150_000)
            let long = Data(("price,words\n" + (1...5).map { "\($0),\(text)\n" }.joined()).utf8)
            try #require(String(validating: long.prefix(4 << 20), as: UTF8.self) == nil)
            let quoted =
                "\u{FEFF}name,price,note\r\n\"a, \"\"b\"\"\",1.25,\r\nc,,\"two\nlines\"\n\n"
                + "\"\",-0.05,x\nd,\"100\","
            try fixture.put([
                "prices": Data(quoted.utf8), "long": long, "wrong": Data("price\n1\n1,5x\n\"1,5\"\n".utf8),
                "open": Data("price\n1\n\"2\n".utf8), "short": Data("name,price\na\n".utf8), "empty": Data(),
            ])
            for (key, sum) in [("prices", "101.2"), ("long", "15")] {
                let outcome = try await fixture.runExample("read-csv", "demo", key, "price")
                #expect(outcome.lines == [sum], "\(key) \(outcome)")
            }
            let bom = try await fixture.runExample("read-csv", "demo", "prices", "name")
            #expect(bom.diagnostics.contains("line 2: 'a, \"b\"' is not a number"), "\(bom)")
            for (key, problem) in [
                ("wrong", "line 4: '1,5' is not a number"), ("open", "line 3 ends within quotation marks"),
                ("short", "line 2: too few fields"), ("empty", "no column 'price'"), ("missing", "NoSuchKey"),
            ] {
                let outcome = try await fixture.runExample("read-csv", "demo", key, "price")
                #expect(outcome.status == 1 && outcome.output.isEmpty, "\(key) \(outcome)")
                #expect(outcome.diagnostics.contains(problem), "\(key) \(outcome)")
            }
        }
    }

    @Test("read-csv --select prints the sum that the service returns, and refuses names that are no columns")
    func selectCSV() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["prices": Data("name,price\na,1.5\nb,2\n".utf8)])
            fixture.server.process { request in
                let statement = Data("select sum(cast(price as double)) from ossobject".utf8).base64EncodedString()
                guard request.process == "csv/select", let object = request.object,
                    String(decoding: request.body, as: UTF8.self).contains("<Expression>\(statement)</Expression>")
                else { return nil }
                let lines = String(decoding: object, as: UTF8.self).split(separator: "\n").dropFirst()
                let sum = lines.compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }.reduce(0, +)
                return .init(body: Data(SelectFrames.records("\(sum)\n") + SelectFrames.end()))
            }
            let outcome = try await fixture.runExample("read-csv", "demo", "prices", "price", "--select")
            #expect(outcome.status == 0 && outcome.lines == ["3.5"], "\(outcome)")
            #expect(fixture.operations() == ["SelectObject": 1])
            let refused = try await fixture.runExample("read-csv", "demo", "prices", "price) --", "--select")
            #expect(refused.status == 1 && refused.diagnostics.contains("'price) --' cannot be"), "\(refused)")
            #expect(fixture.operations() == ["SelectObject": 1])
        }
    }

    @Test("upload-page serves its page and a form for one key, and allows its origin in the bucket")
    func uploadPage() async throws {
        try await OSSMirrorFixture.with { fixture in
            let output = try fixture.folder.makeFile("output")
            let process = try ChildProcess(
                Program("upload-page").url.path, ["demo", "inbox", "--max-size", "1000", "--set-cors"],
                environment: fixture.environment, standardOutput: FileHandle(forWritingTo: output))
            defer { process.send(SIGTERM) }
            #expect(try await eventually { try fixture.folder.text("output").hasSuffix("\n") })
            let origin = try #require(try fixture.folder.text("output").firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)/))

            func ask(_ method: String, _ path: String) throws -> RawResponse {
                try RawClient(port: try #require(UInt16(origin.1))).request(method, path)
            }
            let page = try ask("GET", "/")
            #expect(page.status == 200 && page.isComplete && page.text.contains("<title>Upload a file</title>"))
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(try ask("GET", "/form").status == 404)

            struct Form: Decodable {
                var url: String
                var fields: [[String]]
            }
            let keys = try (1...2).map { _ in
                let response = try ask("POST", "/form")
                let form = try JSONDecoder().decode(Form.self, from: Data(response.body))
                #expect(form.url == "\(fixture.server.endpoint)/demo/")
                #expect(form.fields.contains(["success_action_status", "201"]))
                #expect(form.fields.contains { $0.first == "x-oss-signature" })
                return try #require(form.fields.first { $0.first == "key" }?.last)
            }
            #expect(keys.allSatisfy { $0.wholeMatch(of: /inbox\/[0-9A-F-]{36}\/\$\{filename\}/) != nil }, "\(keys)")
            #expect(Set(keys).count == 2)
            let rules = try await fixture.client().setting(.cors)?.rules
            #expect(rules?.map(\.allowedOrigins) == [[String(origin.0)]])
        }
    }
}
