import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses

/// A mock server, a scratch directory, and `ossmirror` configured for both.
struct OSSMirrorFixture: Sendable {
    static let bucket = "demo"
    static let key = MockOSSServer.AccessKey(id: "test-id", secret: "test-secret", securityToken: nil)

    let server: MockOSSServer
    let folder: ScratchDirectory
    let environment: [String: String]

    static func with<Result>(_ body: (OSSMirrorFixture) async throws -> Result) async throws -> Result {
        var configuration = MockOSSServer.Configuration()
        configuration.buckets = [bucket]
        configuration.accessKeys = [key]
        let server = try MockOSSServer(configuration)
        defer { server.shutDown() }
        let environment = [
            "OSS_ACCESS_KEY_ID": key.id, "OSS_ACCESS_KEY_SECRET": key.secret, "OSS_REGION": "cn-hangzhou",
            "OSS_ENDPOINT": server.endpoint,
            // Tests must not send requests to the metadata service of the machine.
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        ]
        return try await body(
            OSSMirrorFixture(server: server, folder: try ScratchDirectory(), environment: environment))
    }

    /// Runs `ossmirror` in the directory. `nil` removes an environment variable.
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

    /// Returns a client of the bucket.
    func client() throws -> Bucket {
        try Bucket(
            Self.bucket, endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: Self.key.id, accessKeySecret: Self.key.secret))
    }

    func put(_ objects: [String: Data]) throws {
        for (key, content) in objects { try server.put(key, content, in: Self.bucket) }
    }

    /// Returns `ossmirror` run by a user that file permissions apply to, unlike root, or `nil` if the machine cannot
    /// switch to another user.
    func unprivileged() throws -> Program? {
        var program = try Program("ossmirror", environment: environment)
        if geteuid() == 0 {
            let setpriv = "/usr/bin/setpriv"
            guard FileManager.default.isExecutableFile(atPath: setpriv) else { return nil }
            // Other users may have no access to the build directory.
            let copy = folder.url.appendingPathComponent("ossmirror")
            try FileManager.default.copyItem(at: program.url, to: copy)
            program = Program(at: copy, environment: environment)
            program.launcher = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
        }
        program.directory = folder.url
        return program
    }

    /// Number of requests that the server has received.
    var asked: Int { server.requests.count }

    /// Returns the number of requests of each operation after the first `count` requests.
    func operations(after count: Int = 0) -> [String: Int] { server.operations(after: count) }
}
