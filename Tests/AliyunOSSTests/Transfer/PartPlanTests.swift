import Testing

@testable import AliyunOSS

@Suite("Part plans")
struct PartPlanTests {
    private static let mebibyte: Int64 = 1 << 20
    private static let gibibyte: Int64 = 1 << 30

    @Test(
        "Parts have 8 MiB and grow with the object, first at one thousand parts and then at ten thousand",
        arguments: [
            (0, 8 * mebibyte, 1), (1, 8 * mebibyte, 1), (8 * mebibyte, 8 * mebibyte, 1),
            (8 * mebibyte + 1, 8 * mebibyte, 2), (8000 * mebibyte, 8 * mebibyte, 1000),
            (8000 * mebibyte + 1, 9 * mebibyte, 889), (64_000 * mebibyte, 64 * mebibyte, 1000),
            (100 * gibibyte, 64 * mebibyte, 1600), (640_000 * mebibyte, 64 * mebibyte, 10_000),
            (640_000 * mebibyte + 1, 65 * mebibyte, 9847), (50_000 * gibibyte, 5 * gibibyte, 10_000),
        ] as [(Int64, Int64, Int)])
    func defaults(size: Int64, partSize: Int64, count: Int) throws {
        let plan = try PartPlan(size: size)
        #expect(plan.partSize == partSize)
        #expect(plan.count == count)
        #expect(plan.count <= 10_000)
    }

    @Test(
        "Parts of a sequence double in size after every thousand parts, up to the maximum part size",
        arguments: [
            (mebibyte, 0, nil), (mebibyte, 1, mebibyte), (mebibyte, 1000, mebibyte), (mebibyte, 1001, 2 * mebibyte),
            (mebibyte, 2000, 2 * mebibyte), (mebibyte, 2001, 4 * mebibyte), (mebibyte, 10_000, 512 * mebibyte),
            (mebibyte, 10_001, nil), (gibibyte, 3000, 4 * gibibyte), (gibibyte, 3001, 5 * gibibyte),
            (gibibyte, 10_000, 5 * gibibyte),
        ] as [(Int64, Int, Int64?)])
    func sequence(first: Int64, number: Int, size: Int64?) {
        #expect(StreamPartPlan(first: first).size(of: number) == size)
    }

    @Test("An object can be at most 48.8 TiB", arguments: [50_000 * gibibyte + 1, .max, -1] as [Int64])
    func tooLarge(size: Int64) {
        #expect(throws: OSSError.self) { try PartPlan(size: size) }
    }

    @Test(
        "A part size that the service would reject is rejected, and the error states the valid range",
        arguments: [100 << 10 - 1, 0, -1, 5 * gibibyte + 1] as [Int64])
    func badPartSize(partSize: Int64) {
        let error = #expect(throws: OSSError.self) { try PartPlan(size: 1 << 30, partSize: partSize) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("100 KiB to 5 GiB") == true)
    }

    @Test("More than ten thousand parts are rejected, and the error states a valid part size")
    func tooManyParts() throws {
        let size: Int64 = 10_000 * (200 << 10) + 1
        let error = #expect(throws: OSSError.self) { try PartPlan(size: size, partSize: 200 << 10) }
        #expect(error?.code == .invalidArgument)
        let least = size / 10_000 + 1
        #expect(error?.message.contains("at least \(least) bytes") == true)
        #expect(try PartPlan(size: size, partSize: least).count == 10_000)
        #expect(try PartPlan(size: size - 1, partSize: 200 << 10).count == 10_000)
    }

    @Test("The parts cover the object without gaps or overlaps, for all sizes")
    func cover() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let partSize = Int64.random(in: 100 << 10...300 << 10, using: &random)
            let size = partSize * .random(in: 0...50, using: &random) + .random(in: -1...1, using: &random)
            guard size >= 0 else { continue }
            let plan = try PartPlan(size: size, partSize: partSize)
            var position: Int64 = 0
            for number in 1...plan.count {
                let range = plan.range(of: number)
                #expect(range.lowerBound == position)
                #expect(number == plan.count || range.upperBound - range.lowerBound == partSize)
                #expect(!range.isEmpty || size == 0)
                position = range.upperBound
            }
            #expect(position == size)
        }
    }
}
