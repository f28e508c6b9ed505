import Foundation

/// A folder of a test's own, removed at its end.
struct TemporaryFolder: Sendable {
    let url: URL

    static func with<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("oss-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(TemporaryFolder(url: url))
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes files, with the folders they need.
    func write(_ files: [String: Data]) throws {
        for (name, content) in files {
            let file = url.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file)
        }
    }

    func emptyFile(_ name: String) throws -> URL {
        try write([name: Data()])
        return url.appendingPathComponent(name)
    }

    /// Every regular file in a folder, with its content, by its path in there. Hidden and temporary ones too.
    func files(below name: String) throws -> [String: Data] {
        let base = url.appendingPathComponent(name)
        var files: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: base.path) {
            let file = base.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue {
                files[path] = try Data(contentsOf: file)
            }
        }
        return files
    }

    func content(_ name: String) throws -> Data { try Data(contentsOf: url.appendingPathComponent(name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
