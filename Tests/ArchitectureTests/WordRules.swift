extension WordRule {
    private static let everywhere = ["Sources/", "Examples/"]

    static let all: [WordRule] = [
        WordRule(
            name: "URLSession lives in Transport/", reason: "only Transport/ touches URLSession", scope: .code,
            pattern: #"\b(?:URLSession\w*|URLRequest|HTTPURLResponse)\b"#, places: ["Sources/"],
            exceptPlaces: ["Sources/AliyunOSS/Transport/"], exceptMatches: ["URLSessionTransport"],
            sample: "let session = URLSession.shared"),
        WordRule(
            name: "Transport/ knows no OSS word", reason: "a transport moves bytes and knows nothing of OSS",
            scope: .codeAndStrings, pattern: #"(?:OSS(?!Primitives)|\boss\b|oss-|[Bb]ucket|[Aa]liyun|ObjectKey)\w*"#,
            places: ["Sources/AliyunOSS/Transport/"], sample: #"headers["x-oss-date"] = now"#),
        WordRule(
            name: "FileSystem/ knows no HTTP", reason: "files know nothing of a network", scope: .codeAndStrings,
            pattern: #"(?:HTTP|URLSession|URLRequest|OSS(?!Error|Primitives)|[Bb]ucket)\w*"#,
            places: ["Sources/AliyunOSS/FileSystem/"], sample: "func send(_ request: HTTPRequest)"),
        WordRule(
            name: "nothing suspends a task", reason: "suspending restarts the request on Linux and duplicates bytes",
            scope: .code, pattern: #"\.suspend\(\)"#, places: ["Sources/"], sample: "task.suspend()"),
        WordRule(
            name: "no convenience call of URLSession",
            reason: "cancelling one deadlocks all networking of the process on Linux", scope: .code,
            pattern: #"\.(?:data|upload|download|bytes)\(for:"#, places: ["Sources/"],
            sample: "let (data, reply) = try await session.data(for: request)"),
        WordRule(
            name: "nothing traps", reason: "a library reports errors, it does not end the process", scope: .code,
            pattern: #"\b(?:fatalError|preconditionFailure|precondition|assertionFailure|assert)\(|\babort\(\)"#,
            places: ["Sources/"], sample: #"fatalError("cannot happen")"#),
        WordRule(
            name: "nothing is forced", reason: "no try!, as!, forced or implicit unwrapping", scope: .code,
            pattern: #"[\w)\]>]!(?!=)"#, places: everywhere, sample: "let first = list.first!"),
        WordRule(
            name: "the library prints nothing", reason: "output belongs to the program", scope: .code,
            pattern: #"\b(?:print|debugPrint|dump|NSLog)\("#, places: ["Sources/"], sample: "print(key)"),
        WordRule(
            name: "no unfinished work", reason: "unfinished work belongs in an issue", scope: .code,
            pattern: #"#warning|#error"#, places: everywhere, sample: #"#warning("later")"#),
        WordRule(
            name: "programs use the public interface", reason: "an example shows what a user can do", scope: .code,
            pattern: #"@testable|@_spi|\bpackage import\b"#, places: everywhere, sample: "@testable import AliyunOSS"),
        WordRule(
            name: "the signature checker is independent",
            reason: "it must not share code with the signer it checks", scope: .code,
            pattern: #"\bimport AliyunOSS\b|\b(?:Signer|Signing\w*|Canonical(?:Request|Query|Headers)\w*Signer)\b"#,
            places: ["Sources/AliyunOSSTesting/Signature/"], sample: "import AliyunOSS"),
        WordRule(
            name: "the C library comes with Foundation", reason: "its module has another name on each platform",
            scope: .code, pattern: #"\bimport\s+(?:Glibc|Musl|Darwin|Bionic|Android)\b|\b(?:Glibc|Musl|Darwin)\.\w+"#,
            places: everywhere + ["Tests/"], sample: "let count = Glibc.write(1, bytes, 1)"),
        WordRule(
            name: "files are synced to stable storage", reason: "on Apple platforms it stops at the cache of the drive",
            scope: .code, pattern: #"\bfsync\("#, places: ["Sources/"],
            exceptPlaces: [
                "Sources/AliyunOSS/FileSystem/OpenFile+Storage.swift",
                "Sources/AliyunOSS/FileSystem/SafeDirectory.swift",
            ], sample: "guard fsync(descriptor) == 0 else { return }"),
        WordRule(
            name: "tests start programs with ChildProcess",
            reason:
                "Foundation's Process crashes on Linux in a process with many descriptors, which parallel tests have",
            scope: .code, pattern: #"\bProcess\b"#, places: ["Tests/"], sample: "let process = Process()"),
    ]
}
