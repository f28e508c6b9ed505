import AliyunOSSTesting
import Foundation
import TestProcesses

/// A server, a folder and `ossmirror` set up to use both.
struct OSSMirrorFixture: Sendable {
    static let bucket = "demo"
    static let key = MockOSSServer.AccessKey(id: "test-id", secret: "test-secret", securityToken: nil)

    let server: MockOSSServer
    let folder: TemporaryFolder
    let environment: [String: String]

    static func with<Result>(_ body: (OSSMirrorFixture) async throws -> Result) async throws -> Result {
        var configuration = MockOSSServer.Configuration()
        configuration.buckets = [bucket]
        configuration.accessKeys = [key]
        let server = try MockOSSServer(configuration)
        defer { server.shutDown() }
        return try await TemporaryFolder.with { folder in
            let environment = [
                "OSS_ACCESS_KEY_ID": key.id, "OSS_ACCESS_KEY_SECRET": key.secret, "OSS_REGION": "cn-hangzhou",
                "OSS_ENDPOINT": server.endpoint,
            ]
            return try await body(OSSMirrorFixture(server: server, folder: folder, environment: environment))
        }
    }

    /// Runs `ossmirror` in the folder. A value of `nil` takes a variable away.
    func run(
        _ arguments: String..., setting changes: [String: String?] = [:],
        whileRunning: (@Sendable (ChildProcess) async throws -> Void)? = nil
    ) async throws -> Program.Outcome {
        try await run(arguments, setting: changes, whileRunning: whileRunning)
    }

    func run(
        _ arguments: [String], setting changes: [String: String?] = [:],
        whileRunning: (@Sendable (ChildProcess) async throws -> Void)? = nil
    ) async throws -> Program.Outcome {
        var program = try Program("ossmirror")
        program.environment = environment
        for (name, value) in changes { program.environment[name] = value }
        program.directory = folder.url
        return try await program.run(arguments, whileRunning: whileRunning)
    }

    func put(_ objects: [String: Data]) throws {
        for (key, content) in objects { try server.put(key, content, in: Self.bucket) }
    }

    /// `ossmirror` as a user who may not read everything: root may, whatever the permissions. `nil` when this machine
    /// has no way to become another user.
    func unprivileged() throws -> Program? {
        var program = try Program("ossmirror", environment: environment)
        if geteuid() == 0 {
            let setpriv = "/usr/bin/setpriv"
            guard FileManager.default.isExecutableFile(atPath: setpriv) else { return nil }
            // The build may lie where nobody else may look.
            let copy = folder.url.appendingPathComponent("ossmirror")
            try FileManager.default.copyItem(at: program.url, to: copy)
            program = Program(at: copy, environment: environment)
            program.launcher = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
        }
        program.directory = folder.url
        return program
    }

    // MARK: What was asked of the server

    /// How many requests the server has had.
    var asked: Int { server.requests.count }

    /// How often each operation was asked for, after the first so many requests.
    func operations(after count: Int = 0) -> [String: Int] {
        server.requests.dropFirst(count).reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
    }
}
