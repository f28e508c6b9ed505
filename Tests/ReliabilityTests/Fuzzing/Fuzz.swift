import AliyunOSSTesting
import Foundation
import TestKit

/// A generator of parser inputs. The inputs depend only on a seed, and are mutations of valid input, because purely
/// random bytes never get past the first character.
struct Fuzz {
    /// Number of inputs for each parser. `OSS_FUZZ_COUNT` overrides it, for a long run.
    static let count = ProcessInfo.processInfo.environment["OSS_FUZZ_COUNT"].flatMap { Int($0) } ?? 1000
    /// Seed of the inputs. `OSS_FUZZ_SEED` overrides it.
    static let seed = ProcessInfo.processInfo.environment["OSS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_260_101

    private var random: SeededRandom
    private let samples: [[UInt8]]
    private let alphabet: [[UInt8]]

    /// Creates a generator.
    ///
    /// - Parameters:
    ///   - samples: Valid inputs to mutate.
    ///   - tokens: Texts that have a meaning for the parser.
    init(_ name: String, samples: [String], tokens: [String]) {
        let mixed = name.utf8.reduce(Self.seed) { ($0 &* 31) &+ UInt64($1) }
        random = SeededRandom(seed: mixed)
        self.samples = samples.map { Array($0.utf8) } + Self.corpus(name)
        alphabet = tokens.map { Array($0.utf8) }
    }

    /// Returns the next input.
    mutating func next() -> [UInt8] {
        guard var input = samples.randomElement(using: &random), !chance(0.1) else { return noise(upTo: 200) }
        for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&input) }
        return Array(input.prefix(64 * 1024))
    }

    /// Passes each input to a parser. Any result is valid if the parser returns.
    mutating func run(_ body: ([UInt8]) throws -> Void) rethrows {
        for sample in samples { try body(sample) }
        for _ in 0..<Self.count { try body(next()) }
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let start = Int.random(in: 0...input.count, using: &random)
        let end = min(input.count, start + Int.random(in: 0...16, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: input.removeSubrange(start..<end)
        case 1: input.insert(contentsOf: noise(upTo: 4), at: start)
        case 2, 3: input.insert(contentsOf: alphabet.randomElement(using: &random) ?? [], at: start)
        case 4: input.replaceSubrange(start..<end, with: alphabet.randomElement(using: &random) ?? [])
        case 5: if start < input.count { input[start] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 6:
            let times = Int.random(in: 1...50, using: &random)
            input.insert(contentsOf: Array(repeatElement(Array(input[start..<end]), count: times).joined()), at: start)
        default: input.removeSubrange(start...)
        }
    }

    private mutating func noise(upTo length: Int) -> [UInt8] {
        (0..<Int.random(in: 0...length, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private mutating func chance(_ probability: Double) -> Bool { random.unit() < probability }

    /// Returns inputs that caused a failure in the past, one per file in `Fixtures/Fuzz/NAME`.
    private static func corpus(_ name: String) -> [[UInt8]] {
        guard let folder = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/Fuzz/\(name)"),
            let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        else { return [] }
        return files.sorted { $0.path < $1.path }.compactMap { try? Data(contentsOf: $0) }.map(Array.init)
    }
}
