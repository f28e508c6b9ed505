import AliyunOSSTesting
import Foundation

/// A benchmark of transfers at the mock server, for this library and its peers.
///
/// Every client runs as a process of its own. The clients take turns, and each round starts with another client, so that
/// a change in the load of the machine affects all of them.
struct TransferBenchmark {
    let mode: String
    let workloads: [Workload]
    let options: BenchmarkOptions

    func report() throws -> ClientReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-benchmark-\(getpid())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try TransferServer(delay: options.delay, computesMD5: options.computesMD5)
        defer { server.end() }

        var clients = TransferClients(options, folder: folder)
        var results: [ClientReport.Result] = []
        for workload in workloads {
            try results += measure(workload, server, &clients, folder)
            try? FileManager.default.removeItem(atPath: "\(folder)/source")
        }
        return ClientReport(
            mode: mode, delayMilliseconds: options.delay, rounds: options.rounds,
            serverComputesMD5: options.computesMD5,
            results: results, absent: clients.absent)
    }

    private func measure(
        _ workload: Workload, _ server: TransferServer, _ clients: inout TransferClients, _ folder: String
    ) throws -> [ClientReport.Result] {
        let scene = Scene(
            endpoint: server.endpoint, folder: folder, files: workload.files, concurrency: workload.concurrency)
        let isListing = workload.tasks == [.list]
        try server.reset()
        if isListing { try server.fill(workload.files.count) } else { try workload.files.write(to: scene.source) }

        var samples: [String: [TransferTask: [ClientReport.Sample]]] = [:]
        for round in 0..<options.rounds {
            // A client that fails leaves, so the order is determined for each round.
            let present = clients.present
            for offset in present.indices {
                let client = present[(offset + round) % present.count]
                Self.note("\(workload.title), round \(round + 1) of \(options.rounds): \(client.name)")
                if !isListing { try server.reset() }
                do {
                    for task in workload.tasks {
                        guard let sample = try measure(task, client, scene, server) else { continue }
                        samples[client.name, default: [:]][task, default: []].append(sample)
                    }
                } catch let failure as BenchmarkFailure where !client.isLibrary {
                    samples[client.name] = nil
                    clients.remove(client, reason: failure.description)
                }
                for folder in [scene.copy, scene.state] { try? FileManager.default.removeItem(atPath: folder) }
            }
        }
        return workload.tasks.map { task in
            ClientReport.Result(
                workload, task,
                clients.present.compactMap { client in
                    (samples[client.name]?[task]).map { ClientReport.ClientResult(client, workload, $0) }
                })
        }
    }

    private func measure(
        _ task: TransferTask, _ client: TransferClient, _ scene: Scene, _ server: TransferServer
    ) throws -> ClientReport.Sample? {
        for folder in [scene.copy, scene.state] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        guard let command = try client.command(task, scene) else { return nil }
        let before = try server.statistics()
        let (usage, output) = try command.run(in: scene.folder)
        let after = try server.statistics()
        try check(task, scene, output, before, after)
        return ClientReport.Sample(
            seconds: usage.seconds, processorSeconds: usage.processorSeconds, peakMebibytes: usage.peakMebibytes,
            connections: Double(after.connections - before.connections),
            requests: Double(after.requests - before.requests))
    }

    /// Throws an error unless the client has performed its task completely: a failed transfer is fast.
    private func check(
        _ task: TransferTask, _ scene: Scene, _ output: String, _ before: MockStatistics, _ after: MockStatistics
    ) throws {
        let count = scene.files.count
        guard after.objects == count else {
            throw BenchmarkFailure(description: "the bucket has \(after.objects) objects instead of \(count)")
        }
        let received = after.bytesReceived - before.bytesReceived
        let last = output.split(separator: "\n").last ?? ""
        if let result = try? JSONDecoder().decode(ClientResult.self, from: Data(last.utf8)) {
            guard result.files == count else {
                throw BenchmarkFailure(description: "the client processed \(result.files) files instead of \(count)")
            }
        } else if task == .list, !output.contains("Object Number is: \(count)\n") {
            throw BenchmarkFailure(description: "the client printed no number of objects, or another one")
        }
        switch task {
        case .upload, .snapshot:
            guard received >= scene.files.bytes else {
                throw BenchmarkFailure(description: "the server received only \(received) bytes")
            }
        case .download: try scene.files.check(scene.copy, against: scene.source)
        case .list: break
        case .unchanged, .unchangedSnapshot:
            guard received == 0 else { throw BenchmarkFailure(description: "the client uploaded unchanged files") }
        }
    }

    private static func note(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
