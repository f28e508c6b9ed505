#if canImport(FoundationNetworking)
    import Testing

    @testable import AliyunOSS

    @Suite("Directories that Foundation creates")
    struct FoundationDirectoriesTests {
        @Test(
            "The missing directories of a path are listed before their parents",
            arguments: [
                (
                    "/home/u/.local/share/p", ["/home/u"],
                    ["/home/u/.local/share/p", "/home/u/.local/share", "/home/u/.local"]
                ),
                ("/home/u/p", ["/home/u"], ["/home/u/p"]), ("/home/u/p", ["/home/u/p"], []),
                ("/a/b", [], ["/a/b", "/a"]),
                ("/", [], []), ("", [], []), ("relative/p", [], []),
            ] as [(String, Set<String>, [String])])
        func missing(path: String, existing: Set<String>, expected: [String]) {
            #expect(FoundationDirectories.missingDirectories(for: path) { existing.contains($0) } == expected)
        }
    }
#endif
