import Foundation

/// The results of a benchmark of transfers.
struct ClientReport: Encodable {
    /// The measurements of one process.
    struct Sample: Encodable {
        var seconds: Double
        /// User and system time of the process and its descendants.
        var processorSeconds: Double
        var peakMebibytes: Double
        var connections: Double
        var requests: Double

        /// Returns the median of each measurement.
        static func median(_ samples: [Sample]) -> Sample {
            func middle(_ path: KeyPath<Sample, Double>) -> Double {
                let sorted = samples.map { $0[keyPath: path] }.sorted()
                return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            }
            return Sample(
                seconds: middle(\.seconds), processorSeconds: middle(\.processorSeconds),
                peakMebibytes: middle(\.peakMebibytes), connections: middle(\.connections),
                requests: middle(\.requests))
        }
    }

    /// The measurements of one client.
    struct ClientResult: Encodable {
        var client: String
        var version: String
        var isLibrary: Bool
        var median: Sample
        var samples: [Sample]
        var filesPerSecond: Double
        var mebibytesPerSecond: Double
        var processorMillisecondsPerFile: Double

        init(_ client: TransferClient, _ workload: Workload, _ samples: [Sample]) {
            let median = Sample.median(samples)
            (self.client, version, isLibrary) = (client.name, client.version, client.isLibrary)
            (self.median, self.samples) = (median, samples)
            filesPerSecond = Double(workload.files.count) / median.seconds
            mebibytesPerSecond = Double(workload.files.bytes) / Double(1 << 20) / median.seconds
            processorMillisecondsPerFile = median.processorSeconds * 1000 / Double(workload.files.count)
        }
    }

    /// The measurements of all clients in one task.
    struct Result: Encodable {
        var workload: String
        var task: TransferTask
        var files: Int
        var bytes: Int
        var concurrency: Int
        var clients: [ClientResult]

        init(_ workload: Workload, _ task: TransferTask, _ clients: [ClientResult]) {
            (self.workload, self.task, self.clients) = (workload.title, task, clients)
            (files, bytes, concurrency) = (workload.files.count, workload.files.bytes, workload.concurrency)
        }

        /// Whether the number of bytes determines the duration.
        var isLarge: Bool { (task == .upload || task == .download) && bytes / max(1, files) >= 1 << 20 }
        var unit: String { isLarge ? "MiB/s" : task == .list ? "keys/s" : "files/s" }

        func rate(_ result: ClientResult) -> Double { isLarge ? result.mebibytesPerSecond : result.filesPerSecond }
    }

    var mode: String
    var delayMilliseconds: Int
    var rounds: Int
    var serverComputesMD5: Bool
    var processors = ProcessInfo.processInfo.activeProcessorCount
    var system = ProcessInfo.processInfo.operatingSystemVersionString
    var results: [Result]
    var absent: [TransferClients.Absence]

    /// Prints the results and writes the files that the options name.
    func write(_ options: BenchmarkOptions) throws {
        try options.write(self, as: text)
        guard let path = options.svgPath else { return }
        let chart = BarChart(
            title: "oss-benchmark \(mode): \(conditions)",
            groups: results.map { result in
                BarChart.Group(
                    title: Self.title(of: result),
                    bars: result.clients.map {
                        .init(
                            label: $0.client, value: result.rate($0),
                            text: "\(Self.number(result.rate($0))) \(result.unit)", isEmphasized: $0.isLibrary)
                    })
            })
        try chart.svg.write(toFile: path, atomically: true, encoding: .utf8)
    }
}

// MARK: Text

extension ClientReport {
    /// A table for each task. The ratios compare a client with the first one, which is this library.
    var text: String {
        var lines = ["\(mode): \(conditions)"]
        if serverComputesMD5 {
            lines.append("The server computes MD5s, which limits the throughput of uploads.")
        } else {
            lines.append("The server computes no MD5s; its ETags are derived from the CRC-64.")
        }
        for result in results where !result.clients.isEmpty {
            lines += ["", Self.title(of: result)]
            if delayMilliseconds > 0, !result.isLarge, result.task == .upload || result.task == .download {
                let ideal = Double(result.files * delayMilliseconds) / 1000 / Double(result.concurrency)
                lines.append("The delay alone takes \(Self.number(ideal)) s with one request for each file.")
            }
            lines.append(
                Self.row(
                    "client",
                    ["time, s", result.unit, "CPU, s", "CPU, ms/file", "RSS, MiB", "conns", "requests", "time", "CPU"]))
            for client in result.clients { lines.append(row(client, result)) }
        }
        if !absent.isEmpty { lines.append("") }
        lines += absent.map { "skipped: \($0.client): \($0.reason)" }
        return lines.joined(separator: "\n")
    }

    private var conditions: String {
        "delay \(delayMilliseconds) ms, \(rounds == 1 ? "1 round" : "medians of \(rounds) rounds"), "
            + "\(processors) processors"
    }

    private func row(_ client: ClientResult, _ result: Result) -> String {
        let (median, first) = (client.median, result.clients[0].median)
        return Self.row(
            client.version.isEmpty ? client.client : "\(client.client) (\(Self.short(client.version)))",
            [
                median.seconds, result.rate(client), median.processorSeconds, client.processorMillisecondsPerFile,
                median.peakMebibytes,
            ].map(Self.number) + ["\(Int(median.connections))", "\(Int(median.requests))"]
                + ["\(Self.number(median.seconds / first.seconds))x"]
                + ["\(Self.number(median.processorSeconds / first.processorSeconds))x"])
    }

    private static func title(of result: Result) -> String {
        let size = result.bytes == 0 ? "" : ", \(number(Double(result.bytes) / Double(1 << 20))) MiB"
        return "\(result.workload), \(result.task.title): \(result.files) files\(size), \(result.concurrency) at a time"
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        let width = 38
        return name.prefix(width).padding(toLength: width, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 13 - $0.count)) + $0 }.joined()
    }

    /// Returns the number in the first line of a version, such as `7.88.1`.
    private static func short(_ version: String) -> String {
        version.split(separator: " ").first { $0.contains(".") }.map(String.init) ?? version
    }

    private static func number(_ value: Double) -> String {
        String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }
}
