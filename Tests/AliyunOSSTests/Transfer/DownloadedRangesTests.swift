import OSSPrimitives
import Testing

@testable import AliyunOSS

@Suite("DownloadedRanges")
struct DownloadedRangesTests {
    @Test(
        "Missing ranges are requested, and overlapping ranges are rejected",
        arguments: [
            ([], [0..<40, 40..<80, 80..<100]),
            ([0..<40], [40..<80, 80..<100]),
            ([80..<100, 0..<10, 30..<50], [10..<30, 50..<80]),
            ([30..<50, 10..<30, 0..<10], [50..<90, 90..<100]),
            ([0..<100], []),
            // Overlapping, repeated, empty and out-of-bounds ranges.
            ([10..<30, 20..<40, 0..<11, 5..<50, 10..<30], [0..<10, 30..<70, 70..<100]),
            ([50..<50, 90..<101, 100..<110, -5..<5], [0..<40, 40..<80, 80..<100]),
        ] as [([Range<Int64>], [Range<Int64>])])
    func missing(there: [Range<Int64>], missing: [Range<Int64>]) {
        var ranges = DownloadedRanges(size: 100)
        for range in there {
            ranges.insert(.init(offset: range.lowerBound, length: range.upperBound - range.lowerBound, checksum: 0))
        }
        #expect(ranges.missing(rangeSize: 40) == missing)
        #expect(ranges.length == 100 - missing.reduce(0) { $0 + Int64($1.count) })
        #expect(ranges.ranges.map(\.offset) == ranges.ranges.map(\.offset).sorted())
    }

    @Test(
        "Ranges form the object only if none is missing and the checksum matches",
        arguments: [
            ([], nil, .truncatedBody), ([0..<4], nil, .truncatedBody), ([0..<4], 1, .truncatedBody),
            ([4..<9], 1, .truncatedBody), ([0..<4, 5..<9], 1, .truncatedBody),
            ([0..<4, 4..<9], nil, nil), ([0..<4, 4..<9], CRC64.checksum(whole), nil),
            ([4..<9, 0..<4], CRC64.checksum(whole), nil), ([0..<9], CRC64.checksum(whole), nil),
            ([0..<4, 4..<9], 1, .checksumMismatch), ([0..<9], 1, .checksumMismatch),
        ] as [([Range<Int64>], UInt64?, OSSError.Code?)])
    func problem(there: [Range<Int64>], stated: UInt64?, expected: OSSError.Code?) {
        var ranges = DownloadedRanges(size: Int64(Self.whole.count))
        for range in there {
            let bytes = Self.whole[Int(range.lowerBound)..<Int(range.upperBound)]
            ranges.insert(
                .init(offset: range.lowerBound, length: Int64(bytes.count), checksum: CRC64.checksum(Array(bytes))))
        }
        #expect(ranges.problem(stated: stated)?.code == expected)
    }

    private static let whole = Array("the whole".utf8)
}
