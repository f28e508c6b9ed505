import AliyunOSS
import AliyunOSSTesting
import Foundation

/// A service, a folder, and what `kill-child` is to do with them. Everything is gone with the last reference to it.
final class Scene: Sendable {
    /// The bytes of a part.
    static let partSize = 100 << 10

    let server: MockOSSServer
    private let verb: String
    private let local: String
    private let remote: String
    private let conflict: String?
    private let path: String

    /// - Parameters:
    ///   - local: The file or folder, below the scene's own.
    ///   - remote: The key or prefix.
    init(_ verb: String, local: String, remote: String, conflict: String? = nil) throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        self.verb = verb
        self.local = local
        self.remote = remote
        self.conflict = conflict
        path = FileManager.default.temporaryDirectory.path + "/oss-kill-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/files", withIntermediateDirectories: true)
    }

    deinit {
        server.shutDown()
        try? FileManager.default.removeItem(atPath: path)
    }

    func run(_ stop: Child.Stop) async throws -> Child.Outcome {
        try await Child.run(
            [verb, server.endpoint, "\(path)/files/\(local)", remote, "\(path)/state", "\(Self.partSize)"],
            stop: stop, conflict: conflict)
    }

    func write(_ name: String, _ data: Data) throws {
        let url = URL(fileURLWithPath: "\(path)/files/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func put(_ key: String, _ data: Data, headers: HTTPHeaders = [:]) throws {
        try server.put(key, data, in: "photos", headers: headers)
    }

    func stored(_ key: String) -> Data? { server.data(of: key, in: "photos") }

    /// The permissions of a file.
    func permissions(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(path)/files/\(name)")[.posixPermissions] as? Int
    }

    /// Every file of the user's, temporary ones included.
    func files() throws -> [String: Data] { try Self.files(in: "\(path)/files") }

    /// Every folder of the user's, temporary ones included.
    func folders() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(path)/files").filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(path)/files/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    /// What is left in the state directory but for the record of what is equal, which is to stay.
    func journals() throws -> [String] {
        try Self.files(in: "\(path)/state").keys.filter { $0.wholeMatch(of: /records\/[0-9a-f]+\.record/) == nil }
            .sorted()
    }

    private static func files(in folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        // There is none before the first transfer.
        guard FileManager.default.fileExists(atPath: folder) else { return files }
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var isFolder: ObjCBool = false
            let path = "\(folder)/\(name)"
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
        }
        return files
    }
}

extension Data {
    /// Bytes of which no two neighbouring runs are equal.
    static func pattern(_ count: Int, seed: UInt64 = 1) -> Data {
        var random = SeededRandom(seed: seed)
        var data = Data(capacity: count + 8)
        while data.count < count {
            Swift.withUnsafeBytes(of: random.next()) { data.append(contentsOf: $0) }
        }
        return data.prefix(count)
    }
}

extension MockRequest {
    /// The number of the part that the request is about.
    var partNumber: Int? { query.first { $0.name == "partNumber" }?.value.flatMap { Int($0) } }

    /// The upload that the request is about.
    var uploadID: String? { query.first { $0.name == "uploadId" }?.value }

    /// The window of the object that the request asks for.
    var window: String? { operation == "GetObject" ? headers["Range"] ?? "all" : nil }
}
