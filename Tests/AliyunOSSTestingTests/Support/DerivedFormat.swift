import Foundation
import TestKit

/// A published identifier and its decoded form.
struct DerivedFormat: Decodable, Sendable {
    var id: String
    var kind: String
    /// One text, or the parts of a multipart upload.
    var input: [String]
    var expected: String

    private enum CodingKeys: CodingKey {
        case id, kind, input, expected
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        kind = try values.decode(String.self, forKey: .kind)
        if let parts = try? values.decode([String].self, forKey: .input) {
            input = parts
        } else {
            input = [try values.decode(String.self, forKey: .input)]
        }
        expected = try values.decode(String.self, forKey: .expected)
    }

    static func load() -> [DerivedFormat] { VectorFile.load("derived_formats") }
}
