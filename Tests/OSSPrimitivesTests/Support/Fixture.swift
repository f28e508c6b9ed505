import Foundation
import Testing

/// A file of test vectors.
struct Fixture<Vector: Decodable>: Decodable {
    var vectors: [Vector]

    static func load(_ name: String) throws -> [Vector] {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url)).vectors
    }
}
