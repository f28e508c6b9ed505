import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests that programs store nothing in the home directory except what is documented.
@Suite("Files in the home directory")
struct UntouchedHomeTests {
    /// `lifecycle` uses the default transport of the library.
    @Test(
        "A program leaves an empty home directory empty",
        arguments: [
            ["lifecycle", "show", "demo"], ["quickstart"], ["ossmirror", "ls", "oss://demo"],
            ["ossmirror", "cp", "oss://demo/a", "copy", "--state-dir", "state", "--transport", "urlsession"],
            ["ossmirror", "cp", "oss://demo/a", "copy", "--state-dir", "state", "--transport", "libcurl"],
            ["ossmirror", "up", "folder", "oss://demo", "--state-dir", "state", "--transport", "urlsession"],
        ])
    func program(_ words: [String]) async throws {
        #if !os(Linux)
            if words.contains("libcurl") { return }
        #endif
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("a".utf8)])
            try fixture.folder.write(["folder/b": Data("b".utf8)])
            let home = try ScratchDirectory()
            var program = try Program(words[0], environment: fixture.environment)
            program.environment["HOME"] = home.path
            program.directory = fixture.folder.url
            let outcome = try await program.run(Array(words.dropFirst()))
            #expect(outcome.status == 0, "\(outcome)")
            #expect(home.names() == [])
        }
    }

    @Test("Directories in the home directory that existed before the program, or contain something, remain")
    func existing() async throws {
        try await OSSMirrorFixture.with { fixture in
            let home = try ScratchDirectory()
            try home.write([".cache/other/file": Data()])
            try FileManager.default.createDirectory(atPath: home[".local/share"], withIntermediateDirectories: true)
            let before = home.names()
            let outcome = try await fixture.run(
                "ls", "oss://demo", "--transport", "urlsession", setting: ["HOME": home.path])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(home.names() == before)
        }
    }
}
