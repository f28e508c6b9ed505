import AliyunOSS
import Foundation

/// The places that a client reads and writes.
struct Scene: Sendable {
    let endpoint: String
    let folder: String
    let files: FileSet
    let concurrency: Int

    /// Folder with the files to upload.
    var source: String { "\(folder)/source" }
    /// Folder for downloads.
    var copy: String { "\(folder)/copy" }
    /// Folder for the state that a client saves between its tasks.
    var state: String { "\(folder)/state" }

    /// Arguments that all clients of this project understand.
    var arguments: [String] { [endpoint, TransferServer.bucket, source, copy, state, "\(concurrency)"] }
}

/// A program whose transfers are measured.
struct TransferClient: Sendable {
    let name: String
    /// Version of the program or of its library.
    var version = ""
    /// Whether this is the library of this project, and not a peer.
    var isLibrary = false
    /// Returns the command for a task, or `nil` if the client has no such function.
    let command: @Sendable (TransferTask, Scene) throws -> MeasuredCommand?
}

/// The clients of a run, and the peers that are not installed.
struct TransferClients {
    struct Absence: Encodable {
        var client: String
        var reason: String
    }

    private(set) var present: [TransferClient] = []
    private(set) var absent: [Absence] = []

    init(_ options: BenchmarkOptions, folder: String) {
        for choice in options.transports {
            let transport = LibraryClient.resolved(choice)
            let name = "AliyunOSS, \(transport)"
            guard !present.contains(where: { $0.name == name }) else { continue }
            present.append(TransferClient(name: name, isLibrary: true) { LibraryClient.command(transport, $0, $1) })
        }
        guard options.comparesPeers else { return }
        present.append(TransferClient(name: "bare URLSession") { BareClient.command($0, $1) })
        addPython("oss2, pool of processes", "oss2_pool.py", module: "oss2", options, folder)
        addPython("oss2, threads, resumable", "oss2_threads.py", module: "oss2", options, folder)
        addPython("alibabacloud-oss-v2, threads", "oss_v2.py", module: "alibabacloud_oss_v2", options, folder)
        add("curl --parallel", "curl", folder, accepts: { $0.hasPrefix("curl") && !$0.hasPrefix("curl 7.6") }) { curl in
            { try Self.curl(curl, $0, $1) }
        }
        // By default, ossutil signs with V1, which takes less time than V4 on both sides.
        for version in ["v4", "v1"] {
            // Version 2 of ossutil has other options.
            add("ossutil, \(version.uppercased())", "ossutil", folder, accepts: { $0.contains("v1.") }) { ossutil in
                { Self.ossutil(ossutil, signature: version, $0, $1) }
            }
        }
    }

    /// Removes a client that failed.
    mutating func remove(_ client: TransferClient, reason: String) {
        present.removeAll { $0.name == client.name }
        absent.append(.init(client: client.name, reason: reason))
    }

    private mutating func addPython(
        _ name: String, _ script: String, module: String, _ options: BenchmarkOptions, _ folder: String
    ) {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/\(script)").path
        let version = "import \(module); print(\(module).__version__)"
        guard FileManager.default.fileExists(atPath: path) else {
            return absent.append(.init(client: name, reason: "\(path) does not exist"))
        }
        guard let python = MeasuredCommand.find(options.python),
            let run = try? MeasuredCommand(python, ["-c", version]).run(in: folder)
        else {
            return absent.append(
                .init(client: name, reason: "\(options.python) cannot import \(module); see --python"))
        }
        let client = TransferClient(name: name, version: String(run.output.prefix { !$0.isNewline })) { task, scene in
            guard [.upload, .download, .list].contains(task) else { return nil }
            return MeasuredCommand(python, [path, task.rawValue] + scene.arguments)
        }
        present.append(client)
    }

    private mutating func add(
        _ name: String, _ program: String, _ folder: String, accepts: (String) -> Bool,
        command: (String) -> @Sendable (TransferTask, Scene) throws -> MeasuredCommand?
    ) {
        guard let path = MeasuredCommand.find(program) else {
            return absent.append(.init(client: name, reason: "\(program) is not in PATH"))
        }
        let output = (try? MeasuredCommand(path, ["--version"]).run(in: folder))?.output ?? ""
        let version = String(output.prefix { !$0.isNewline })
        guard accepts(version) else {
            return absent.append(.init(client: name, reason: "its version is not supported: '\(version)'"))
        }
        present.append(TransferClient(name: name, version: version, command: command(path)))
    }

    /// Returns a command that transfers each file with one request, which the configuration file lists.
    private static func curl(_ path: String, _ task: TransferTask, _ scene: Scene) throws -> MeasuredCommand? {
        guard task == .upload || task == .download else { return nil }
        let signer = Signer(region: TransferServer.region)
        var lines: [String] = []
        for number in 0..<scene.files.count {
            let name = FileSet.name(number)
            let url = try PresignedURL.make(task == .upload ? .put : .get, name, scene.endpoint, signer)
            let file = task == .upload ? "upload-file = \"\(scene.source)" : "output = \"\(scene.copy)"
            lines += ["url = \"\(url)\"", "\(file)/\(name)\""]
        }
        let configuration = "\(scene.state)/curl.txt"
        try lines.joined(separator: "\n").write(toFile: configuration, atomically: true, encoding: .utf8)
        return MeasuredCommand(
            path,
            [
                "--disable", "--silent", "--show-error", "--fail", "--create-dirs", "--parallel",
                "--parallel-immediate",
                "--parallel-max", "\(min(scene.concurrency, 300))", "--header", "Expect:", "--config", configuration,
            ])
    }

    private static func ossutil(
        _ path: String, signature: String, _ task: TransferTask, _ scene: Scene
    ) -> MeasuredCommand {
        let bucket = "oss://\(TransferServer.bucket)/"
        let (state, jobs) = (scene.state, "\(scene.concurrency)")
        var arguments =
            switch task {
            case .list: ["ls", bucket, "-s"]
            case .download: ["cp", "-r", "-f", bucket, scene.copy + "/"]
            // Otherwise, it also uploads an object for each folder.
            default: ["cp", "-r", "-f", "--disable-dir-object", scene.source + "/", bucket]
            }
        if task != .list {
            // Many files are transferred at a time, or many parts of few files.
            let parts = max(1, scene.concurrency / max(1, scene.files.count))
            arguments += ["--jobs", jobs, "--parallel", "\(parts)", "--checkpoint-dir", "\(state)/checkpoints"]
            arguments += ["--output-dir", "\(state)/output"]
        }
        if task == .unchanged { arguments += ["-u"] }
        if task == .snapshot || task == .unchangedSnapshot { arguments += ["--snapshot-path", "\(state)/snapshot"] }
        arguments += ["-e", scene.endpoint, "-i", TransferServer.accessKeyID, "-k", TransferServer.accessKeySecret]
        arguments += ["--sign-version", signature, "--region", TransferServer.region]
        return MeasuredCommand(path, arguments)
    }
}
