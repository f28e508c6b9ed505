import Foundation
import Testing

/// The table of `Docs/Operations.md`, compared with the documentation of the public calls.
///
/// To update the page after adding a call, run the test with the environment variable `UPDATE_OPERATIONS=1`.
@Suite("The table in Docs/Operations.md")
struct OperationTableTests {
    @Test("The table lists the call that sends each operation, as documented in the sources")
    func table() throws {
        let page = SourceFile.root.appendingPathComponent("Docs/Operations.md")
        let sources = try SourceFile.all(below: "Sources/AliyunOSS")
        let expected = OperationTable(names: try OperationTable.publishedNames(), calls: sources.flatMap(\.calls)).page
        if ProcessInfo.processInfo.environment["UPDATE_OPERATIONS"] == "1" {
            try Data(expected.utf8).write(to: page)
        }
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text == expected, "run this test with UPDATE_OPERATIONS=1 to update Docs/Operations.md")
    }

    @Test("The documentation of every call on settings names its operations")
    func settings() throws {
        let declarations = try SourceFile.all(below: "Sources/AliyunOSS/Settings").flatMap(\.declarations)
            .filter { OperationTable.isCall($0.name) }
        #expect(declarations.count > 60)
        // Calls with any setting as their argument.
        let general: Set = [
            "Bucket.setting(_:)", "Bucket.set(_:to:)", "Bucket.updateSetting(_:_:)", "Bucket.remove(_:)",
            "Bucket.rawSetting(_:)", "Bucket.setRaw(_:to:)",
        ]
        #expect(Set(declarations.filter(\.operations.isEmpty).map(\.name)) == general)
        let names = Set(declarations.flatMap(\.operations))
        #expect(names.isSubset(of: try OperationTable.publishedNames()))
    }

    @Test("The documentation of every call that sends a request names its operation")
    func operations() throws {
        let calls = try SourceFile.all(below: "Sources/AliyunOSS").flatMap(\.declarations)
            .filter { OperationTable.isCall($0.name) && $0.sendsRequests }
        #expect(calls.count > 100)
        let unnamed = Set(calls.filter(\.operations.isEmpty).map { $0.name.prefix { $0 != "(" } })
        // Calls whose arguments determine the operation.
        #expect(
            unnamed == [
                "Bucket.invoke", "OSSService.invoke", "Bucket.presignedURL", "OSSService.presignedURL",
                "Bucket.setting", "Bucket.set", "Bucket.updateSetting", "Bucket.remove", "Bucket.rawSetting",
                "Bucket.setRaw",
            ])
    }

    @Test("The documentation of every public function that throws describes its errors")
    func errors() throws {
        let functions = try SourceFile.all(below: "Sources/AliyunOSS").flatMap(\.declarations).filter(\.canThrow)
        #expect(functions.count > 130)
        let silent = functions.filter { !$0.describesErrors && !$0.name.hasSuffix(".encode(to:)") }
        #expect(silent.map(\.name) == [])
    }

    @Test("Operations are read from the documentation of public calls only")
    func reading() {
        let text = """
            extension Bucket {
                /// Deletes an object. (DeleteObject)
                ///
                /// - Throws: ``OSSError``. (NotThis)
                public func deleteObject(_ key: ObjectKey, versionID: String? = nil) async throws {}
                /// Stores two. (PutOne,
                /// PutTwo or PutThree)
                @discardableResult
                public nonisolated func put<T>(_ a: T, of b: [Int] = [1]) {}
                /// An internal call. (GetObject)
                func internal() {}
            }
            extension BucketSetting where Document == String {
                /// The policy. (PutBucketPolicy)
                public static var policy: Self { .json() }
                /// A style. (PutStyle)
                public static func style(_ name: String) -> Self { .json() }
            }
            """
        let calls = SourceFile(path: "Sources/AliyunOSS/Bucket/A.swift", text: text).calls
        #expect(
            calls.map(\.name) == [
                "Bucket.deleteObject(_:versionID:)", "Bucket.put(_:of:)", "BucketSetting.policy",
                "BucketSetting.style(_:)",
            ])
        #expect(
            calls.map(\.operations) == [
                ["DeleteObject"], ["PutOne", "PutTwo", "PutThree"], ["PutBucketPolicy"], ["PutStyle"],
            ])
    }
}

/// A public declaration with the operations that its documentation names in parentheses.
struct DocumentedCall {
    /// Name with its type, such as `Bucket.deleteObject(_:versionID:)`.
    var name: String
    var operations: [String]
    /// Keywords and result type after the parameters; empty for a property.
    var effects = ""
    /// Whether the documentation has a section about errors.
    var describesErrors = false

    var canThrow: Bool { effects.contains(/^[^>]*\bthrows\b/) }
    /// Whether the function, or the sequence that it returns, sends requests.
    var sendsRequests: Bool { effects.contains(/^[^>]*\basync\b/) || effects.contains("PagedSequence<") }
}

