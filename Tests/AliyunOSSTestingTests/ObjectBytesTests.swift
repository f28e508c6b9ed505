import Foundation
import Testing

@testable import AliyunOSSTesting

@Suite("Mock object content")
struct ObjectBytesTests {
    @Test("A range of segmented content equals the same range of its bytes")
    func parts() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            var whole: [UInt8] = []
            var runs: [ObjectBytes] = []
            for _ in 0..<Int.random(in: 0...9, using: &random) {
                let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let start = Int.random(in: 0...bytes.count, using: &random)
                // A range of a segment, as in a copied part.
                runs.append(ObjectBytes(bytes)[start..<bytes.count])
                whole += bytes[start...]
            }
            let joined = ObjectBytes(joining: runs)
            #expect(joined.count == whole.count)
            #expect(Array(joined.data) == whole)
            for _ in 0..<20 {
                let start = Int.random(in: 0...whole.count, using: &random)
                let range = start..<Int.random(in: start...whole.count, using: &random)
                var copied: [UInt8] = []
                joined.withChunks(in: range) { copied += $0 }
                #expect(copied == Array(whole[range]))
                #expect(Array(joined[range].data) == Array(whole[range]))
            }
        }
    }

    @Test("Joining and slicing share memory, and small appends are merged")
    func sharing() {
        func starts(_ bytes: ObjectBytes) -> [UnsafeRawPointer?] {
            bytes.withRuns(in: 0..<bytes.count) { $0.map(\.baseAddress) }
        }
        let first = ObjectBytes([UInt8](repeating: 1, count: 100_000))
        let second = ObjectBytes([UInt8](repeating: 2, count: 100_000))
        let joined = ObjectBytes(joining: [first, second])
        #expect(starts(joined) == starts(first) + starts(second))
        #expect(starts(joined[100_000..<100_001]) == starts(second))
        #expect(starts(first.appending(second)) == starts(joined))

        var grown = ObjectBytes.empty
        for number in 0..<10_000 { grown = grown.appending(ObjectBytes([UInt8(truncatingIfNeeded: number), 0x0A])) }
        #expect(starts(grown).count == 1)
        #expect(starts(first.appending(grown).appending(second)).count == 3)
        #expect(grown.data.count == 20_000)
        #expect(grown.data[2 * 777] == UInt8(truncatingIfNeeded: 777))
    }
}
