import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("ISO 8601 dates")
struct ISO8601Tests {
    @Test("Both formats are written as the service writes them")
    func written() {
        let date = Date(timeIntervalSince1970: 1_672_223_261.75)
        #expect(ISO8601.basic(date) == "20221228T102741Z")
        #expect(ISO8601.extended(date) == "2022-12-28T10:27:41.000Z")
        #expect(ISO8601.basic(Date(timeIntervalSince1970: -0.5)) == "19691231T235959Z")
        #expect(ISO8601.extended(.distantFuture) == "4001-01-01T00:00:00.000Z")
        #expect(ISO8601.basic(Date(timeIntervalSince1970: -.infinity)) == "00000101T000000Z")
    }

    @Test(
        "Every format in common use is parsed",
        arguments: [
            ("20221228T102741Z", 1_672_223_261.0),
            ("2022-12-28T10:27:41Z", 1_672_223_261),
            ("2022-12-28T10:27:41.000Z", 1_672_223_261),
            ("2022-12-28T10:27:41.25Z", 1_672_223_261.25),
            ("20221228T102741.5Z", 1_672_223_261.5),
            ("2022-12-28T10:27:41.123456789Z", 1_672_223_261.123456789),
            ("2022-12-28T18:27:41+08:00", 1_672_223_261),
            ("2022-12-28T18:27:41.000+0800", 1_672_223_261),
            ("2022-12-28T04:57:41-05:30", 1_672_223_261),
            ("2000-02-29T00:00:00.000Z", 951_782_400),
            ("1969-12-31T23:59:59.000Z", -1),
        ])
    func read(text: String, seconds: Double) {
        #expect(ISO8601.date(from: text) == Date(timeIntervalSince1970: seconds))
    }

    @Test("Formatted dates can be parsed over a wide range")
    func roundTrips() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        var random = SeededRandom(seed: 6)
        for _ in 0..<2000 {
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: -12_000_000_000...253_402_300_799, using: &random)))
            #expect(ISO8601.basic(date) == formatter.string(from: date))
            #expect(ISO8601.date(from: ISO8601.basic(date)) == date)
            #expect(ISO8601.date(from: ISO8601.extended(date)) == date)
        }
    }

    @Test(
        "Text that is not an ISO 8601 date is rejected",
        arguments: [
            "", "2022", "20221228", "2022-12-28", "2022-12-28T10:27:41", "20221228T102741", "2022-12-28 10:27:41Z",
            "2022-12-28T10:27:41.Z", "2022-12-28T10:27:41.1234567890Z", "2022-1228T10:27:41Z", "2022-12-28T102741Z",
            "20221228T10:27:41Z", "2022-13-28T10:27:41Z", "2022-00-28T10:27:41Z", "2022-12-32T10:27:41Z",
            "2023-02-29T00:00:00Z", "2022-12-28T24:00:00Z", "2022-12-28T10:27:41Zx", "2022-12-28T10:27:41+8",
            "2022-12-28T10:27:41+24:00", "2022-12-28T10:27:41+08:60", "+2022-12-28T10:27:41Z", "2022-12-28t10:27:41z",
            "２０２２-12-28T10:27:41Z", "99999999T999999Z",
        ])
    func refusals(text: String) {
        #expect(ISO8601.date(from: text) == nil)
    }
}
