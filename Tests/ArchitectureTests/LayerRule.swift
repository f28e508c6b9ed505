/// The folders of `AliyunOSS` whose types a folder may use, in addition to its own.
enum LayerRule {
    static let mayKnow: [String: Set<String>] = [
        "DirectoryTransfer": leaves.union(["Transfer", "Bucket"]),
        "Presigning": leaves.union(["Service", "Transfer", "Bucket", "Client", "Signing", "Transport"]),
        "Service": leaves.union(["Bucket", "Client"]),
        "Transfer": leaves.union(["Bucket", "Client"]),
        "Objects": leaves.union(["Settings", "Service", "Bucket", "Client", "Transport"]),
        "Settings": leaves.union(["Service", "Bucket", "Client", "Transport"]),
        "Bucket": leaves.union(["Client", "Signing", "Transport"]),
        "Client": leaves.union(["Signing", "Transport"]),
        "Signing": ["Credentials", "Model", "Errors"],
        "Transport": ["FileSystem", "Concurrency"],
        "Credentials": ["Transport", "Model", "Errors", "FileSystem", "Concurrency"],
        "Model": ["Errors"],
        "Errors": ["Model"],
        "FileSystem": [],
        "Concurrency": [],
    ]
    private static let leaves: Set = ["Credentials", "Model", "Errors", "FileSystem", "Concurrency"]

    /// Individual types that a folder may use from a folder that is otherwise not permitted.
    static let exceptions: [String: Set<String>] = [
        // Signing uses the method and the header fields, which are values and do not need the network.
        "Signing": ["HTTPMethod", "HTTPHeaders"],
        // Every request of the library has the same User-Agent.
        "Credentials": ["Library"],
        // Contents are identified by the same values in requests and in comparisons, and the events of folder transfers
        // belong to those of their client.
        "DirectoryTransfer": ["ContentDigest", "ClientEvent"],
        "Client": ["TransferEvent", "TransferReport", "TransferTally"],
        // Progress is counted in the transport and reported by transfers.
        "Transfer": ["HTTPProgress"],
    ]

    static func violations(in files: [SourceFile]) -> [Violation] {
        let files = files.filter { $0.target == "AliyunOSS" }
        var home: [String: Set<String>] = [:]
        for file in files {
            for type in file.declaredTypes { home[type.name, default: []].insert(file.folder) }
        }
        var violations: [Violation] = []
        for file in files {
            guard let known = mayKnow[file.folder] else {
                violations.append(
                    Violation(path: file.path, line: 1, problem: "folder '\(file.folder)' is in no layer"))
                continue
            }
            let own = file.localTypeNames.union(exceptions[file.folder, default: []])
            for (name, line) in file.mentionedNames where !own.contains(name) {
                guard let folders = home[name], folders.isDisjoint(with: known.union([file.folder])) else { continue }
                let folder = folders.sorted().joined(separator: ", ")
                let problem = "\(file.folder) may not know \(name) of \(folder)"
                violations.append(Violation(path: file.path, line: line, problem: problem))
            }
        }
        return violations
    }
}