/// The table of `Docs/Operations.md`.
struct OperationTable {
    let names: Set<String>
    let calls: [DocumentedCall]

    /// Returns whether a declaration belongs to a type whose functions and properties are calls or keys of settings.
    static func isCall(_ name: String) -> Bool {
        ["Bucket", "BucketSetting", "OSSService"].contains(name.prefix { $0 != "." })
    }

    /// Returns the names of the published operations.
    static func publishedNames() throws -> Set<String> {
        let file = SourceFile.root.appendingPathComponent("Tests/Support/TestKit/Fixtures/operations.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        return Set(text.matches(of: /(?m)^\{"name":"(\w+)"/).map { String($0.output.1) })
    }

    /// The text of the page.
    var page: String {
        var rows: [String: [String]] = [:]
        for call in calls where Self.isCall(call.name) {
            for operation in call.operations where names.contains(operation) {
                if rows[operation]?.contains("`\(call.name)`") == true { continue }
                rows[operation, default: []].append("`\(call.name)`")
            }
        }
        let missing = names.count { rows[$0] == nil }
        let lines = names.sorted().map { "| \($0) | \(rows[$0]?.joined(separator: "<br>") ?? "—") |" }
        return """
            # Operations

            The \(names.count) operations of OSS and the calls that send them. \(names.count - missing) have a call; any
            other operation (—) can be sent with `Bucket.invoke(_:body:upTo:)`. A key such as `BucketSetting.lifecycle` is passed
            to `Bucket.setting(_:)`, `Bucket.set(_:to:)`, `Bucket.updateSetting(_:_:)` and `Bucket.remove(_:)`.
            `Tests/ArchitectureTests` generates this table from the documentation of the calls.

            | Operation | Call |
            | --- | --- |
            \(lines.joined(separator: "\n"))

            """
    }
}

extension SourceFile {
    /// The public declarations whose documentation names operations.
    var calls: [DocumentedCall] { declarations.filter { !$0.operations.isEmpty } }

    /// The public functions and properties.
    var declarations: [DocumentedCall] {
        var calls: [DocumentedCall] = []
        var comment: [Substring] = []
        var type = ""
        let lines = Array(text.split(separator: "\n", omittingEmptySubsequences: false))
        for (index, line) in lines.enumerated() {
            let content = line.drop { $0 == " " }
            if content.hasPrefix("///") {
                comment.append(content.dropFirst(3))
                continue
            }
            // Attributes stand between the documentation and the declaration.
            defer { if !content.hasPrefix("@") || content.contains(" ") { comment = [] } }
            // Most lines are neither, and a regular expression takes its time for each of them.
            if content.startIndex == line.startIndex,
                let match = line.firstMatch(
                    of: /^(?:public |package )?(?:extension|actor|struct|enum|final class) (\w+)/)
            {
                type = String(match.output.1)
            }
            guard content.hasPrefix("public ") || content.hasPrefix("@"),
                let match = content.firstMatch(
                    of: /^(?:@\w+ )?public (?:static |nonisolated )*(?:func|var) (\w+)/)
            else { continue }
            let declaration = content.contains("func ") ? lines[index...].prefix(10).joined(separator: " ") : ""
            let (labels, effects) = Self.signature(of: declaration)
            calls.append(
                DocumentedCall(
                    name: "\(type).\(match.output.1)\(labels)", operations: Self.operations(comment), effects: effects,
                    describesErrors: comment.contains { $0.contains("- Throws:") }))
        }
        return calls
    }

    /// Returns the operations in the last parentheses of a summary.
    private static func operations(_ comment: [Substring]) -> [String] {
        let summary = comment.prefix { !$0.drop { $0 == " " }.isEmpty }.joined(separator: " ")
        guard let match = summary.matches(of: /\(([A-Z]\w+)([^();]*)[^()]*\)/).last else { return [] }
        return [String(match.output.1)] + match.output.2.matches(of: /[A-Z]\w+/).map { String($0.output) }
    }

    /// Returns the argument labels of a function, such as `(_:of:)`, and the text between its parameters and its body.
    /// Both are empty for a property.
    private static func signature(of declaration: String) -> (labels: String, effects: String) {
        guard let start = declaration.firstIndex(of: "(") else { return ("", "") }
        var depth = 0
        var labels = ""
        var label: String?
        for index in declaration[start...].indices {
            let character = declaration[index]
            switch character {
            case "(", "[", "{": depth += 1
            case ")", "]", "}": depth -= 1
            case ":" where depth == 1 && label?.isEmpty == false:
                labels += (label?.split(separator: " ").first.map(String.init) ?? "_") + ":"
                label = nil
            case "," where depth == 1: label = ""
            default: if depth == 1, label != nil { label?.append(character) }
            }
            if depth == 0 {
                let rest = declaration[index...].dropFirst()
                return ("(\(labels))", String(rest.prefix { $0 != "{" }))
            }
            if character == "(", depth == 1 { label = "" }
        }
        return ("(\(labels))", "")
    }
}
