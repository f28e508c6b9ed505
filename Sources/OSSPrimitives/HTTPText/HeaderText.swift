// Reading header values. They are ASCII; anything else matches nothing.

extension StringProtocol {
    /// The parts before and after the first `separator`.
    func dividedOnce(at separator: Character) -> (before: SubSequence, after: SubSequence)? {
        firstIndex(of: separator).map { (self[..<$0], self[index(after: $0)...]) }
    }

    /// Without the spaces and tabs at both ends.
    var trimmed: SubSequence {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var result = self[...]
        while let last = result.last, isBlank(last) { result = result.dropLast() }
        return result.drop(while: isBlank)
    }
}

extension Int64 {
    /// A plain decimal number: no sign, and not too large.
    init?(digits text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        self.init(text)
    }
}
