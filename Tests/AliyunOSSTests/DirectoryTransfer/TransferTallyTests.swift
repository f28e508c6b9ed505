import Testing

@testable import AliyunOSS

@Suite("Totals of a transfer")
struct TransferTallyTests {
    @Test("Sizes whose sum overflows are clamped to the largest number")
    func clamped() {
        var tally = TransferTally()
        for _ in 0..<2 { tally.add(bytes: 7 << 60) }
        #expect(tally == TransferTally(files: 2, bytes: .max))
        #expect((Int64.max - 1).clampedSum(with: 1) == .max)
        #expect(Int64.max.clampedSum(with: -1) == .max - 1)
        #expect(Int64.min.clampedSum(with: -1) == .min)
    }
}
