import Foundation

/// The date format of HTTP headers, such as `Wed, 28 Dec 2022 10:27:41 GMT`, with one-second precision. Years outside 0
/// to 9999 are clamped.
package enum HTTPDate {
    package static func string(from date: Date) -> String {
        let time = CivilTime(date)
        return DateWriter.text(count: 29) { writer in
            writer.write(weekdays[time.weekday])
            writer.write(", ")
            writer.number(time.day, digits: 2)
            writer.write(" ")
            writer.write(months[time.month - 1])
            writer.write(" ")
            writer.number(time.year, digits: 4)
            writer.write(" ")
            writer.number(time.hour, digits: 2)
            writer.write(":")
            writer.number(time.minute, digits: 2)
            writer.write(":")
            writer.number(time.second, digits: 2)
            writer.write(" GMT")
        }
    }

    /// Parses a date in any of the three formats of RFC 9110, or returns `nil` for any other text. The formats are the
    /// one described for this type, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov 6 08:49:37 1994`. The day of the week
    /// is not compared with the date.
    package static func date(from text: String) -> Date? {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = DateScanner(bytes)
            guard scanner.name(of: weekdays) != nil else { return nil }
            let time = scanner.skip(" ") ? asctime(&scanner) : withComma(&scanner)
            return scanner.isAtEnd ? time?.date : nil
        }
    }

    private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func withComma(_ scanner: inout DateScanner) -> CivilTime? {
        scanner.skipLetters()
        guard scanner.skip(","), scanner.skip(" "), let day = scanner.number(digits: 2) else { return nil }
        let isRFC850 = scanner.skip("-")
        guard isRFC850 || scanner.skip(" "), let month = scanner.name(of: months),
            isRFC850 ? scanner.skip("-") : scanner.skip(" "),
            let year = isRFC850 ? shortYear(&scanner) : scanner.number(digits: 4), scanner.skip(" "),
            let (hour, minute, second) = scanner.timeOfDay(separated: true),
            scanner.skip(" "), scanner.skip("G"), scanner.skip("M"), scanner.skip("T")
        else { return nil }
        return CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    private static func asctime(_ scanner: inout DateScanner) -> CivilTime? {
        guard let month = scanner.name(of: months), scanner.skip(" "),
            let day = scanner.skip(" ") ? scanner.digit() : scanner.number(digits: 2), scanner.skip(" "),
            let (hour, minute, second) = scanner.timeOfDay(separated: true), scanner.skip(" "),
            let year = scanner.number(digits: 4)
        else { return nil }
        return CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    /// Reads a two-digit year, or returns `nil` if there is none. The year is at most 50 years in the future (RFC 9110,
    /// section 5.6.7).
    private static func shortYear(_ scanner: inout DateScanner) -> Int? {
        guard let digits = scanner.number(digits: 2) else { return nil }
        let latest = CivilTime(Date()).year + 50
        let year = latest - latest % 100 + digits
        return year > latest ? year - 100 : year
    }
}
