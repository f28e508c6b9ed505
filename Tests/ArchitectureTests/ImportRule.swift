/// The modules that a target may import. A new module requires a decision, which the list documents.
enum ImportRule {
    private static let system: Set = ["Foundation", "FoundationEssentials", "Dispatch"]

    static let allowed: [String: Set<String>] = [
        "OSSPrimitives": system.union(["CChecksum", "CZlib"]),
        "AliyunOSS": system.union(["FoundationNetworking", "Synchronization", "CLibcurl", "CSystem", "OSSPrimitives"]),
        "AliyunOSSTesting": system.union(["Synchronization", "OSSPrimitives", "AliyunOSS"]),
        "quickstart": system.union(["AliyunOSS", "AliyunOSSTesting"]),
        "backup": system.union(["AliyunOSS"]),
        "lifecycle": system.union(["AliyunOSS"]),
        "presigning": system.union(["AliyunOSS"]),
        "prune": system.union(["AliyunOSS"]),
        "read-csv": system.union(["AliyunOSS"]),
        "resumable-upload": system.union(["AliyunOSS"]),
        "static-site": system.union(["AliyunOSS"]),
        "streaming-download": system.union(["AliyunOSS"]),
        "upload-page": system.union(["AliyunOSS"]),
        "versions": system.union(["AliyunOSS"]),
        // Packages of their own, with their manifests.
        "testing-package": system.union([
            "PackageDescription", "AliyunOSS", "AliyunOSSTesting", "PhotoAlbum", "Testing",
        ]),
        "logging-with-swift-log": system.union(["PackageDescription", "AliyunOSS", "AliyunOSSTesting", "Logging"]),
        "ossmirror": system.union(["Synchronization", "AliyunOSS"]),
        "oss-mock-server": system.union(["Synchronization", "AliyunOSSTesting"]),
        "oss-benchmark": system.union([
            "FoundationNetworking", "FoundationXML", "Synchronization", "OSSPrimitives", "AliyunOSS",
            "AliyunOSSTesting",
        ]),
    ]

    /// Modules that only certain folders or files of a target may import.
    static let confined: [(module: String, target: String, places: [String])] = [
        ("FoundationNetworking", "AliyunOSS", ["/Transport/"]),
        ("FoundationXML", "oss-benchmark", ["/ListingDocument"]),
        ("CZlib", "OSSPrimitives", ["/Gzip"]),
        ("CSystem", "AliyunOSS", ["/FileSystem/", "/Concurrency/SystemThread", "/Credentials/CredentialsProgram"]),
        ("CLibcurl", "AliyunOSS", ["/Transport/Libcurl/"]),
    ]

    static func violations(in files: [SourceFile]) -> [Violation] {
        files.flatMap { file in
            file.imports.compactMap { module, line in
                guard allowed[file.target, default: []].contains(module) else {
                    return Violation(path: file.path, line: line, problem: "\(file.target) may not import \(module)")
                }
                for rule in confined
                where rule.module == module && rule.target == file.target
                    && !rule.places.contains(where: file.path.contains)
                {
                    return Violation(
                        path: file.path, line: line,
                        problem: "\(module) belongs in \(rule.places.joined(separator: " or "))")
                }
                return nil
            }
        }
    }
}
