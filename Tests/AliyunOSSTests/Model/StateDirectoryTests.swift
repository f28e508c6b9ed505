import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("State directory")
struct StateDirectoryTests {
    @Test("The home directory is HOME if that is an absolute path; otherwise, the account's")
    func home() {
        #expect(ProcessInfo.homeDirectory(environment: ["HOME": "/elsewhere"]) == "/elsewhere")
        let account = NSHomeDirectory()
        for environment in [[:], ["HOME": ""], ["HOME": "relative/home"]] {
            #expect(ProcessInfo.homeDirectory(environment: environment) == account)
        }
    }

    @Test("The default directory is below XDG_STATE_HOME or, if that is not set, below HOME", .enabled(if: isLinux))
    func standard() {
        let table: [([String: String], String)] = [
            (["HOME": "/h"], "/h/.local/state/aliyun-oss"),
            (["HOME": "/h", "XDG_STATE_HOME": "/s"], "/s/aliyun-oss"),
            (["HOME": "/h", "XDG_STATE_HOME": "s"], "/h/.local/state/aliyun-oss"),
        ]
        for (environment, path) in table { #expect(StateDirectory.standard.path(environment: environment) == path) }
        #expect(StateDirectory.path("p").path(environment: ["HOME": "/h"]) == "p")
        #expect(StateDirectory.none.path(environment: ["HOME": "/h"]) == nil)
    }

    @Test("A specified directory that cannot be used is an error, and a default directory may be missing")
    func named() throws {
        let folder = try ScratchDirectory()
        try Data().write(to: URL(fileURLWithPath: folder["file"]))
        for path in ["file", "file/below"] {
            let state = StateDirectory.path(folder[path])
            for writing in [true, false] {
                let error = #expect(throws: OSSError.self) { try state.warning(writing: writing) }
                #expect(error?.code == .fileSystem && error?.message.contains(folder[path]) == true)
            }
            #expect(throws: OSSError.self) { try state.open(StateDirectory.records) }
        }
        let missing = StateDirectory.path(folder["a/b"])
        #expect(try missing.warning(writing: true) == nil)
        #expect(try missing.open(StateDirectory.records, creating: false) == nil)
        #expect(!FileManager.default.fileExists(atPath: folder["a"]))
        #expect(try missing.open(StateDirectory.records) != nil)
        #expect(FileManager.default.fileExists(atPath: folder["a/b/records"]))
        #expect(try StateDirectory.none.warning(writing: true) == nil)
    }

    private static var isLinux: Bool {
        #if os(Linux)
            true
        #else
            false
        #endif
    }
}
