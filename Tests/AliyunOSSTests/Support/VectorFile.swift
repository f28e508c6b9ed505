import Foundation
import Testing

/// A file of test vectors in `Fixtures`.
struct VectorFile<Vector: Decodable & Sendable>: Decodable, Sendable {
    var vectors: [Vector]

    /// The vectors of a file. The argument list of a test cannot throw, so a file that cannot be read gives none: the
    /// tests compare the number with what they know.
    static func load(_ name: String) -> [Vector] {
        guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures") else {
            Issue.record("no fixture called \(name)")
            return []
        }
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(VectorFile.self, from: Data(contentsOf: url)).vectors
        } catch {
            Issue.record(error, "the fixture \(name) cannot be read")
            return []
        }
    }
}
