import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit

/// A service, a folder and a transfer between them for `kill-child`. Releasing the last reference removes everything.
final class Scene: Sendable {
    /// The bytes of a part.
    static let partSize = 100 << 10

    let server: MockOSSServer
    private let verb: String
    private let local: String
    private let remote: String
    private let conflict: String?
    private let directory: ScratchDirectory

    /// - Parameters:
    ///   - local: The file or folder, relative to the scene's folder.
    ///   - remote: The key or prefix.
    init(_ verb: String, local: String, remote: String, conflict: String? = nil) throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        self.verb = verb
        self.local = local
        self.remote = remote
        self.conflict = conflict
        directory = try ScratchDirectory()
        try directory.makeDirectory("files")
    }

    deinit {
        server.shutDown()
    }

    func run(_ stop: Child.Stop) async throws -> Child.Outcome {
        try await Child.run(
            [verb, server.endpoint, directory["files/\(local)"], remote, directory["state"], "\(Self.partSize)"],
            stop: stop, conflict: conflict)
    }

    func write(_ name: String, _ data: Data) throws {
        try directory.write("files/\(name)", data)
    }

    func put(_ key: String, _ data: Data, headers: HTTPHeaders = [:]) throws {
        try server.put(key, data, in: "photos", headers: headers)
    }

    func stored(_ key: String) -> Data? { server.data(of: key, in: "photos") }

    /// The permissions of a file.
    func permissions(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: directory["files/\(name)"])[.posixPermissions] as? Int
    }

    /// The files of the user, including temporary ones.
    func files() throws -> [String: Data] { try directory.contents(in: "files") }

    /// The directories of the user, including temporary ones.
    func folders() -> [String] {
        directory.names(in: "files").filter { $0.hasSuffix("/") }.map { String($0.dropLast()) }
    }

    /// The files in the state directory, except for the record of equal files. That record is kept.
    func journals() throws -> [String] {
        guard directory.exists("state") else { return [] }
        return try directory.files(in: "state").filter { $0.wholeMatch(of: /records\/[0-9a-f]+\.record/) == nil }
    }
}

extension MockRequest {
    /// ID of the upload that the request refers to.
    var uploadID: String? { query.first { $0.name == "uploadId" }?.value }

    /// Range of the object that the request asks for.
    var window: String? { operation == "GetObject" ? headers["Range"] ?? "all" : nil }
}
