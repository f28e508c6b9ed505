import Foundation
import TestKit
import Testing

/// A vector of `xml_samples.json` with a body and its expected fields.
struct XMLSample: Decodable, Sendable, CustomTestStringConvertible {
    enum Expectation: Decodable, Sendable {
        case text(String)
        case texts([String])
        case count(Int)
        case absent

        private struct Count: Decodable {
            var count: Int
        }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .absent
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let texts = try? value.decode([String].self) {
                self = .texts(texts)
            } else {
                self = .count(try value.decode(Count.self).count)
            }
        }
    }

    var id: String
    var format: String?
    var root: String?
    var body: String
    var expected: [String: Expectation]
    var base64: String?

    enum CodingKeys: String, CodingKey {
        case id, format, root, body, expected
        case base64 = "body_base64_header"
    }

    var testDescription: String { id }

    /// The samples that are XML.
    static func all() throws -> [XMLSample] {
        VectorFile<XMLSample>.load("xml_samples", keys: .useDefaultKeys).filter { $0.format != "json" }
    }
}
