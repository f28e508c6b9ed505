import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("HTTP dates")
struct HTTPDateTests {
    @Test(
        "Published dates are parsed and formatted",
        arguments: [
            (784_111_777.0, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_672_223_261, "Wed, 28 Dec 2022 10:27:41 GMT"),
            (1_795_334_400, "Sun, 22 Nov 2026 08:00:00 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (-2_203_891_200, "Thu, 01 Mar 1900 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ])
    func published(seconds: Double, text: String) {
        #expect(HTTPDate.string(from: Date(timeIntervalSince1970: seconds)) == text)
        #expect(HTTPDate.date(from: text) == Date(timeIntervalSince1970: seconds))
    }

    @Test("The three date formats of RFC 9110 are parsed to the same time")
    func forms() {
        let moment = Date(timeIntervalSince1970: 784_111_777)
        #expect(HTTPDate.date(from: "Sun, 06 Nov 1994 08:49:37 GMT") == moment)
        #expect(HTTPDate.date(from: "Sunday, 06-Nov-94 08:49:37 GMT") == moment)
        #expect(HTTPDate.date(from: "Sun Nov  6 08:49:37 1994") == moment)
        #expect(HTTPDate.date(from: "Tue Nov 16 08:49:37 1993") == Date(timeIntervalSince1970: 753_439_777))
    }

    @Test("A two-digit year is never more than 50 years in the future")
    func shortYears() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let now = calendar.component(.year, from: Date())
        for year in (now - 49)...(now + 50) {
            let digits = String(year % 100 + 100).dropFirst()
            let date = try #require(HTTPDate.date(from: "Monday, 01-Mar-\(digits) 00:00:00 GMT"))
            #expect(calendar.component(.year, from: date) == year)
        }
    }

    @Test("Dates equal those of Foundation's formatter over a wide range")
    func formatter() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        // Foundation uses the Julian calendar before 1582, but the protocol does not.
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        var random = SeededRandom(seed: 5)
        for _ in 0..<2000 {
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: -12_000_000_000...253_402_300_799, using: &random)))
            let text = HTTPDate.string(from: date)
            #expect(text == formatter.string(from: date))
            #expect(HTTPDate.date(from: text) == date)
        }
    }

    @Test("Every day of 800 years follows the previous one")
    func everyDay() {
        var lengths: [String: Int] = [:]
        for day in -200_000..<92_194 {
            let text = HTTPDate.string(from: Date(timeIntervalSince1970: Double(day) * 86400 + 0.5))
            lengths[String(text.dropFirst(8).prefix(8)), default: 0] += 1
        }
        #expect(lengths["Feb 1600"] == 29)
        #expect(lengths["Feb 1700"] == 28)
        #expect(lengths["Feb 1900"] == 28)
        #expect(lengths["Feb 2000"] == 29)
        #expect(lengths["Feb 2024"] == 29)
        #expect(lengths["Feb 2100"] == 28)
        #expect(lengths["Dec 1969"] == 31)
    }

    @Test("A fraction of a second is dropped, even before 1970")
    func fractions() {
        #expect(HTTPDate.string(from: Date(timeIntervalSince1970: 0.999)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.string(from: Date(timeIntervalSince1970: -0.001)) == "Wed, 31 Dec 1969 23:59:59 GMT")
    }

    @Test("Dates outside four-digit years become the nearest valid date")
    func extremes() {
        #expect(HTTPDate.string(from: .init(timeIntervalSince1970: .infinity)) == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate.string(from: .init(timeIntervalSince1970: 1e300)) == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate.string(from: .init(timeIntervalSince1970: -1e300)) == "Sat, 01 Jan 0000 00:00:00 GMT")
        #expect(HTTPDate.string(from: .init(timeIntervalSince1970: .nan)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.string(from: .distantPast) == "Sat, 30 Dec 0000 00:00:00 GMT")
    }

    @Test("A leap second is parsed as the following second")
    func leapSecond() {
        let text = "Sat, 31 Dec 2016 23:59:60 GMT"
        #expect(HTTPDate.date(from: text) == HTTPDate.date(from: "Sun, 01 Jan 2017 00:00:00 GMT"))
    }

    @Test(
        "Text that is not an HTTP date is rejected",
        arguments: [
            "", "now", "Sun", "Sun,", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nvo 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 29 Feb 2023 08:49:37 GMT",
            "Sun, 30 Feb 2000 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun, 06-Nov 94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94",
            "Sun, 06 Nov 1994 08:4é:37 GMT",
            "Sun, -6 Nov 1994 08:49:37 GMT", "784111777", "1994-11-06T08:49:37Z",
        ])
    func refusals(text: String) {
        #expect(HTTPDate.date(from: text) == nil)
    }

    @Test("A truncated date is rejected, wherever it is cut")
    func truncations() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            for count in 0..<text.utf8.count {
                #expect(HTTPDate.date(from: String(text.prefix(count))) == nil)
            }
        }
    }
}
