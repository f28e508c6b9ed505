import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Directory that was opened last")
struct RecentDirectoryTests {
    private func content(_ path: String, _ recent: RecentDirectory) throws -> String {
        let file = try recent.openFile(at: RelativePath(path.utf8))
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test("Files of one directory are opened without opening the directory again")
    func directoryOpenedOnce() throws {
        let folder = try ScratchDirectory()
        for name in ["d/e/1", "d/e/2", "d/3", "4"] { try folder.write(name, Data(name.utf8)) }
        let log = Recorder<String>()
        try FileSystemSeam.$interceptor.withValue(OpeningLog(log: log)) {
            let recent = RecentDirectory(root: try SafeDirectory(folder.path), links: .skip)
            for name in ["d/e/1", "d/e/2", "d/3", "4"] { #expect(try content(name, recent) == name) }
        }
        let opened = log.values.map { String($0.dropFirst(folder.path.count)) }
        #expect(opened == ["", "/d", "/d/e", "/d/e/1", "/d/e/2", "/d", "/d/3", "/4"])
    }

    @Test("A directory that was replaced by another of the same name is opened again")
    func replacedDirectory() throws {
        let folder = try ScratchDirectory()
        try folder.write("d/1", Data("old".utf8))
        let recent = RecentDirectory(root: try SafeDirectory(folder.path), links: .skip)
        #expect(try content("d/1", recent) == "old")
        try FileManager.default.moveItem(atPath: folder.path + "/d", toPath: folder.path + "/away")
        try folder.write("d/2", Data("new".utf8))
        #expect(try content("d/2", recent) == "new")
        #expect(throws: FileError.self) { try content("d/3", recent) }
    }

    private struct OpeningLog: FileSystemInterceptor {
        let log: Recorder<String>

        func verdict(on call: FileSystemCall) -> FileSystemVerdict {
            if call.kind == .open { log.append(call.path) }
            return .proceed
        }
    }
}
