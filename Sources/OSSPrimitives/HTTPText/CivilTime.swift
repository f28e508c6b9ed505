import Foundation

/// A UTC date and time in the proleptic Gregorian calendar, in whole seconds.
///
/// Foundation's formatters take more than ten times as long, and every signed request and every listed object needs a
/// date.
struct CivilTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    /// The range of dates with four-digit years, in seconds since 1970. Dates outside this range are clamped.
    private static let representable = -62_167_219_200.0...253_402_300_799.0

    /// Creates a value from a date, rounded down to a whole second.
    init(_ date: Date) {
        let seconds = date.timeIntervalSince1970
        let bounded =
            seconds.isNaN ? 0 : min(max(seconds, Self.representable.lowerBound), Self.representable.upperBound)
        let whole = Int(bounded.rounded(.down))
        let (days, rest) = Self.floorDivide(whole, 86400)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60

        // Years start in March here, so the leap day is the last day. An era has 400 years.
        let (era, dayOfEra) = Self.floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Creates a value from its components, or returns `nil` if there is no such date or time. A leap second is treated
    /// as the following second.
    init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second),
            day >= 1, day <= Self.dayCount(month: month, year: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    var secondsSince1970: Int {
        86400 * daysSince1970 + 3600 * hour + 60 * minute + second
    }

    var date: Date {
        Date(timeIntervalSince1970: Double(secondsSince1970))
    }

    /// The day of the week; 0 is Sunday.
    var weekday: Int {
        Self.floorDivide(daysSince1970 + 4, 7).remainder
    }

    private var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = Self.floorDivide(shiftedYear, 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return 146_097 * era + 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func dayCount(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivide(_ dividend: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// A scanner for the fields of a date in ASCII text. A method that reads a value returns `nil` if the text does not
/// match.
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

    /// Skips the given character if it comes next, and returns whether it did.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Reads a number with exactly `count` digits, or returns `nil` if there are fewer digits.
    mutating func number(digits count: Int) -> Int? {
        guard text.count - position >= count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = 10 * value + digit
        }
        return value
    }

    /// Reads a time in the form `hh:mm:ss` or `hhmmss`, or returns `nil` if the text has another form.
    mutating func timeOfDay(separated: Bool) -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = number(digits: 2), !separated || skip(":"),
            let minute = number(digits: 2), !separated || skip(":"),
            let second = number(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }

    /// Reads the three-letter abbreviation of one of `names` and returns the index of that name, or `nil` if no name
    /// matches. The comparison is case-sensitive.
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

/// A writer that stores the fields of a date directly in a string's memory.
struct DateWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var position = 0

    private init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    /// Creates a string from the bytes that `body` writes. `body` must write exactly `count` bytes.
    static func text(count: Int, _ body: (inout DateWriter) -> Void) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            var writer = DateWriter(buffer)
            body(&writer)
            return writer.position
        }
    }

    mutating func number(_ value: Int, digits count: Int) {
        var rest = value
        for place in (0..<count).reversed() {
            buffer[position + place] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
            rest /= 10
        }
        position += count
    }

    mutating func write(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount {
            buffer[position + offset] = text.utf8Start[offset]
        }
        position += text.utf8CodeUnitCount
    }
}
