/// A lexer that distinguishes code from comments and string literals.
enum SwiftLexer {
    /// Replaces comments, and unless `keepingStrings` the contents of string literals, by spaces.
    ///
    /// Code inside an interpolation is kept. A regular-expression literal also counts as code.
    static func blank(_ text: String, keepingStrings: Bool) -> String {
        var scanner = Scanner(bytes: Array(text.utf8), keepingStrings: keepingStrings)
        scanner.code(untilParenthesis: false)
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private struct Scanner {
        let bytes: [UInt8]
        let keepingStrings: Bool
        var output: [UInt8] = []
        var position = 0

        init(bytes: [UInt8], keepingStrings: Bool) {
            self.bytes = bytes
            self.keepingStrings = keepingStrings
        }

        func looking(at text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard position + count <= bytes.count else { return false }
            return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
        }

        mutating func keep(_ count: Int = 1) {
            let end = min(position + count, bytes.count)
            output += bytes[position..<end]
            position = end
        }

        mutating func drop(_ count: Int = 1) {
            let end = min(position + count, bytes.count)
            output += bytes[position..<end].map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
            position = end
        }

        mutating func code(untilParenthesis: Bool) {
            var depth = 0
            while position < bytes.count {
                let plain = plainBytes()
                if plain > 0 {
                    keep(plain)
                } else if looking(at: "//") {
                    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { drop() }
                } else if looking(at: "/*") {
                    blockComment()
                } else if let hashes = stringStart() {
                    string(hashes: hashes)
                } else {
                    if looking(at: "(") { depth += 1 }
                    if looking(at: ")") {
                        if untilParenthesis, depth == 0 { return }
                        depth -= 1
                    }
                    keep()
                }
            }
        }

        /// Returns the number of following bytes that start neither a comment nor a literal.
        func plainBytes() -> Int {
            var end = position
            while end < bytes.count {
                switch bytes[end] {
                case UInt8(ascii: "/"), UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"):
                    return end - position
                default: end += 1
                }
            }
            return end - position
        }

        mutating func blockComment() {
            var depth = 0
            repeat {
                if looking(at: "/*") {
                    depth += 1
                    drop(2)
                } else if looking(at: "*/") {
                    depth -= 1
                    drop(2)
                } else {
                    drop()
                }
            } while depth > 0 && position < bytes.count
        }

        /// Returns the number of `#` before a quotation mark at the current position, or `nil` if no string starts
        /// there.
        func stringStart() -> Int? {
            var end = position
            while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
            return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - position : nil
        }

        mutating func string(hashes: Int) {
            keep(hashes)
            let quotes = looking(at: "\"\"\"") ? 3 : 1
            keep(quotes)
            while position < bytes.count {
                if repeats(UInt8(ascii: "\""), quotes, then: hashes) {
                    return keep(quotes + hashes)
                } else if looking(at: "\\"), repeats(UInt8(ascii: "\\"), 1, then: hashes) {
                    let isInterpolation =
                        position + 1 + hashes < bytes.count
                        && bytes[position + 1 + hashes] == UInt8(ascii: "(")
                    if isInterpolation {
                        keep(hashes + 2)
                        code(untilParenthesis: true)
                        keep()
                    } else {
                        content(hashes + 2)
                    }
                } else {
                    content(1)
                }
            }
        }

        mutating func content(_ count: Int) {
            if keepingStrings { keep(count) } else { drop(count) }
        }

        /// Returns whether `count` bytes `byte` followed by `hashes` number signs are at the current position.
        func repeats(_ byte: UInt8, _ count: Int, then hashes: Int) -> Bool {
            guard position + count + hashes <= bytes.count else { return false }
            return bytes[position..<position + count].allSatisfy { $0 == byte }
                && bytes[position + count..<position + count + hashes].allSatisfy { $0 == UInt8(ascii: "#") }
        }
    }
}
