/// A pattern for paths: `*.jpg`, `/build/`, `photos/**/[0-9]*.{jpg,png}`. ``TransferFilter`` says what it may consist of.
public struct PathPattern: Sendable {
    /// The pattern as it was given.
    public let text: String
    /// The patterns without braces that it stands for.
    let alternatives: [PatternAlternative]

    /// Makes a pattern and checks it.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that names the pattern and what is wrong with it.
    public init(_ text: String) throws(OSSError) {
        self.text = text
        do throws(PatternProblem) {
            var alternatives: [PatternAlternative] = []
            for elements in try PatternParser.alternatives(in: text) {
                alternatives.append(try PatternAlternative(elements))
            }
            self.alternatives = alternatives
        } catch {
            throw OSSError(.invalidArgument, "the pattern '\(text.excerpt)' \(error.text)")
        }
    }
}

extension PathPattern: Hashable, CustomStringConvertible {
    /// Whether two patterns have the same bytes. (As strings, the two spellings of `é` would be one.)
    public static func == (left: PathPattern, right: PathPattern) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes of the pattern.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    /// The pattern as it was given.
    public var description: String { text }
}
