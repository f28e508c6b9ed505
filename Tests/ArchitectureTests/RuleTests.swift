import Testing

/// Tests of each rule with a sample that breaks it and one that only resembles a violation.
@Suite("Self-tests of the rules")
struct RuleTests {
    @Test("Each word rule finds its sample in code and not in a comment", arguments: WordRule.all)
    func wordRuleFindsItsSample(_ rule: WordRule) throws {
        let path = try #require(rule.places.first) + "Sample.swift"
        let broken = SourceFile(path: path, text: "struct Sample {\n    \(rule.sample)\n}\n")
        #expect(try rule.violations(in: [broken]).map(\.line) == [2])

        let comment = SourceFile(path: path, text: "// \(rule.sample)\n/* \(rule.sample) */\n")
        #expect(try rule.violations(in: [comment]).isEmpty)

        let elsewhere = SourceFile(path: "Elsewhere/Sample.swift", text: rule.sample)
        #expect(try rule.violations(in: [elsewhere]).isEmpty)
    }

    @Test("Each platform rule finds its sample outside the #if and in the wrong branch", arguments: PlatformRule.all)
    func platformRuleFindsItsSample(_ rule: PlatformRule) throws {
        let path = try #require(rule.places.first) + "Sample.\(rule.language.fileExtensions[0])"
        func lines(_ text: String) throws -> [Int] {
            try rule.violations(in: [SourceFile(path: path, text: text)]).map(\.line)
        }
        let isDirective = rule.sample.hasPrefix("#")
        let sample = isDirective ? "\(rule.sample)\n#endif" : rule.sample
        #expect(try lines(sample) == [1])
        #expect(try lines("// \(rule.sample)\n").isEmpty)
        for condition in rule.conditions {
            let (opposite, isNegative) = (condition.drop { $0 == "!" }, condition.hasPrefix("!"))
            let directive = isNegative ? "#if \(opposite)\n#else" : "#if \(condition)"
            #expect(try lines("\(directive)\n\(sample)\n#endif\n").isEmpty)
            #expect(try lines("#if DEBUG && os(A)\n\(directive)\n\(sample)\n#endif\n#endif\n").isEmpty)
            let wrong = isNegative ? "#if \(opposite)" : "#if \(condition)\n#else"
            #expect(try lines("\(wrong)\n\(sample)\n#endif\n").count == 1)
            #expect(try lines("\(directive)\n#endif\n\(sample)\n").count == 1)
        }
    }

    @Test(
        "The conditions of a line are those of the branches around it",
        arguments: [
            ("#if a && b\nX\n#endif", ["a", "b"]), ("#if a || b\nX\n#endif", ["a||b"]),
            ("#if a\n#elseif b\nX\n#endif", ["b", "!a"]), ("#if a\n#elif b\n#else\nX\n#endif", ["", "!a", "!b"]),
            ("#ifdef A\n#ifndef B\nX\n#endif\n#endif", ["defined(A)", "!defined(B)"]), ("#if a\n#endif\nX", []),
            ("#if !a\nX\n#endif", ["!a"]), ("  #if a  // b\n    X\n  #endif", ["a"]),
        ] as [(String, Set<String>)])
    func conditions(_ text: String, expected: Set<String>) throws {
        let lines = SourceFile(path: "Sources/CSystem/a.c", text: text).conditionalLines
        let line = try #require(lines.first { $0.text.hasSuffix("X") })
        #expect(line.conditions == expected.subtracting([""]))
    }

    @Test("URLSession is allowed in Transport/, and URLSessionTransport everywhere")
    func exceptions() throws {
        let rule = try #require(WordRule.all.first { $0.name.hasPrefix("URLSession lives") })
        let inside = SourceFile(path: "Sources/AliyunOSS/Transport/A.swift", text: "let s: URLSession")
        let named = SourceFile(path: "Sources/AliyunOSS/Bucket/A.swift", text: "let t = URLSessionTransport()")
        #expect(try rule.violations(in: [inside, named]).isEmpty)
    }

    @Test(
        "An import that is not allowed is found in every notation",
        arguments: [
            "import NIO", "@preconcurrency import NIO", "public import NIO", "@testable import NIO",
            "import struct NIO.X",
        ])
    func imports(_ line: String) {
        let file = SourceFile(path: "Sources/AliyunOSS/Client/A.swift", text: "import Foundation\n\(line)\n")
        #expect(ImportRule.violations(in: [file]).map(\.line) == [2])
    }

    @Test("An import that is confined to a folder is found elsewhere")
    func confinedImports() {
        let text = "import FoundationNetworking"
        let wrong = SourceFile(path: "Sources/AliyunOSS/Client/A.swift", text: text)
        let right = SourceFile(path: "Sources/AliyunOSS/Transport/A.swift", text: text)
        #expect(ImportRule.violations(in: [wrong, right]).map(\.path) == [wrong.path])
    }

