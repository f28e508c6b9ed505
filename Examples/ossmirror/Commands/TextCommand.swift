/// The commands `completion` and `man`, which print a text that is generated from the table of commands.
struct TextCommand: Command {
    /// Shell whose completion script is printed; `nil` for the manual page.
    let shell: Completion.Shell?

    init(_ scanned: ScannedArguments) throws(UsageError) {
        shell = scanned.operands.first.flatMap(Completion.Shell.init)
    }

    func run() async throws -> Int32 {
        let text = shell.map(Completion.script) ?? ManualPage.text(version: OSSMirror.version)
        try StandardStream.output.write(Array(text.utf8))
        return ExitStatus.success
    }
}
