import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror completion and man")
struct CompletionTests {
    /// Writes the output of a command to a file, and returns the directory.
    private func generated(_ words: String..., file: String) async throws -> ScratchDirectory {
        let folder = try ScratchDirectory()
        let outcome = try await Program("ossmirror").run(words)
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome)")
        try folder.write(file, outcome.text)
        return folder
    }

    private static func path(of program: String) -> URL? {
        ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/\(program)" }
            .first(where: FileManager.default.isExecutableFile).map { URL(fileURLWithPath: $0) }
    }

    @Test("The scripts have no syntax errors", arguments: Completion.Shell.allCases)
    func syntax(_ shell: Completion.Shell) async throws {
        let folder = try await generated("completion", shell.rawValue, file: "script")
        for verb in Verb.allCases { #expect(try folder.text("script").contains(verb.rawValue), "\(verb)") }
        guard let program = Self.path(of: shell.rawValue) else { return }
        let outcome = try await Program(at: program).run(["-n", folder["script"]])
        #expect(outcome.status == 0 && outcome.description == "status 0\n\n", "\(outcome)")
    }

    @Test(
        "bash completes commands, options, values, files and addresses",
        .enabled(if: path(of: "bash") != nil),
        arguments: [
            ("ossmirror ver", ["versions"]),
            ("ossmirror help pres", ["presign"]),
            ("ossmirror up --sym", ["--symlinks", "--symlink-objects"]),
            ("ossmirror up --symlinks ", ["follow", "skip"]),
            ("ossmirror up --symlinks=f", ["follow"]),
            ("ossmirror up si", ["site"]),
            ("ossmirror up --exclude x site o", ["oss://"]),
            ("ossmirror up -j 8 site o", ["oss://"]),
            ("ossmirror up site oss://b/", []),
            ("ossmirror tag s", ["set"]),
            ("ossmirror setting get lifec", ["lifecycle"]),
            ("ossmirror setting set cors oss://demo si", ["site"]),
            ("ossmirror completion ", ["bash", "zsh", "fish"]),
            ("ossmirror rm oss://b/a o", ["oss://"]),
            ("ossmirror ls --credentials-file si", ["site"]),
        ] as [(String, [String])])
    func bash(_ line: String, _ expected: [String]) async throws {
        let folder = try await generated("completion", "bash", file: "script")
        try folder.write("site/a", "")
        var program = Program(at: try #require(Self.path(of: "bash")))
        program.directory = folder.url
        let outcome = try await program.run([
            "--norc", "-c",
            """
            source ./script && complete -p ossmirror > /dev/null || exit 1
            COMP_LINE=$1 COMP_POINT=${#1}; _ossmirror; printf '%s\\n' "${COMPREPLY[@]}"
            """, "bash", line,
        ])
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome)")
        #expect(outcome.lines.sorted() == expected.sorted(), "\(outcome)")
    }

    @Test(
        "zsh completes commands, options, values, files and addresses",
        .enabled(if: path(of: "zsh") != nil),
        arguments: [
            ("ossmirror ver", ["versions"]),
            ("ossmirror help pres", ["presign"]),
            ("ossmirror up --sym", ["--symlink-objects", "--symlinks"]),
            ("ossmirror up --symlinks ", ["follow", "skip"]),
            ("ossmirror up --symlinks=f", ["follow"]),
            ("ossmirror up si", ["site"]),
            ("ossmirror up --exclude x site o", ["oss://"]),
            ("ossmirror up -j 8 site o", ["oss://"]),
            ("ossmirror cp site o", ["oss://"]),
            ("ossmirror tag s", ["set"]),
            ("ossmirror setting get lifec", ["lifecycle"]),
            ("ossmirror setting set cors oss://demo si", ["site"]),
            ("ossmirror completion ", ["bash", "fish", "zsh"]),
            ("ossmirror rm oss://b/a o", ["oss://"]),
            ("ossmirror ls --credentials-file si", ["site"]),
        ] as [(String, [String])])
    func zsh(_ line: String, _ expected: [String]) async throws {
        let folder = try await generated("completion", "zsh", file: "functions/_ossmirror")
        try folder.write("site/a", "")
        // The completion system works only in the line editor, which needs a terminal.
        try folder.write(
            "setup",
            """
            fpath=($PWD/functions $fpath)
            autoload -Uz compinit && compinit -u -d $PWD/dump
            compadd() {
                local -a matches
                if (( ! ${argv[(I)-[OAD]]} )); then
                    builtin compadd -O matches "$@"
                    (( $#matches )) && print -rl -- $matches >> matches
                fi
                builtin compadd "$@"
            }
            complete-line() {
                BUFFER=$LINE CURSOR=$#LINE
                zle complete-word
                : > finished
                exit
            }
            zle -N complete-line
            zle -N zle-line-init complete-line
            """)
        var program = Program(at: try #require(Self.path(of: "zsh")))
        program.directory = folder.url
        program.environment = ["TERM": "dumb", "LINE": line]
        let outcome = try await program.run([
            "-f", "-c",
            """
            zmodload zsh/zpty || exit 1
            zpty terminal zsh -f -i
            zpty -w terminal '. ./setup'
            while zpty -r terminal output; do print -rn -- $output; done
            [[ -e finished ]]
            """,
        ])
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome)")
        let matches = (try? folder.text("matches")).map { $0.split(separator: "\n").map(String.init) } ?? []
        #expect(Set(matches).sorted() == expected, "\(outcome)")
    }

    @Test(
        "fish completes commands, options, values, files and addresses",
        .enabled(if: path(of: "fish") != nil),
        arguments: [
            ("ossmirror ver", ["versions"]),
            ("ossmirror help pres", ["presign"]),
            ("ossmirror up --sym", ["--symlink-objects", "--symlinks"]),
            ("ossmirror up --symlinks ", ["follow", "skip"]),
            ("ossmirror up --symlinks=f", ["--symlinks=follow"]),
            ("ossmirror up si", ["site/"]),
            ("ossmirror up --exclude x site o", ["oss://"]),
            ("ossmirror up -j 8 site o", ["oss://"]),
            ("ossmirror up ls --ver", ["--verbose"]),
            ("ossmirror tag s", ["set"]),
            ("ossmirror setting get lifec", ["lifecycle"]),
            ("ossmirror setting set cors oss://demo si", ["site/"]),
            ("ossmirror completion ", ["bash", "fish", "zsh"]),
            ("ossmirror rm oss://b/a o", ["oss://"]),
            ("ossmirror ls --credentials-file si", ["site/"]),
        ] as [(String, [String])])
    func fish(_ line: String, _ expected: [String]) async throws {
        let folder = try await generated("completion", "fish", file: "script")
        try folder.write("site/a", "")
        var program = Program(at: try #require(Self.path(of: "fish")))
        program.directory = folder.url
        program.environment = ["LINE": line]
        let outcome = try await program.run(["--no-config", "-c", "source script; complete -C $LINE"])
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome)")
        // A description follows a tab.
        #expect(outcome.lines.map { String($0.prefix { $0 != "\t" }) }.sorted() == expected, "\(outcome)")
    }

    @Test("The manual page describes every command, option and example, and groff formats it without warnings")
    func manual() async throws {
        let folder = try await generated("man", file: "ossmirror.1")
        let source = try folder.text("ossmirror.1")
        #expect(source.hasPrefix(".TH OSSMIRROR 1"))
        guard let groff = Self.path(of: "groff") else { return }
        let outcome = try await Program(at: groff).run(["-man", "-Tutf8", "-ww", "-P-c", folder["ossmirror.1"]])
        // Bold type and hyphenation would hide words.
        let plain = outcome.text.replacing(/.\u{8}/, with: "").replacing("\u{2010}\n", with: "")
        let words = plain.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome.diagnostics)")
        for command in CommandTable.commands {
            #expect(words.contains("ossmirror \(command.verb.rawValue)"), "\(command.verb)")
            for option in command.allOptions { #expect(words.contains(option.usage), "\(option.usage)") }
            for example in command.examples { #expect(words.contains(example.line), "\(example.line)") }
        }
    }
}
