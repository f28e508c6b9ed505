import Foundation

/// The ISO 8601 date formats that the service uses. Dates are formatted with one-second precision. Years outside 0 to
/// 9999 are clamped.
package enum ISO8601 {
    /// Formats a date as `20221228T102741Z`, for V4 signatures.
    package static func basic(_ date: Date) -> String {
        let time = CivilTime(date)
        return DateWriter.text(count: 16) { writer in
            writer.number(time.year, digits: 4)
            writer.number(time.month, digits: 2)
            writer.number(time.day, digits: 2)
            writer.write("T")
            writer.number(time.hour, digits: 2)
            writer.number(time.minute, digits: 2)
            writer.number(time.second, digits: 2)
            writer.write("Z")
        }
    }

    /// Formats a date as `2012-02-24T08:43:07.000Z`, for XML. The milliseconds are always 000, as in dates from the
    /// service.
    package static func extended(_ date: Date) -> String {
        let time = CivilTime(date)
        return DateWriter.text(count: 24) { writer in
            writer.number(time.year, digits: 4)
            writer.write("-")
            writer.number(time.month, digits: 2)
            writer.write("-")
            writer.number(time.day, digits: 2)
            writer.write("T")
            writer.number(time.hour, digits: 2)
            writer.write(":")
            writer.number(time.minute, digits: 2)
            writer.write(":")
            writer.number(time.second, digits: 2)
            writer.write(".000Z")
        }
    }

    /// Parses a date in the basic or the extended format, or returns `nil` for any other text. The seconds can have a
    /// fraction of one to nine digits, and the time is in UTC (`Z`) or has an offset (`+08:00`).
    package static func date(from text: String) -> Date? {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = DateScanner(bytes)
            return read(&scanner)
        }
    }

    private static func read(_ scanner: inout DateScanner) -> Date? {
        guard let year = scanner.number(digits: 4) else { return nil }
        let separated = scanner.skip("-")
        guard let month = scanner.number(digits: 2), !separated || scanner.skip("-"),
            let day = scanner.number(digits: 2), scanner.skip("T"),
            let (hour, minute, second) = scanner.timeOfDay(separated: separated),
            let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second),
            let fraction = scanner.skip(".") ? fraction(&scanner) : 0,
            let offset = offset(&scanner), scanner.isAtEnd
        else { return nil }
        return Date(timeIntervalSince1970: Double(time.secondsSince1970 - offset) + fraction)
    }

    private static func fraction(_ scanner: inout DateScanner) -> Double? {
        var value = 0
        var scale = 1
        while let digit = scanner.digit() {
            guard scale < 1_000_000_000 else { return nil }
            value = 10 * value + digit
            scale *= 10
        }
        return scale > 1 ? Double(value) / Double(scale) : nil
    }

    /// Reads a UTC offset and returns it in seconds (positive east of Greenwich), or returns `nil` if there is none.
    private static func offset(_ scanner: inout DateScanner) -> Int? {
        if scanner.skip("Z") { return 0 }
        let isWest = scanner.skip("-")
        guard isWest || scanner.skip("+"), let hours = scanner.number(digits: 2), hours <= 23 else { return nil }
        _ = scanner.skip(":")
        guard let minutes = scanner.number(digits: 2), minutes <= 59 else { return nil }
        return (isWest ? -60 : 60) * (60 * hours + minutes)
    }
}
