import TestKit
import Testing

@testable import ossmirror

@Suite("Table of commands")
struct CommandTableTests {
    private func parse(_ arguments: [String]) throws -> Invocation {
        try CommandLineParser.parse(arguments, environment: ["OSS_REGION": "cn-hangzhou"])
    }

    private func helpOf(_ arguments: String...) throws -> Verb? {
        guard case .help(let verb) = try parse(arguments) else { throw UsageError("not help: \(arguments)") }
        return verb
    }

    private func message(_ arguments: String..., isLocal: (String) -> Bool = { _ in false }) -> String? {
        do {
            _ = try CommandLineParser.parse(
                arguments, environment: ["OSS_REGION": "cn-hangzhou"], isLocal: isLocal)
            return nil
        } catch {
            return error.message
        }
    }

    @Test("The table describes every command once")
    func complete() {
        #expect(CommandTable.commands.map(\.verb.rawValue).sorted() == Verb.allCases.map(\.rawValue).sorted())
    }

    @Test(
        "Every command has help by both spellings, within 80 columns, with its options and two examples",
        arguments: Verb.allCases)
    func help(_ verb: Verb) throws {
        #expect(try helpOf(verb.rawValue, "--help") == verb)
        #expect(try helpOf("help", verb.rawValue) == verb)
        let text = Help.text(verb)
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        let command = try #require(CommandTable.command(verb))
        for option in command.allOptions {
            #expect(["  ", "\n"].contains { text.contains("  \(option.usage)\($0)") }, "\(option.usage)")
        }
        #expect(command.examples.count == 2)
        for example in command.examples { #expect(text.contains("  ossmirror \(example.line)\n")) }
    }

    @Test("The examples of every command are parsed as this command", arguments: Verb.allCases)
    func examples(_ verb: Verb) throws {
        for example in try #require(CommandTable.command(verb)).examples {
            // The command line of the example ends before a pipe, a redirection or another command.
            let words = example.line.split(separator: " ").prefix { !["|", ">", ">>", "<", "&&"].contains($0) }
            let line = words.map { $0.filter { $0 != "'" } }
            guard case .run(_, let scanned) = try parse(line) else {
                Issue.record("not a command: \(example.line)")
                continue
            }
            #expect(scanned.verb == verb)
        }
    }

    @Test("The options of a command have distinct names, and an option has the same kind of value in all commands")
    func options() {
        var kinds: [String: Option.Value?] = [:]
        for command in CommandTable.commands {
            let names = command.allOptions.flatMap { [$0.name] + [$0.short].compactMap { $0 } }
            #expect(Set(names).count == names.count, "\(command.verb)")
            for option in command.allOptions {
                #expect((option.value == nil) == (option.placeholder == nil), "\(option.usage)")
                #expect(kinds.updateValue(option.value, forKey: option.name) ?? option.value == option.value)
            }
        }
    }

    @Test("The help of the program lists every command and fits into 80 columns")
    func top() throws {
        #expect(try helpOf("--help") == nil && helpOf("help") == nil && helpOf("-h") == nil)
        for command in CommandTable.commands { #expect(Help.top.contains("  \(command.verb.rawValue) ")) }
        for line in Help.top.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test(
        "A mistyped command is answered with the command that was probably meant",
        arguments: [
            ("upp", "up"), ("dwon", "down"), ("cehck", "check"), ("incomplet", "incomplete"),
            ("sycn", "sync"), ("list", "ls"), ("delete", "rm"), ("download", "down"), ("rename", "mv"),
        ])
    func commandSuggestion(_ name: String, _ meant: String) {
        #expect(message(name) == "unknown command '\(name)'; did you mean '\(meant)'?")
        #expect(message("help", name) == "unknown command '\(name)'; did you mean '\(meant)'?")
    }

    @Test(
        "A mistyped option is answered with the option that was probably meant",
        arguments: [
            ("--exlude", "--exclude"), ("--dryrun", "--dry-run"), ("--jsno", "--json"), ("--regoin", "--region"),
        ])
    func optionSuggestion(_ name: String, _ meant: String) {
        #expect(message("up", "a", "oss://b", name) == "unknown option \(name); did you mean '\(meant)'?")
        #expect(
            message("up", "a", "oss://b", "\(name)=x") == "unknown option \(name); did you mean '\(meant)'?")
    }

    @Test("A name that resembles nothing is answered without a suggestion")
    func noSuggestion() {
        #expect(message("frobnicate") == "unknown command 'frobnicate'; see 'ossmirror --help'")
        #expect(message("xx") == "unknown command 'xx'; see 'ossmirror --help'")
        #expect(message("ls", "--frobnicate") == "unknown option --frobnicate; see 'ossmirror ls --help'")
    }

    @Test("A forgotten oss:// is named, unless the text is a local path")
    func forgottenScheme() {
        #expect(
            message("ls", "photos/a") == "'photos/a' is not an OSS address; did you mean 'oss://photos/a'?")
        #expect(
            message("cat", "s3://photos/a") == "'s3://photos/a' is not an OSS address; did you mean 'oss://photos/a'?")
        #expect(message("ls", "./photos") == "'./photos' is not an OSS address; use oss://BUCKET/PREFIX")
        #expect(
            message("ls", "photos/a", isLocal: { $0 == "photos/a" })
                == "expected an OSS address, not the local path 'photos/a'; usage: ossmirror ls [oss://BUCKET/PREFIX]")
    }

    @Test(
        "The number of edits counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("up", "up", 0), ("upp", "up", 1), ("exlude", "exclude", 1), ("sycn", "sync", 1),
            ("kitten", "sitting", 3), ("", "ls", 2), ("abc", "", 3),
        ])
    func edits(_ source: String, _ target: String, _ count: Int) {
        #expect(Suggestion.edits(from: source, to: target) == count)
        #expect(Suggestion.edits(from: target, to: source) == count)
    }
}
