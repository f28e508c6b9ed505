import Foundation

/// A filter that selects the files of a transfer by path, size and modification time, or with a closure.
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
/// A rule includes or excludes the files that its pattern matches. **The last matching rule wins**, so put general
/// rules first and exceptions after them. A file that no rule matches is included, unless the first rule is an include
/// rule: rules that start with `include("*.jpg")` mean "only these".
///
/// A rule that matches a folder applies to everything in it, at any depth. A folder is not read if nothing in it can be
/// included.
///
/// ## Patterns
///
/// A pattern is compared with the path relative to the local folder, or with the key after the prefix. Case matters.
///
/// | Pattern | Matches |
/// | --- | --- |
/// | `name` | a file or folder with that name, at any depth |
/// | `/name` | a file or folder with that name in the root |
/// | `a/name` | the same as `/a/name`: a `/` that is not at the end anchors a pattern to the root |
/// | `name/` | only a folder |
/// | `*` | any number of characters except `/` |
/// | `**` | any number of characters including `/` |
/// | `**/name` | `name` at any depth; `a/**/b` matches `a/b`, `a/x/b` and `a/x/y/b` |
/// | `a/**` | everything in the folder `a` |
/// | `?` | one character (a Unicode scalar) except `/` |
/// | `[a-z]` | one of these characters, but not `/` |
/// | `[!a-z]`, `[^a-z]` | one character other than these and `/` |
/// | `{a,b}` | either alternative: `*.{jpg,png}` is equivalent to the two patterns `*.jpg` and `*.png` |
/// | `\` | the next character literally: `\*` is an asterisk |
///
/// ## Other conditions
///
/// A file that the rules include must also be within the bounds and satisfy ``predicate``. These conditions apply to
/// the source of the transfer: the local file of an upload, or the object of a download.
public struct TransferFilter: Sendable {
    /// A rule that includes or excludes the files that a pattern matches.
    public struct Rule: Sendable, Hashable {
        /// The effect of a rule on files.
        public enum Effect: String, Sendable, Hashable, CaseIterable {
            /// Include the files.
            case include
            /// Exclude the files.
            case exclude
        }

        /// Effect on the files that the pattern matches.
        public var effect: Effect
        /// Pattern that selects the files.
        public var pattern: PathPattern

        /// Creates a rule.
        public init(_ effect: Effect, _ pattern: PathPattern) {
            self.effect = effect
            self.pattern = pattern
        }
    }

    /// Rules in order of increasing precedence. Default: no rules, in which case every file is included.
    public var rules: [Rule] = []
    /// Minimum file size, in bytes. Default: no limit.
    public var minimumSize: Int64?
    /// Maximum file size, in bytes. Default: no limit.
    public var maximumSize: Int64?
    /// Earliest modification time of a file to include. Files with an unknown time are included. Default: no limit.
    public var modifiedAfter: Date?
    /// Time before which a file must have been modified to be included. Files with an unknown time are included.
    /// Default: no limit.
    ///
    /// This bound is exclusive and ``modifiedAfter`` is inclusive, so consecutive intervals neither overlap nor leave a
    /// gap.
    public var modifiedBefore: Date?
    /// A closure that returns whether to include a file. Default: `nil`.
    ///
    /// The closure may be called from several threads at once. It is called once for each file that all other
    /// conditions include.
    public var predicate: (@Sendable (TransferCandidate) -> Bool)?

    /// Creates a filter that includes every file.
    public init() {}

    /// Appends a rule that includes the files that a pattern matches.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the pattern is invalid.
    public mutating func include(_ pattern: String) throws(OSSError) {
        rules.append(Rule(.include, try PathPattern(pattern)))
    }

    /// Appends a rule that excludes the files that a pattern matches.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the pattern is invalid.
    public mutating func exclude(_ pattern: String) throws(OSSError) {
        rules.append(Rule(.exclude, try PathPattern(pattern)))
    }
}

extension TransferFilter.Rule: CustomStringConvertible {
    /// The rule as a line of a filter file, such as `- *.tmp`.
    public var description: String { (effect == .include ? "+ " : "- ") + pattern.text }
}

/// A file passed to ``TransferFilter/predicate``.
public struct TransferCandidate: Sendable, Hashable {
    /// Path relative to the root of the transfer, with `/` between names.
    public var path: String
    /// Size of the file, in bytes.
    public var size: Int64
    /// Modification time of a local file, or `LastModified` of an object; `nil` if unknown.
    public var modified: Date?

    /// Creates a candidate with a path, size and modification time.
    public init(path: String, size: Int64, modified: Date? = nil) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}
