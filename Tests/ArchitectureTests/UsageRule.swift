/// Names of one place that must not be used in another.
struct UsageRule: Sendable {
    let name: String
    /// The declarations, as a prefix of the path and an access level (any when `nil`).
    let declaredIn: String
    var access: String?
    /// Path prefixes of the files that must not use the names.
    let notUsedIn: [String]

    func violations(in files: [SourceFile]) -> [Violation] {
        var names: Set<String> = []
        for file in files where file.path.hasPrefix(declaredIn) {
            names.formUnion(file.declaredTypes.filter { access == nil || $0.access == access }.map(\.name))
        }
        return files.filter { file in notUsedIn.contains { file.path.hasPrefix($0) } }.flatMap { file in
            let own = file.localTypeNames
            return file.mentionedNames.filter { names.contains($0.name) && !own.contains($0.name) }.map {
                Violation(path: file.path, line: $0.line, problem: "\($0.name): \(name)")
            }
        }
    }

    static let all: [UsageRule] = [
        UsageRule(
            name: "the signature checker does not use the signer", declaredIn: "Sources/AliyunOSS/Signing/",
            notUsedIn: ["Sources/AliyunOSSTesting/Signature/"]),
        UsageRule(
            name: "programs use the public interface", declaredIn: "Sources/AliyunOSS/", access: "package",
            notUsedIn: [
                "Examples/backup/", "Examples/lifecycle/", "Examples/logging-with-swift-log/", "Examples/ossmirror/",
                "Examples/presigning/", "Examples/prune/", "Examples/quickstart/", "Examples/read-csv/",
                "Examples/resumable-upload/", "Examples/static-site/", "Examples/streaming-download/",
                "Examples/testing-package/", "Examples/upload-page/", "Examples/versions/",
            ]),
    ]
}
