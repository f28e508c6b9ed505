import Testing

@testable import AliyunOSS

@Suite("DownloadPieces")
struct DownloadPiecesTests {
    @Test(
        "What is not there is asked for in windows, and what overlaps is not taken",
        arguments: [
            ([], [0..<40, 40..<80, 80..<100]),
            ([0..<40], [40..<80, 80..<100]),
            ([80..<100, 0..<10, 30..<50], [10..<30, 50..<80]),
            ([30..<50, 10..<30, 0..<10], [50..<90, 90..<100]),
            ([0..<100], []),
            // Overlapping, the same again, empty, and beyond the end.
            ([10..<30, 20..<40, 0..<11, 5..<50, 10..<30], [0..<10, 30..<70, 70..<100]),
            ([50..<50, 90..<101, 100..<110, -5..<5], [0..<40, 40..<80, 80..<100]),
        ] as [([Range<Int64>], [Range<Int64>])])
    func missing(there: [Range<Int64>], missing: [Range<Int64>]) {
        var pieces = DownloadPieces(size: 100)
        for range in there {
            pieces.insert(.init(offset: range.lowerBound, length: range.upperBound - range.lowerBound, checksum: 0))
        }
        #expect(pieces.missing(windowSize: 40) == missing)
        #expect(pieces.length == 100 - missing.reduce(0) { $0 + Int64($1.count) })
        #expect(pieces.pieces.map(\.offset) == pieces.pieces.map(\.offset).sorted())
    }
}
