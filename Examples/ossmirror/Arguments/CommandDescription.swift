/// An entry of ``CommandTable``: the arguments, options and help of a command.
struct CommandDescription: Sendable {
    let verb: Verb
    /// One line without a period, which starts with a verb in lower case.
    let summary: String
    let operands: [Operand]
    /// The options of the command alone; see ``allOptions``.
    let options: [Option]
    let examples: [Example]
    /// Paragraphs that the help text shows after the options.
    let notes: [String]
    /// Names of the same command in other tools, for which this command is suggested.
    let synonyms: [String]
    /// Whether the command sends requests and therefore accepts the options of a connection.
    let connects: Bool
    /// Interprets the arguments of the command.
    let make: @Sendable (ScannedArguments) throws(UsageError) -> any Command

    init(
        _ verb: Verb, _ summary: String, _ operands: [Operand], options: [[Option]] = [], examples: [Example],
        notes: [String] = [], synonyms: [String] = [], connects: Bool = true,
        make: @escaping @Sendable (ScannedArguments) throws(UsageError) -> any Command
    ) {
        (self.verb, self.summary, self.operands) = (verb, summary, operands)
        self.options = options.flatMap { $0 }
        (self.examples, self.notes, self.synonyms) = (examples, notes, synonyms)
        (self.connects, self.make) = (connects, make)
    }

    var allOptions: [Option] { options + (connects ? Option.connection : []) }

    func option(named name: String) -> Option? { allOptions.first { $0.has(name) } }

    /// The command line, such as `ossmirror up LOCAL oss://BUCKET/PREFIX`.
    var synopsis: String {
        (["ossmirror", verb.rawValue] + operands.map(\.synopsis)).joined(separator: " ")
    }

    /// Returns the operand that each of `count` arguments stands for, or throws an error if the number is wrong.
    func operands(forArguments count: Int) throws(UsageError) -> [Operand] {
        let required = operands.filter { !$0.isOptional }
        guard count >= required.count else { throw UsageError("too few arguments; usage: \(synopsis)") }
        var kinds = count < operands.count ? required : operands
        if let repeated = kinds.firstIndex(where: \.repeats), count > kinds.count {
            kinds.insert(contentsOf: Array(repeating: kinds[repeated], count: count - kinds.count), at: repeated)
        }
        guard kinds.count == count else { throw UsageError("too many arguments; usage: \(synopsis)") }
        return kinds
    }
}

/// A command line shown in a help text, without `ossmirror`, and a sentence about it.
struct Example: Sendable {
    let line: String
    let text: String

    init(_ line: String, _ text: String) {
        (self.line, self.text) = (line, text)
    }
}

/// An argument of a command that is not an option.
struct Operand: Sendable {
    /// A kind of argument, which determines the arguments that the parser accepts and a shell completes.
    enum Kind: Equatable, Sendable {
        /// A local path.
        case path
        /// The address of an object.
        case object
        /// The address of a bucket or a prefix.
        case prefix
        /// The address of a bucket, without a key.
        case bucket
        /// `oss://`, or the address of a bucket or a prefix.
        case service
        /// A local path, the address of a bucket, a prefix or an object, or `-`.
        case any
        /// The name of a command.
        case command
        /// One of several words.
        case word([String])
        case text
    }

    let kind: Kind
    /// The name of the argument in the help text.
    let placeholder: String
    let isOptional: Bool
    let repeats: Bool

    init(_ kind: Kind, _ placeholder: String, isOptional: Bool = false, repeats: Bool = false) {
        (self.kind, self.placeholder, self.isOptional, self.repeats) = (kind, placeholder, isOptional, repeats)
    }

    static let path = Operand(.path, "LOCAL")
    static let object = Operand(.object, "oss://BUCKET/KEY")
    static let prefix = Operand(.prefix, "oss://BUCKET/PREFIX")
    static let bucket = Operand(.bucket, "oss://BUCKET")

    /// Returns an operand that is one of the words of an enumeration.
    static func word<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Operand where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue)
        return Operand(.word(words), words.joined(separator: "|"))
    }

    var synopsis: String {
        let name = placeholder + (repeats ? "…" : "")
        return isOptional ? "[\(name)]" : name
    }
}

/// A command whose arguments have been interpreted.
protocol Command: Sendable {
    /// Whether the JSON output of the command itself includes the error that ends it. Default: `false`, in which case
    /// the program prints the error as a ``JSONFailure`` if `--json` is given.
    var reportsItsErrors: Bool { get }

    /// Runs the command and returns the exit status.
    func run() async throws -> Int32
}

extension Command {
    var reportsItsErrors: Bool { false }
}
