import Foundation

/// A filter that selects the files of a transfer by path, size, time or a closure.
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
/// rules first and exceptions after them. A file that no rule matches is included, unless the first rule is an include:
/// rules that start with `include("*.jpg")` mean "only these".
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
/// A file that the rules include must also lie within the bounds and satisfy ``predicate``. These conditions apply to
/// the source of the transfer: the local file of an upload, or the object of a download.
public struct TransferFilter: Sendable {
    /// A pattern and the effect on the files that it matches.
    public struct Rule: Sendable, Hashable {
        /// An effect on files.
        public enum Effect: String, Sendable, Hashable, CaseIterable {
            /// Include the files.
            case include
            /// Exclude the files.
            case exclude
        }

        /// Effect on the files.
        public var effect: Effect
        /// Pattern of the files.
        public var pattern: PathPattern

        /// Creates a rule.
        public init(_ effect: Effect, _ pattern: PathPattern) {
            self.effect = effect
            self.pattern = pattern
        }
    }

    /// Rules in order of increasing precedence. Default: none, so that every file is included.
    public var rules: [Rule] = []
    /// Minimum size in bytes. Default: no limit.
    public var minimumSize: Int64?
    /// Maximum size in bytes. Default: no limit.
    public var maximumSize: Int64?
    /// Earliest time of the last change, inclusive. Files with an unknown time are included. Default: no limit.
    public var modifiedAfter: Date?
    /// Latest time of the last change, exclusive, so that consecutive intervals share no file and miss none. Files with
    /// an unknown time are included. Default: no limit.
    public var modifiedBefore: Date?
    /// A closure that returns whether to include a file. It is called from many threads, once for each file that all
    /// other conditions include. Default: `nil`.
    public var predicate: (@Sendable (TransferCandidate) -> Bool)?

    /// Creates a filter that includes every file.
    public init() {}

    /// Appends a rule that includes the files matching a pattern.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the pattern is invalid.
    public mutating func include(_ pattern: String) throws(OSSError) {
        rules.append(Rule(.include, try PathPattern(pattern)))
    }

    /// Appends a rule that excludes the files matching a pattern.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the pattern is invalid.
    public mutating func exclude(_ pattern: String) throws(OSSError) {
        rules.append(Rule(.exclude, try PathPattern(pattern)))
    }
}

extension TransferFilter.Rule: CustomStringConvertible {
    /// The rule as a line of a filter file: `- *.tmp`.
    public var description: String { (effect == .include ? "+ " : "- ") + pattern.text }
}

/// A file passed to ``TransferFilter/predicate``.
public struct TransferCandidate: Sendable, Hashable {
    /// Path relative to the root of the transfer, with `/` between names.
    public var path: String
    /// Size in bytes.
    public var size: Int64
    /// Time of the last change of a local file, or `LastModified` of an object; `nil` if unknown.
    public var modified: Date?

    /// Creates a candidate.
    public init(path: String, size: Int64, modified: Date? = nil) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}
