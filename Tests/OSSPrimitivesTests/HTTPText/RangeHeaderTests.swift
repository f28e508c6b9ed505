import OSSPrimitives
import Testing

@Suite("Range headers")
struct RangeHeaderTests {
    @Test(
        "A range request is parsed and formatted",
        arguments: [
            ("bytes=0-0", ByteRangeHeader.bounded(first: 0, last: 0)),
            ("bytes=5-99", .bounded(first: 5, last: 99)),
            ("bytes=7-", .from(7)),
            ("bytes=-3", .suffix(3)),
            ("bytes=-0", .suffix(0)),
            ("bytes=9223372036854775806-9223372036854775807", .bounded(first: .max - 1, last: .max)),
        ])
    func requests(text: String, range: ByteRangeHeader) {
        #expect(ByteRangeHeader(text) == range)
        #expect(range.headerValue == text)
    }

    @Test("Only the first of several ranges is used; spaces and the case of the unit are ignored")
    func leniency() {
        #expect(ByteRangeHeader("bytes=1-2,4-5") == .bounded(first: 1, last: 2))
        #expect(ByteRangeHeader("Bytes= 1 - 2 , 9-") == .bounded(first: 1, last: 2))
        #expect(ByteRangeHeader("bytes=007-008") == .bounded(first: 7, last: 8))
    }

    @Test(
        "Text that is not a range request is rejected",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=,1-2", "bytes=5-4", "bytes=a-b", "bytes=1", "bytes=1-2-3",
            "bytes=--1", "bytes=+1-2", "items=0-1", "0-1", "bytes=9223372036854775808-", "bytes=-99999999999999999999",
            "bytes=１-２", "bytes:0-1",
        ])
    func badRequests(text: String) {
        #expect(ByteRangeHeader(text) == nil)
    }

    @Test("A content range is parsed and formatted")
    func contentRanges() {
        #expect(ContentRange("bytes 0-4/10") == ContentRange(first: 0, last: 4, total: 10))
        #expect(ContentRange("bytes 3-3/*") == ContentRange(first: 3, last: 3, total: nil))
        #expect(ContentRange(first: 0, last: 4, total: 10).headerValue == "bytes 0-4/10")
        #expect(ContentRange(first: 0, last: 4, total: nil).headerValue == "bytes 0-4/*")
        #expect(ContentRange(" BYTES 0-4/10 ") == ContentRange(first: 0, last: 4, total: 10))
    }

    @Test(
        "An empty or impossible content range is rejected",
        arguments: [
            "", "bytes", "bytes */10", "bytes 0-4", "bytes 0-4/", "bytes 4-0/10", "bytes 0-10/10", "bytes 0-4/x",
            "bytes=0-4/10", "items 0-4/10", "bytes -4/10", "bytes 0-/10", "bytes 0-4/-10",
            "bytes 0-4/9223372036854775808", "bytes 0-4/10/20",
        ])
    func badContentRanges(text: String) {
        #expect(ContentRange(text) == nil)
    }
}
