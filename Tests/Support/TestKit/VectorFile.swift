import Foundation

/// A JSON file of published test vectors in `Fixtures`.
package struct VectorFile<Vector: Decodable & Sendable>: Decodable, Sendable {
    private var vectors: [Vector]

    /// Loads the vectors of a file. Traps if the file cannot be read, because the arguments of a test cannot throw.
    package static func load(
        _ name: String, keys: JSONDecoder.KeyDecodingStrategy = .convertFromSnakeCase
    ) -> [Vector] {
        guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures") else {
            preconditionFailure("no test vectors \(name).json")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = keys
        do {
            return try decoder.decode(VectorFile.self, from: Data(contentsOf: url)).vectors
        } catch {
            preconditionFailure("cannot read the test vectors \(name).json: \(error)")
        }
    }
}

/// A published signature: a request with the signature of an official client or document.
package struct SignatureVector: Decodable, Sendable, CustomStringConvertible {
    package struct Expected: Decodable, Sendable {
        package var signature: String?
        package var authorization: String?
        package var canonicalRequest: String?
        package var stringToSign: String?
        package var signingKeyHex: String?
        package var query: [String: String]?
        package var exampleUrl: String?
    }

    package var id: String
    package var kind: String?
    package var accessKeyId: String?
    package var accessKeySecret: String?
    package var securityToken: String?
    package var region: String?
    package var product: String?
    package var time: Double?
    package var expires: Int64?
    package var xOssDate: String?
    package var method: String?
    package var bucket: String?
    package var key: String?
    package var headers: [String: String]?
    package var query: [[String?]]?
    package var additionalHeaders: [String]?
    package var dateInDateHeader: Bool?
    package var stringToSign: String?
    package var expected: Expected

    package var description: String { id }
}