    @Test("A layer that names a type of a layer above it is found")
    func layers() {
        let loop = SourceFile(path: "Sources/AliyunOSS/Client/RetryLoop.swift", text: "struct RetryLoop {}")
        let down = SourceFile(path: "Sources/AliyunOSS/Bucket/Bucket.swift", text: "actor Bucket { let l: RetryLoop }")
        let up = SourceFile(
            path: "Sources/AliyunOSS/Transport/T.swift",
            text: "struct T {\n    // RetryLoop\n    let a = \"RetryLoop\"\n    let b: RetryLoop\n}")
        #expect(
            LayerRule.violations(in: [loop, down, up]).map(\.description) == [
                "Sources/AliyunOSS/Transport/T.swift:4: Transport may not know RetryLoop of Client"
            ])
    }

    @Test("A private, nested or shadowed name does not count as a use of another type")
    func names() {
        let other = SourceFile(
            path: "Sources/AliyunOSS/Bucket/A.swift",
            text: "private struct One {}\nstruct A {\n    struct Two {}\n}\npublic struct Three {}")
        let file = SourceFile(
            path: "Sources/AliyunOSS/Transport/B.swift",
            text: "struct B { struct Three {}\n    let one: One, two: Two, three: Three, four: B.A }")
        #expect(LayerRule.violations(in: [other, file]).isEmpty)
    }

    @Test("A folder without a layer is found")
    func unknownFolder() {
        let file = SourceFile(path: "Sources/AliyunOSS/Helpers/A.swift", text: "")
        #expect(LayerRule.violations(in: [file]).count == 1)
    }

    @Test("Uses of the signer by the checker and of package symbols by a program are found")
    func usage() {
        let files = [
            SourceFile(path: "Sources/AliyunOSS/Signing/Signer.swift", text: "struct StringToSign {}"),
            SourceFile(path: "Sources/AliyunOSSTesting/Signature/C.swift", text: "let s = StringToSign()"),
            SourceFile(path: "Sources/AliyunOSS/Client/Hidden.swift", text: "package struct Hidden {}"),
            SourceFile(path: "Examples/ossmirror/Main.swift", text: "let h = Hidden()"),
        ]
        #expect(UsageRule.all.map { $0.violations(in: files).count } == [1, 1])
    }

    @Test("A file that is one line too long is found")
    func length() {
        let lines = { String(repeating: "\n", count: $0) }
        let longest = SourceFile(path: "Sources/A.swift", text: lines(LengthRule.maximum - 1))
        let longer = SourceFile(path: "Sources/B.swift", text: lines(LengthRule.maximum))
        #expect(LengthRule.violations(in: [longest, longer]).map(\.path) == ["Sources/B.swift"])
    }

    @Test(
        "A retired word in a summary or public name is found, and so is a summary that starts with the wrong kind of word",
        arguments: [
            ("/// The reply of the service.", 1), ("/// A piece: part of a range.", 1),
            ("/// What the service sent.", 1),
            ("/// Takes an\n/// answer in.", 1), ("/// Where it is.\nlet place: Int", 1),
            ("public let lastReply: Int", 1),
            ("public func answer() {}", 1), ("/// A response.\n///\n/// Not a reply.", 0), ("let reply: Int", 0),
            ("/// Replying is fine.", 0), ("// What a comment says.", 0),
            ("/// A value.\n/// - Parameter answer: Text.", 0),
        ])
    func vocabulary(text: String, expected: Int) {
        let glossary =
            "| Term | Meaning | Do not use |\n| --- | --- | --- |\n| response | All of it | reply, answer |\n"
            + "| part | A section | piece |\n"
        let file = SourceFile(path: "Sources/AliyunOSS/Client/A.swift", text: text)
        #expect(VocabularyRule(glossary: glossary).violations(in: [file]).count == expected)
    }

    @Test("A dependency in the manifest is found")
    func dependency() {
        let text = "// .package(url: 1)\ndependencies: [.package(url: \"https://example.com/a.git\", from: \"1.0.0\")]"
        #expect(Manifest.dependencies(in: text).count == 1)
    }

    @Test(
        "The lexer blanks comments and string literals",
        arguments: [
            (#"a // b"#, "a     "),
            (#"a /* b /* c */ d */ e"#, "a                   e"),
            (#"a("b")"#, #"a(" ")"#),
            (#"a("b\(c("d"))e")"#, ##"a(" \(c(" ")) ")"##),
            (##"a(#"b\(c)"d"#)"##, ##"a(#"       "#)"##),
            (##"a(#"b\#(c)d"#)"##, ##"a(#" \#(c) "#)"##),
            ("a(\"\"\"\nb\"c\n\"\"\")", "a(\"\"\"\n   \n\"\"\")"),
            (#"a("\"b", c)"#, #"a("   ", c)"#),
            (#"a("// b") // c"#, #"a("    ")     "#),
        ])
    func lexer(_ text: String, _ expected: String) {
        #expect(SwiftLexer.blank(text, keepingStrings: false) == expected)
    }

    @Test("A number or a period without a unit or a limit is found in parameters and properties")
    func units() {
        let text = """
            /// Reads.
            ///
            /// - Parameters:
            ///   - size: Size of a part,
            ///     in bytes.
            ///   - time: Longest wait.
            ///   - body: Content, 5 of them.
            /// - Throws: 5.
            @discardableResult
            public func read<T>(_ size: Int64 = 1, for time: Duration, _ body: (Int) -> Void, again retries: Int) {}
            /// Waits for at most 5 seconds.
            public func wait(for time: Duration) {}
            /// Length.
            public var length: Int64
            /// Length in bytes.
            public var size: Int64?
            /// Wait.
            public var pause: Duration
            /// Text.
            public var text: String
            /// Internal.
            func hide(_ count: Int) {}
            """
        let file = SourceFile(path: "Sources/AliyunOSS/Bucket/A.swift", text: text)
        #expect(file.quantities.map(\.name) == ["size", "time", "retries", "time", "length", "size"])
        let problems = UnitRule.violations(in: [file]).map { $0.problem.split(separator: "'")[1] }
        #expect(problems == ["time", "retries", "length"])
    }
}
