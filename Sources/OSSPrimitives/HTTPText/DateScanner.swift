/// Reads the fields of a date off ASCII text, from left to right. Every step gives nil when the text is not that.
struct DateScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    var isAtEnd: Bool {
        position == text.count
    }

    var next: UInt8? {
        position < text.count ? text[position] : nil
    }

    /// Takes `character` if it is next.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// A number of exactly so many digits.
    mutating func number(digits count: Int) -> Int? {
        guard text.count - position >= count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = 10 * value + digit
        }
        return value
    }

    /// `hh:mm:ss`, or `hhmmss` without separators.
    mutating func timeOfDay(separated: Bool) -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = number(digits: 2), !separated || skip(":"),
            let minute = number(digits: 2), !separated || skip(":"),
            let second = number(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }

    /// The index of the one of `names` that comes next, by its first three letters in this exact case.
    mutating func name(of names: [StaticString]) -> Int? {
        guard text.count - position >= 3 else { return nil }
        let index = names.firstIndex { name in
            (0..<3).allSatisfy { text[position + $0] == name.utf8Start[$0] }
        }
        if index != nil { position += 3 }
        return index
    }

    mutating func digit() -> Int? {
        guard let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        position += 1
        return Int(byte - UInt8(ascii: "0"))
    }

    mutating func skipLetters() {
        while let byte = next, UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte { position += 1 }
    }
}
