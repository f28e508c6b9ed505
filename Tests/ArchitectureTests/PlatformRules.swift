extension PlatformRule {
    private static let swift = ["Sources/", "Examples/", "Tests/Support/", "Tests/KillTests/Child/"]
    private static let c = ["Sources/C", "Tests/Support/C"]

    static let all: [PlatformRule] = [
        PlatformRule(
            name: "enumerations of glibc", reason: "these constants are integers elsewhere",
            pattern: #"\b(?:SOCK|RLIMIT)_\w+\.rawValue|\b__rlimit_resource_t\b"#, conditions: ["canImport(Glibc)"],
            places: swift, sample: "let type = Int32(SOCK_STREAM.rawValue)"),
        PlatformRule(
            name: "calls of Linux in Swift", reason: "other systems do not have it",
            pattern: #"\b(?:fdatasync|import\s+CLibcurl|LibcurlLoop|SOCK_CLOEXEC)\b"#,
            conditions: ["os(Linux)"], places: swift, sample: "fdatasync(descriptor)"),
        PlatformRule(
            name: "names of Apple's systems in Swift", reason: "other systems do not have it",
            pattern: #"\b(?:st_mtimespec|st_ctimespec|SO_NOSIGPIPE|F_FULLFSYNC|autoreleasepool)\b|@objc\b"#,
            conditions: ["canImport(Darwin)"], places: swift, sample: "let time = status.st_mtimespec"),
        PlatformRule(
            name: "names that Apple's systems lack", reason: "Apple's systems do not have it",
            pattern: #"\b(?:st_mtim|st_ctim|MSG_NOSIGNAL|quick_exit|at_quick_exit)\b"#,
            conditions: ["!canImport(Darwin)", "canImport(FoundationNetworking)", "os(Linux)"], places: swift,
            sample: "let time = status.st_mtim"),
        module("FoundationNetworking"), module("FoundationXML"), module("CryptoKit"),
        PlatformRule(
            name: "calls of Linux in C", reason: "other systems do not have it",
            pattern: #"\b(?:epoll_\w+|eventfd|syncfs|fallocate|pipe2|fstatfs|syscall|dlopen|getauxval)\s*\("#,
            conditions: ["defined(__linux__)"], places: c, sample: "return syncfs(descriptor);", language: .c),
        PlatformRule(
            name: "names of Apple's systems in C", reason: "other systems do not have it",
            pattern: #"\b(?:F_FULLFSYNC|F_PREALLOCATE|fstore_t|renameatx_np|POSIX_SPAWN_CLOEXEC_DEFAULT)\b"#,
            conditions: ["defined(__APPLE__)"], places: c, sample: "return fcntl(descriptor, F_FULLFSYNC);",
            language: .c),
        PlatformRule(
            name: "instructions of x86-64", reason: "other processors do not have it",
            pattern: #"\b(?:_mm_\w+|__m128i|__builtin_cpu_\w+|immintrin)\b"#, conditions: ["defined(__x86_64__)"],
            places: c, sample: "__builtin_cpu_init();", language: .c),
        PlatformRule(
            name: "instructions of arm64", reason: "other processors do not have it",
            pattern: #"\b(?:arm_neon|vmull_p64|veorq_u64|poly64_t|uint64x2_t)\b"#, conditions: ["defined(__aarch64__)"],
            places: c, sample: "typedef uint64x2_t lane;", language: .c),
        PlatformRule(
            name: "version of glibc", reason: "without the macro, even a condition that is not evaluated is an error",
            pattern: #"\b__GLIBC_PREREQ\s*\("#, conditions: ["defined(__GLIBC_PREREQ)"], places: c,
            sample: "#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)", language: .c),
    ]

    private static func module(_ name: String) -> PlatformRule {
        PlatformRule(
            name: "module \(name)", reason: "not every platform has it", pattern: "\\bimport\\s+\(name)\\b",
            conditions: ["canImport(\(name))"], places: swift + ["Tests/"], sample: "import \(name)")
    }
}
