extension TransferFilter {
    /// Adds the rules of a filter file, one a line, after those that are there:
    ///
    /// ```
    /// # Everything that can be made again
    /// - build/
    /// - *.o
    /// + build/keep.o
    /// ```
    ///
    /// `+` includes and `-` excludes what the pattern behind it matches. Empty lines and lines that begin with `#` are
    /// passed over. Blanks around a pattern are no part of it; `\ ` is one that is.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that names the line and what is wrong with it.
    ///   Then no rule was added.
    public mutating func add(rulesFrom text: String) throws(OSSError) {
        var added: [Rule] = []
        var scalars = text.unicodeScalars[...]
        // Some editors begin every file with a byte order mark.
        if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
        // By scalars: as a character, a line's end in the manner of Windows is not a line feed.
        for (index, line) in scalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do throws(OSSError) {
                if let rule = try Self.rule(line) { added.append(rule) }
            } catch {
                throw OSSError(error.code, "line \(index + 1) of the filter rules: \(error.message)")
            }
        }
        rules += added
    }

    private static func rule(_ line: Substring.UnicodeScalarView) throws(OSSError) -> Rule? {
        let line = (line.last == "\r" ? line.dropLast() : line).drop(while: isBlank)
        guard let sign = line.first, sign != "#" else { return nil }
        let rest = line.dropFirst()
        guard sign == "+" || sign == "-", let blank = rest.first, isBlank(blank) else {
            throw OSSError(
                .invalidArgument,
                "'\(String(line).onOneLine)' is no rule; write '+ PATTERN', '- PATTERN' or '# COMMENT'")
        }
        return Rule(sign == "+" ? .include : .exclude, try PathPattern(pattern(in: rest)))
    }

    /// What is left without the blanks around it.
    private static func pattern(in text: Substring.UnicodeScalarView) -> String {
        let text = text.drop(while: isBlank)
        var end = text.startIndex
        var isEscaped = false
        for index in text.indices {
            if isEscaped || !isBlank(text[index]) { end = text.index(after: index) }
            isEscaped = !isEscaped && text[index] == "\\"
        }
        return String(text[..<end])
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}
