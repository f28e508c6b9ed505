import Testing

@testable import AliyunOSS

@Suite("Path patterns")
struct PathPatternTests {
    private func matches(_ pattern: String, _ path: String) throws -> Bool {
        try matches(pattern, Array((path.last == "/" ? path.dropLast() : path[...]).utf8), isFolder: path.last == "/")
    }

    private func matches(_ pattern: String, _ path: [UInt8], isFolder: Bool = false) throws -> Bool {
        var filter = TransferFilter()
        try filter.exclude(pattern)
        return filter.excludes(path: try RelativePath(path), isFolder: isFolder)
    }

    /// A pattern with the paths that it matches and does not match. A path with a final slash is a folder.
    private static let table: [(pattern: String, matching: [String], others: [String])] = [
        // A name at any depth, and the content of a folder with that name.
        ("a", ["a", "a/", "x/a", "x/y/a", "a/x", "x/a/y/z"], ["b", "ab", "ba", "x/ab", "A", "x/ba/y"]),
        ("a.txt", ["a.txt", "x/a.txt"], ["a_txt", "a.txt2", "xa.txt"]),
        // Anchored to the root.
        ("/a", ["a", "a/", "a/x"], ["x/a", "ab", "ab/x"]),
        ("a/b", ["a/b", "a/b/", "a/b/c"], ["x/a/b", "a/bc", "a", "a/", "b", "a/x/b"]),
        ("/a/b", ["a/b", "a/b/c"], ["x/a/b", "a"]),
        // Folders only.
        ("a/", ["a/", "x/a/", "a/b", "x/a/b/c"], ["a", "x/a", "ab/c"]),
        ("/a/", ["a/", "a/b"], ["a", "x/a/", "x/a/b"]),
        ("a/b/", ["a/b/", "a/b/c"], ["a/b", "x/a/b/c"]),
        // One star matches within a name.
        ("*", ["a", "a/", "a/b", ".hidden"], []),
        ("/*", ["a", "a/b"], []),
        ("/*/", ["a/", "a/b"], ["a"]),
        ("*.jpg", ["a.jpg", ".jpg", "x/a.jpg", "a.jpg/b", "x.jpg.jpg"], ["a.jpeg", "a.JPG", "a.jpgx", "ajpg"]),
        ("/*.jpg", ["a.jpg"], ["x/a.jpg", "a.png"]),
        ("a*", ["a", "ab", "a/b", "x/ab/c"], ["ba", "b/ba"]),
        ("a*b*c", ["abc", "axbxc", "abbcc", "abcbc"], ["ab", "acb", "ab/c"]),
        ("a/*", ["a/b", "a/.b", "a/b/c"], ["a", "a/", "b/a/c"]),
        ("a/*/c", ["a/b/c", "a/b/c/d"], ["a/c", "a/b/b/c"]),
        ("a/*b", ["a/b", "a/xb"], ["a/x/b"]),
        ("*/c", ["a/c", "b/c/d"], ["c", "a/b/c"]),
        // Two stars match across names.
        ("**", ["a", "a/b", "a/"], []),
        ("/**", ["a", "a/b"], []),
        ("**/a", ["a", "x/a", "x/y/a", "a/x"], ["xa", "x/ya", "ab"]),
        ("/**/a", ["a", "x/a"], ["xa"]),
        ("**/a/b", ["a/b", "x/a/b", "x/y/a/b/c"], ["a/x/b", "xa/b"]),
        ("a/**", ["a/b", "a/b/c", "a/b/"], ["a", "a/", "x/a/b"]),
        ("a/**/", ["a/b/", "a/b/c", "a/b/c/d"], ["a/b", "a/", "x/a/b/c"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/x/b/y"], ["a/xb", "ab", "a/x/yb", "x/a/b"]),
        ("a/**/**/b", ["a/b", "a/x/b"], ["a/xb"]),
        ("**/", ["a/", "a/b", "a/b/c"], ["a"]),
        ("**/*.jpg", ["a.jpg", "x/a.jpg"], ["a.png"]),
        ("a**b", ["ab", "axb", "a/b", "ax/yb", "z/a/x/b"], ["a", "xab", "abx"]),
        ("a**/b", ["a/b", "ax/b", "ax/y/b", "a/x/b"], ["ab", "x/a/b"]),
        ("a/**b", ["a/b", "a/xb", "a/x/yb"], ["a/", "ab"]),
        ("/**.jpg", ["a.jpg", "x/y.jpg"], ["a.png"]),
        ("a***b", ["ab", "a/b"], ["a"]),
        // One character.
        ("?", ["a", "é", "文", "🗂", "x/a", "?"], ["ab", "xy/ab", "e\u{301}"]),
        ("??", ["ab", "éa", "e\u{301}"], ["a", "abc", "é"]),
        ("a?c", ["abc", "a.c", "a文c"], ["ac", "a/c", "abbc"]),
        ("a/?", ["a/b", "a/b/c"], ["a/", "a/bc"]),
        ("?*", ["a", "ab"], []),
        // One of several.
        ("[abc]", ["a", "b", "c", "x/a"], ["d", "ab", "A"]),
        ("[a-c0-2].x", ["a.x", "b.x", "1.x"], ["d.x", "3.x", "-.x"]),
        ("[!a-c]", ["d", "-", "é", "!"], ["a", "b", "dd"]),
        ("[^a-c]", ["d", "^"], ["a", "c"]),
        ("[a^!]", ["a", "^", "!"], ["b"]),
        ("[]a]", ["]", "a"], ["b", "[]a]"]),
        ("[!]a]", ["b"], ["]", "a"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[-a]", ["a", "-"], ["b"]),
        ("[\\]\\-z]", ["]", "-", "z"], ["\\", "a"]),
        ("[*?]", ["*", "?"], ["a"]),
        ("[{,}]", ["{", ",", "}"], ["a"]),
        ("[[]", ["["], ["a"]),
        ("[à-ü文]x", ["éx", "文x"], ["ex", "字x", "ÿx"]),
        ("a[+-9]b", ["a.b", "a5b"], ["a/b"]),
        ("a[!b]c", ["axc"], ["a/c", "abc"]),
        // Alternatives.
        ("*.{jpg,png}", ["a.jpg", "x/a.png"], ["a.gif", "a.jpgpng", "a."]),
        ("{a,b/c}", ["a", "x/a", "b/c"], ["x/b/c", "c"]),
        ("{a,b}{c,d}", ["ac", "bd"], ["ab", "a", "cd"]),
        ("a{,b}", ["a", "ab"], ["b", "abb"]),
        ("x{a,{b,c}d}", ["xa", "xbd", "xcd"], ["xb", "xad"]),
        ("{/a,b/}", ["a", "b/", "x/b/c"], ["x/a", "b"]),
        ("{a,**}/b", ["a/b", "b", "x/y/b"], ["a/x"]),
        ("{*.[ch],Makefile}", ["a.c", "a.h", "x/Makefile"], ["a.o", "makefile"]),
        ("a,b", ["a,b"], ["a", "b"]),
        // Escaped characters.
        ("\\*", ["*"], ["a", "\\*"]),
        ("a\\?", ["a?"], ["ab"]),
        ("\\[a]", ["[a]"], ["a"]),
        ("\\{a,b\\}", ["{a,b}"], ["a"]),
        ("{a\\,b,c}", ["a,b", "c"], ["a", "b"]),
        ("\\\\", ["\\"], ["\\\\"]),
        ("\\a", ["a"], ["\\a"]),
        ("!a", ["!a"], ["b"]),
        ("#a", ["#a"], ["a"]),
        (" a ", [" a "], ["a"]),
        ("a]", ["a]"], ["a"]),
        // Text.
        ("照片/*.jpg", ["照片/春节.jpg"], ["照片/春节.png", "照/春节.jpg"]),
        ("*文*", ["文", "中文字", "x/文"], ["中", "字"]),
        ("\u{E9}", ["\u{E9}"], ["e\u{301}"]),
        ("...", ["..."], ["....", ".a."]),
        (".*", [".a", "x/.git/config"], ["a.b"]),
        ("\n", ["\n"], ["n"]),
    ]

    @Test("A pattern matches exactly the expected paths", arguments: table)
    func matching(pattern: String, matching: [String], others: [String]) throws {
        for path in matching { #expect(try matches(pattern, path), "\(pattern) should match \(path)") }
        for path in others { #expect(try !matches(pattern, path), "\(pattern) should not match \(path)") }
    }

    @Test("A byte that is not UTF-8 is one character that no literal matches")
    func strayBytes() throws {
        let matching: [(String, [UInt8])] = [
            ("?", [0xFF]), ("??", [0xC3, 0x28]), ("a?b", [0x61, 0x80, 0x62]), ("*", [0xC3]), ("a*", [0x61, 0xFE]),
            ("[!a]", [0xFF]), ("???", [0xE2, 0x82, 0x61]), ("???", [0xED, 0xA0, 0x80]), ("??", [0xC0, 0xAF]),
            ("????", [0xF4, 0x90, 0x80, 0x80]), ("*é", [0xC3, 0xC3, 0xA9]), ("?é", [0xF0, 0xC3, 0xA9]),
            ("?/a", [0xE2, 0x2F, 0x61]),
        ]
        for (pattern, path) in matching { #expect(try matches(pattern, path), "\(pattern) \(path)") }
        let others: [(String, [UInt8])] = [
            ("?", [0xC3, 0x28]), ("?", [0xE2, 0x82]), ("é", [0xC3]), ("\u{FFFD}", [0xFF]), ("[ÿ]", [0xFF]),
            ("??", [0xC3, 0xA9]), ("[\u{80}-\u{10FFFF}]", [0xFF]),
        ]
        for (pattern, path) in others { #expect(try !matches(pattern, path), "\(pattern) \(path)") }
    }

    @Test(
        "An invalid pattern is rejected with the pattern and the reason",
        arguments: [
            ("", "is empty"), ("{,a}", "is empty"), ("/", "no name"), ("//", "no name"), ("{a,/}", "no name"),
            ("a//b", "'//'"), ("//a", "'//'"), ("a//", "'//'"), ("{a,}/b/{,c}/d", "'//'"), (".", "'.' or '..'"),
            ("./a", "'.' or '..'"), ("a/../b", "'.' or '..'"), ("a/..", "'.' or '..'"), ("\\./a", "'.' or '..'"),
            ("[a", "unmatched '['"), ("[]", "unmatched '['"), ("[!]", "unmatched '['"), ("[a-", "unmatched '['"),
            ("[a/b]", "'/' between brackets"), ("[z-a]", "'z-a' in reverse order; write 'a-z'"),
            ("[[:alpha:]]", "'[:'"),
            ("{a,b", "unmatched '{'"), ("{{a,b}", "unmatched '{'"), ("a}", "unmatched '}'"),
            ("{a,b}}", "unmatched '}'"),
            ("{a}", "without a ','"), ("{}", "without a ','"), ("a\\", "ends in '\\'"), ("[\\", "ends in '\\'"),
            ("a\0b", "NUL"), (String(repeating: "{a,b}", count: 30), "too many"),
            (String(repeating: "{,}", count: 60) + "a", "too many"),
            (String(repeating: "{a,b,c,d,e,f,g,h}", count: 5), "too many"),
        ])
    func refusals(pattern: String, reason: String) {
        #expect {
            try PathPattern(pattern)
        } throws: { error in
            guard let error = error as? OSSError, error.code == .invalidArgument else { return false }
            // A long pattern is truncated in the message.
            let isNamed = error.message.hasPrefix("the pattern '\(pattern.prefix(60))")
            return isNamed && error.message.contains(reason)
        }
    }

    @Test("The two Unicode spellings of a letter are different patterns")
    func equality() throws {
        #expect(try PathPattern("a") == PathPattern("a"))
        #expect(try PathPattern("\u{E9}") != PathPattern("e\u{301}"))
        #expect(try Set([PathPattern("\u{E9}"), PathPattern("e\u{301}"), PathPattern("\u{E9}")]).count == 2)
    }

    /// A pattern and whether it matches `aaa…/b` and `a/a/a…/b`.
    @Test(
        "A pattern with many ways to match is decided in polynomial time",
        arguments: [
            ("*a*a*a*a*b", false, false), ("**a**a**a**a**b", true, true), ("**a*a**a*a**b", true, false),
            ("**a*a**a*a*b", false, false), ("/?*?*?*?*?*b", false, false),
            ("{*,**}{*,**}{*,**}{*,**}a{*,**}b", true, true),
            ("**/*a*/**/*a*/**/*a*/**/b", false, true),
        ])
    func manyWays(pattern: String, inOneName: Bool, inManyNames: Bool) throws {
        let name = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000)
        let names = (0..<9_999).map { $0 % 2 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "/") }
        var filter = TransferFilter()
        try filter.exclude(pattern)
        for path in [name, names] { #expect(!filter.excludes(bytes: path)) }
        #expect(filter.excludes(bytes: name + Array("/b".utf8)) == inOneName)
        #expect(filter.excludes(bytes: names + Array("/b".utf8)) == inManyNames)
    }

    @Test("A long pattern matches at any position among other patterns")
    func longPatterns() throws {
        let name = String(repeating: "0123456789", count: 20)
        #expect(try matches("/\(name)/*/\(name)?", "\(name)/x/\(name)y"))
        #expect(try !matches("/\(name)/*/\(name)?", "\(name)/x/\(name)"))
        for length in 1...140 {
            var filter = TransferFilter()
            try filter.exclude("/" + String(repeating: "x", count: length))
            try filter.exclude("/a/**/b*c/d?/")
            #expect(filter.excludes(path: try RelativePath("a/b1c/d2/e".utf8)), "\(length)")
            #expect(filter.excludes(path: try RelativePath("a/y/z/bc/dé/e".utf8)), "\(length)")
            #expect(filter.excludes(path: try RelativePath(String(repeating: "x", count: length).utf8)), "\(length)")
            for other in ["a/yb1c/d2/e", "a/bc/d2", "ab/bc/d2/e", String(repeating: "x", count: length + 1)] {
                #expect(!filter.excludes(path: try RelativePath(other.utf8)), "\(length) \(other)")
            }
        }
    }
}
