import Foundation

/// A Swift file with the properties that the rules check.
struct SourceFile: Sendable {
    /// The path relative to the root of the package, such as `Sources/AliyunOSS/Client/Client.swift`.
    let path: String
    /// The unchanged text.
    let text: String
    /// The text with comments replaced by spaces. Line breaks are kept, so that line numbers remain valid.
    let withoutComments: String
    /// The text with comments and the contents of string literals replaced by spaces.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        withoutComments = SwiftLexer.blank(text, keepingStrings: true)
        code = SwiftLexer.blank(text, keepingStrings: false)
    }

    /// The target: the second component of the path.
    var target: String { component(1) }

    /// The folder inside the target; empty for a file directly in the target.
    var folder: String { path.split(separator: "/").count > 3 ? component(2) : "" }

    private func component(_ index: Int) -> String {
        let parts = path.split(separator: "/")
        return index < parts.count ? String(parts[index]) : ""
    }

    /// The number of lines.
    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count }

    /// The modules that the file imports, with their lines.
    var imports: [(module: String, line: Int)] {
        let pattern =
            #/
            ^\s* (?: @\w+ (?: \(\w+\) )? \s+ )* (?: (?:public|package|internal|private|fileprivate) \s+ )? import \s+
            (?: (?:struct|class|enum|protocol|func|var|let|typealias) \s+ )? (\w+)
            /#
        return lines(of: code).compactMap { number, line in
            line.firstMatch(of: pattern).map { (String($0.1), number) }
        }
    }

    /// The top-level types that the file declares and that other files can use.
    var declaredTypes: [(name: String, access: String)] {
        let pattern =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*((?:\w+\s+)*?)(?:struct|class|actor|enum|protocol|typealias)\s+([A-Z]\w*)/
        return topLevelLines.compactMap { line in
            guard let match = line.firstMatch(of: pattern) else { return nil }
            let modifiers = match.1.split(separator: " ").map(String.init)
            if modifiers.contains("private") || modifiers.contains("fileprivate") { return nil }
            let access = modifiers.first { ["public", "package", "open"].contains($0) } ?? "internal"
            return (String(match.2), access)
        }
    }

    /// Every name of a type that the file uses, with its line. Members (`.Code` in `OSSError.Code`) are omitted.
    var mentionedNames: [(name: String, line: Int)] {
        let pattern = /(\.?)\b([A-Z]\w*)/.wordBoundaryKind(.simple)
        return lines(of: code).flatMap { number, line in
            line.matches(of: pattern).filter { $0.1.isEmpty }.map { (String($0.2), number) }
        }
    }

    /// Type names declared anywhere in the file, including nested types. They shadow those of other files.
    var localTypeNames: Set<String> {
        let pattern = /\b(?:struct|class|actor|enum|protocol|typealias|associatedtype)\s+([A-Z]\w*)/
        return Set(code.matches(of: pattern.wordBoundaryKind(.simple)).map { String($0.1) })
    }

    /// Returns the lines of a text, counted from 1.
    func lines(of text: String) -> [(Int, Substring)] {
        Array(zip(1..., text.split(separator: "\n", omittingEmptySubsequences: false)))
    }

    private var topLevelLines: [Substring] {
        var depth = 0
        return code.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            defer { depth += line.count { $0 == "{" } - line.count { $0 == "}" } }
            return depth == 0
        }
    }
}

extension SourceFile {
    /// The root of the package, derived from the path of this file.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Returns every Swift file below a folder of the package, or the files with other extensions. Build products of
    /// packages in the folder are omitted.
    static func all(below folder: String, extensions: [String] = ["swift"]) throws -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: base.path).filter { path in
            extensions.contains { path.hasSuffix(".\($0)") } && !path.contains("/.build/")
        }
        return try paths.sorted().map { path in
            let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
            return SourceFile(path: "\(folder)/\(path)", text: text)
        }
    }
}
