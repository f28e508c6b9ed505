import Foundation

/// Which files take part in a transfer: by their path, their size, their time, or whatever a closure looks at.
///
/// ```swift
/// var filter = TransferFilter()
/// try filter.exclude("node_modules/")
/// try filter.exclude("*.{tmp,bak}")
/// try filter.include("important.bak")
/// filter.maximumSize = 1 << 30
/// ```
///
/// ## Rules
///
/// A rule includes or excludes what a pattern matches. **The last rule that matches decides**, so a general rule comes
/// first and its exceptions after it. A file that no rule matches takes part, unless the first rule is an include: rules
/// that begin with `include("*.jpg")` mean "only these".
///
/// A rule that matches a folder is a rule for everything in it, at any depth. A folder is not even entered when nothing
/// in it can take part; it is entered when a later include could match something below it.
///
/// ## Patterns
///
/// A pattern is compared with the path below the root of the transfer: below the local folder, or behind the prefix of
/// the keys. Case counts.
///
/// | Pattern | What it matches |
/// | --- | --- |
/// | `name` | a file or folder of that name, at any depth |
/// | `/name` | a file or folder of that name in the root |
/// | `a/name` | the same as `/a/name`: a `/` that is not at the end ties a pattern to the root |
/// | `name/` | only a folder |
/// | `*` | any number of characters, none of them `/` |
/// | `**` | any number of characters, `/` too |
/// | `**/name` | `name` at any depth; `a/**/b` matches `a/b`, `a/x/b` and `a/x/y/b` |
/// | `a/**` | everything in the folder `a` |
/// | `?` | one character (a Unicode scalar), but not `/` |
/// | `[a-z]` | one character of these, but not `/` |
/// | `[!a-z]`, `[^a-z]` | one character that is none of these, and not `/` |
/// | `{a,b}` | one or the other: `*.{jpg,png}` stands for the two patterns `*.jpg` and `*.png` |
/// | `\` | takes its meaning from the next character: `\*` is an asterisk |
///
/// ## The other conditions
///
/// A file that the rules let through must also lie within the bounds and satisfy ``predicate``. These look at the source
/// of the transfer: the local file of an upload, the object of a download.
public struct TransferFilter: Sendable {
    /// A pattern, and what becomes of the files that it matches.
    public struct Rule: Sendable, Hashable {
        /// What becomes of files.
        public enum Effect: String, Sendable, Hashable, CaseIterable {
            /// They take part.
            case include
            /// They are left alone.
            case exclude
        }

        /// What becomes of the files.
        public var effect: Effect
        /// The files.
        public var pattern: PathPattern

        /// Makes a rule.
        public init(_ effect: Effect, _ pattern: PathPattern) {
            self.effect = effect
            self.pattern = pattern
        }
    }

    /// The rules, of which the last one that matches a file decides. Default: none, and every file takes part.
    public var rules: [Rule] = [] {
        didSet { automaton = RuleAutomaton(rules) }
    }
    /// The rules, ready to be compared with paths.
    private(set) var automaton = RuleAutomaton([])
    /// The size in bytes of the smallest file that takes part. Default: no limit.
    public var minimumSize: Int64?
    /// The size in bytes of the largest file that takes part. Default: no limit.
    public var maximumSize: Int64?
    /// Files take part that were last changed at this time or later. A file whose time is not known does too. Default: no
    /// limit.
    public var modifiedAfter: Date?
    /// Files take part that were last changed before this time, but not at it: so the files of one week and of the next
    /// have none in common, and miss none. A file whose time is not known takes part. Default: no limit.
    public var modifiedBefore: Date?
    /// Whether a file takes part, asked of each one that everything else lets through. It is called from many threads,
    /// once a file. Default: nothing is asked.
    public var predicate: (@Sendable (TransferCandidate) -> Bool)?

    /// Makes a filter that lets everything take part.
    public init() {}

    /// Adds a rule: what the pattern matches takes part, unless a later rule says otherwise.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that says what is wrong with the pattern.
    public mutating func include(_ pattern: String) throws(OSSError) {
        rules.append(Rule(.include, try PathPattern(pattern)))
    }

    /// Adds a rule: what the pattern matches is left alone, unless a later rule says otherwise.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that says what is wrong with the pattern.
    public mutating func exclude(_ pattern: String) throws(OSSError) {
        rules.append(Rule(.exclude, try PathPattern(pattern)))
    }
}

extension TransferFilter.Rule: CustomStringConvertible {
    /// The rule as a line of a filter file: `- *.tmp`.
    public var description: String { (effect == .include ? "+ " : "- ") + pattern.text }
}

/// A file that may take part in a transfer, as ``TransferFilter/predicate`` sees it.
public struct TransferCandidate: Sendable, Hashable {
    /// The path below the root of the transfer, with `/` between its names.
    public var path: String
    /// The size in bytes.
    public var size: Int64
    /// When it was last changed: the time of a local file, or `LastModified` of an object. Nothing when that is not known.
    public var modified: Date?

    /// Makes a candidate.
    public init(path: String, size: Int64, modified: Date? = nil) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}
