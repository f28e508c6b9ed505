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
    /// passed over. Blanks around a pattern are no part of it; `\ ` is one that is. A line has at most 64 KiB, and all of them
    /// together at most 4 MiB.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that names the line and what is wrong with it.
    ///   Then no rule was added.
    public mutating func add(rulesFrom text: String) throws(OSSError) {
        var lines = RuleLines()
        // By bytes: as a character, a line's end in the manner of Windows is not a line feed.
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            try lines.add(line.count > LineReader.usualLength ? .tooLong(beginning: Array(line)) : .whole(Array(line)))
        }
        rules += lines.rules
    }

    /// Adds the rules of a filter file, which is read line by line, as ``add(rulesFrom:)`` does.
    ///
    /// - Parameter path: The file. It may be a pipe, whose writer is waited for until the task is cancelled.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` when it cannot be read, and
    ///   ``OSSError/Code/invalidArgument`` that names the file, the line and what is wrong with it. Then no rule was added.
    public mutating func add(rulesFromFile path: String) throws(OSSError) {
        var lines = RuleLines()
        do {
            var reader = try LineReader(path: path)
            while let line = try reader.next() { try lines.add(line) }
        } catch let error as OSSError {
            throw OSSError(error.code, "\(path): \(error.message)")
        } catch {
            throw OSSError(.fileSystem, "the filter rules cannot be read: \(error)", underlying: error)
        }
        rules += lines.rules
    }
}

/// The rules of a text that comes line by line.
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
                throw OSSError(.invalidArgument, "more than 4 MiB of rules are not accepted; use fewer patterns")
            }
            if let rule = try Self.rule(text.unicodeScalars[...]) { rules.append(rule) }
        } catch {
            throw OSSError(error.code, "line \(number) of the filter rules: \(error.message)")
        }
    }

    private func text(of line: LineReader.Line) throws(OSSError) -> String {
        switch line {
        case .whole(let bytes):
            // Some editors begin every file with a byte order mark.
            let hasMark = number == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
            if let text = String(validating: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self) { return text }
            throw OSSError(.invalidArgument, "'\(String(decoding: bytes, as: UTF8.self).excerpt)' is not UTF-8")
        case .tooLong(let beginning):
            throw OSSError(
                .invalidArgument,
                "'\(String(decoding: beginning.prefix(1024), as: UTF8.self).excerpt)' is longer than 64 KiB; a rule is a line"
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
                "'\(String(line).excerpt)' is no rule; write '+ PATTERN', '- PATTERN' or '# COMMENT'")
        }
        return TransferFilter.Rule(sign == "+" ? .include : .exclude, try PathPattern(pattern(in: rest)))
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
