import Foundation

/// A point in time as the proleptic Gregorian calendar writes it in UTC, to the second.
///
/// The formatters cost more than ten times as much, and every signed request and every listed object needs a date.
struct CivilTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    /// The years that four digits can write: dates outside are moved to the nearest end.
    private static let representable = -62_167_219_200.0...253_402_300_799.0

    /// The second that `date` lies in.
    init(_ date: Date) {
        let seconds = date.timeIntervalSince1970
        let bounded =
            seconds.isNaN ? 0 : min(max(seconds, Self.representable.lowerBound), Self.representable.upperBound)
        let whole = Int(bounded.rounded(.down))
        let (days, rest) = Self.floorDivide(whole, 86400)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60

        // Years begin in March here, which puts the leap day at the end; an era is 400 years.
        let (era, dayOfEra) = Self.floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Nil for a date that the calendar does not have. A leap second is the second after it.
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

    /// 0 is Sunday.
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
