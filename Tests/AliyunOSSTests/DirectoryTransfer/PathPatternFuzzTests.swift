import TestKit
import Testing

@testable import AliyunOSS

@Suite("Path patterns compared with a simple matcher")
struct PathPatternFuzzTests {
    private static let pieces = [
        "a", "b", "é", "/", "/", "*", "**", "**/", "/**/", "?", "[ab]", "[!a]", "[a-é]", "{a,b}", "{,a}", "{a,b/}",
        "{*,b}é",
        "\\a", "a*",
    ]
    private static let letters: [Unicode.Scalar] = ["a", "a", "b", "é", "/", "/", "c"]

    private func pattern(_ generator: inout SplitMix) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            text += Self.pieces.randomElement(using: &generator) ?? ""
        }
        return text
    }

    private func path(_ generator: inout SplitMix) -> RelativePath? {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...9, using: &generator) {
            text.append(Self.letters.randomElement(using: &generator) ?? "a")
        }
        return try? RelativePath(String(text).utf8)
    }

    @Test("Random rules decide like the simple matcher", arguments: 0..<16)
    func rules(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var compared = 0
        var matched = 0
        for _ in 0..<200 {
            let filter = randomFilter(&generator)
            let matchers = filter.rules.map { SimpleMatcher($0.pattern.text) }
            let byDefault = filter.rules.first?.effect == .include
            for _ in 0..<20 {
                guard let path = path(&generator) else { continue }
                let isFolder = Bool.random(using: &generator)
                let rule = matchers.lastIndex { $0.matches(path.description, isFolder) }
                let expected = rule.map { filter.rules[$0].effect == .exclude } ?? byDefault
                #expect(
                    filter.excludes(path: path, isFolder: isFolder) == expected,
                    "\(filter.rules) \(path) \(isFolder ? "as a folder" : "")")
                compared += 1
                if rule != nil { matched += 1 }
            }
        }
        #expect(compared > 1000)
        #expect(matched > compared / 10 && matched < compared * 9 / 10)
    }

    @Test("Nothing in a folder that is not read would be included", arguments: 0..<16)
    func folders(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var below: [String] = ["a", "b", "é", "ab", "c"]
        below += below.flatMap { first in ["a", "b", "é"].map { first + "/" + $0 } }
        below += below.map { $0 + "/ba" }
        var skipped = 0
        for _ in 0..<200 {
            let filter = randomFilter(&generator)
            for _ in 0..<5 {
                guard let folder = path(&generator), filter.excludesFolder(folder) else { continue }
                skipped += 1
                for name in below {
                    let path = try RelativePath("\(folder)/\(name)".utf8)
                    #expect(filter.excludes(path: path), "\(filter.rules) \(folder) \(path)")
                }
            }
        }
        #expect(skipped > 50)
    }

    private func randomFilter(_ generator: inout SplitMix) -> TransferFilter {
        var rules: [TransferFilter.Rule] = []
        let count = Int.random(in: 1...8, using: &generator)
        while rules.count < count {
            let text = pattern(&generator)
            let effect: TransferFilter.Rule.Effect = Bool.random(using: &generator) ? .include : .exclude
            // Three stars mean two, which the simple matcher does not support.
            guard !text.contains("***"), let pattern = try? PathPattern(text) else { continue }
            rules.append(TransferFilter.Rule(effect, pattern))
        }
        var filter = TransferFilter()
        filter.rules = rules
        return filter
    }
}

/// A matcher that tries every possibility and is therefore slow but simple. It supports only valid patterns.
private struct SimpleMatcher {
    typealias Text = ArraySlice<Unicode.Scalar>

    private static let twoStars = Unicode.Scalar(0xE000 as UInt16) ?? " "

    private let patterns: [Text]

    init(_ pattern: String) {
        // Checked before braces are expanded, because the expansion can join stars.
        let pattern = pattern.replacing("**", with: String(Self.twoStars))
        patterns = Self.alternatives(Array(pattern.unicodeScalars)[...])
    }

    func matches(_ path: String, _ isFolder: Bool) -> Bool {
        let path = Array(path.unicodeScalars)
        return patterns.contains { pattern in
            // The path itself or any of its parent folders.
            (1...path.count).contains { end in
                guard end == path.count || path[end] == "/" else { return false }
                return Self.matchesWhole(pattern, path[..<end], isFolder: isFolder || end < path.count)
            }
        }
    }

    private static func alternatives(_ text: Text) -> [Text] {
        guard let open = text.firstIndex(of: "{"), let close = text.firstIndex(of: "}") else { return [text] }
        return text[(open + 1)..<close].split(separator: ",", omittingEmptySubsequences: false).flatMap { choice in
            alternatives((text[..<open] + choice + text[(close + 1)...])[...])
        }
    }

    private static func matchesWhole(_ pattern: Text, _ path: Text, isFolder: Bool) -> Bool {
        var pattern = pattern
        if pattern.last == "/" {
            guard isFolder else { return false }
            pattern.removeLast()
        }
        if pattern.first == "/" { return matches(pattern.dropFirst(), path, atStart: true) }
        if pattern.contains("/") { return matches(pattern, path, atStart: true) }
        return path.indices.contains { start in
            (start == path.startIndex || path[start - 1] == "/") && matches(pattern, path[start...], atStart: true)
        }
    }

    /// - Parameter atStart: Whether a name starts here.
    private static func matches(_ pattern: Text, _ path: Text, atStart: Bool) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if atStart, pattern.starts(with: [twoStars, "/"]) {
            let rest = pattern.dropFirst(2)
            if matches(rest, path, atStart: true) { return true }
            return path.indices.contains { path[$0] == "/" && matches(rest, path[($0 + 1)...], atStart: true) }
        }
        if first == "*" || first == twoStars {
            let reach = first == "*" ? path.prefix { $0 != "/" } : path
            return (reach.startIndex...reach.endIndex).contains {
                matches(pattern.dropFirst(), path[$0...], atStart: false)
            }
        }
        guard let character = path.first else { return false }
        var rest = pattern.dropFirst()
        switch first {
        case "?": guard character != "/" else { return false }
        case "[":
            guard character != "/", let close = rest.firstIndex(of: "]") else { return false }
            let isNegated = rest.first == "!"
            let members = rest[..<close].drop { $0 == "!" }
            let contains =
                if let lower = members.first, let upper = members.last, members.dropFirst().first == "-" {
                    lower <= character && character <= upper
                } else {
                    members.contains(character)
                }
            guard contains != isNegated else { return false }
            rest = rest[(close + 1)...]
        case "\\":
            guard rest.first == character else { return false }
            rest = rest.dropFirst()
        default: guard first == character else { return false }
        }
        return matches(rest, path.dropFirst(), atStart: first == "/")
    }
}
