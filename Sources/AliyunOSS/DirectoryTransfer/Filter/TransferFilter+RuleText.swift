extension TransferFilter {
    /// Appends the rules in the text of a filter file.
    ///
    /// The text contains one rule per line:
    ///
    /// ```text
    /// # Everything that can be built again
    /// - build/
    /// - *.o
    /// + build/keep.o
    /// ```
    ///
    /// `+` includes and `-` excludes the files that the pattern matches. Empty lines and lines that start with `#` are
    /// ignored. Spaces and tabs around a pattern are removed; write `\ ` for a space at the start or end of a pattern.
    /// A line can be at most 64 KiB long, and all lines together at most 4 MiB.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` and the number of the invalid line, in which
    ///   case no rule is added.
    public mutating func add(rulesFrom text: String) throws(OSSError) {
        var lines = RuleLines()
        // The text is split by bytes: CR LF is a single character in Swift.
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            try lines.add(line.count > LineReader.usualLength ? .tooLong(beginning: Array(line)) : .whole(Array(line)))
        }
        rules += lines.rules
    }

    /// Appends the rules in a filter file; see ``add(rulesFrom:)`` for the format.
    ///
    /// - Parameter path: Path of the file, which may be a pipe. If it is a pipe, the call waits for the writer until
    ///   the task is cancelled.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the file cannot be read, or
    ///   ``OSSError/Code/invalidArgument`` with the path and the number of the invalid line. In either case, no rule is
    ///   added.
    public mutating func add(rulesFromFile path: String) throws(OSSError) {
        var lines = RuleLines()
        do {
            var reader = try LineReader(path: path)
            while let line = try reader.next() { try lines.add(line) }
        } catch let error as OSSError {
            throw OSSError(error.code, "\(path): \(error.message)")
        } catch {
            throw OSSError(.fileSystem, "cannot read the filter rules: \(error)", underlying: error)
        }
        rules += lines.rules
    }
}

/// The rules parsed from the lines of a filter file.
private struct RuleLines {
    private static let maximumSize = 4 << 20

    private(set) var rules: [TransferFilter.Rule] = []
    private var number = 0
    private var size = 0

    mutating func add(_ line: LineReader.Line) throws(OSSError) {
        number += 1
        do throws(OSSError) {
            let text = try text(of: line)
            size += text.utf8.count + 1
            guard size <= Self.maximumSize else {
                throw OSSError(.invalidArgument, "the rules are longer than 4 MiB; use fewer patterns")
            }
            if let rule = try Self.rule(text.unicodeScalars[...]) { rules.append(rule) }
        } catch {
            throw OSSError(error.code, "line \(number) of the filter rules: \(error.message)")
        }
    }

    private func text(of line: LineReader.Line) throws(OSSError) -> String {
        switch line {
        case .whole(let bytes):
            // Some editors start every file with a byte order mark.
            let hasMark = number == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
            if let text = String(validating: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self) { return text }
            throw OSSError(.invalidArgument, "'\(String(decoding: bytes, as: UTF8.self).excerpt)' is not valid UTF-8")
        case .tooLong(let beginning):
            throw OSSError(
                .invalidArgument,
                "'\(String(decoding: beginning.prefix(1024), as: UTF8.self).excerpt)' is longer than 64 KiB; write one rule per line"
            )
        }
    }

    private static func rule(_ line: Substring.UnicodeScalarView) throws(OSSError) -> TransferFilter.Rule? {
        let line = (line.last == "\r" ? line.dropLast() : line).drop(while: isBlank)
        guard let sign = line.first, sign != "#" else { return nil }
        let rest = line.dropFirst()
        guard sign == "+" || sign == "-", let blank = rest.first, isBlank(blank) else {
            throw OSSError(
                .invalidArgument,
                "'\(String(line).excerpt)' is not a rule; write '+ PATTERN', '- PATTERN' or '# COMMENT'")
        }
        return TransferFilter.Rule(sign == "+" ? .include : .exclude, try PathPattern(pattern(in: rest)))
    }

    /// Returns the text without leading spaces and tabs, and without unescaped trailing ones.
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
