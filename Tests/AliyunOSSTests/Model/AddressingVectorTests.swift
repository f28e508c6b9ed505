import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// The addressing part of `url_encoding.json`.
struct AddressingVector: Decodable, Sendable, CustomTestStringConvertible {
    /// Strings for some kinds, objects for others.
    struct Input: Decodable, Sendable {
        var text: String?
        var utf8: String?
        var count: Int?
        var region: String?
        var net: String?
        var disableSsl: Bool?
        var style: String?
        var scheme: String?
        var host: String?
        var bucket: String?
        var key: String?

        private enum CodingKeys: String, CodingKey {
            case text, utf8, count, region, net, disableSsl, style, scheme, host, bucket, key
        }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self.text = text
                return
            }
            guard let fields = try? decoder.container(keyedBy: CodingKeys.self) else { return }
            func field<T: Decodable>(_ key: CodingKeys) -> T? { try? fields.decodeIfPresent(T.self, forKey: key) }
            utf8 = field(.utf8)
            count = field(.count)
            region = field(.region)
            net = field(.net)
            disableSsl = field(.disableSsl)
            style = field(.style)
            scheme = field(.scheme)
            host = field(.host)
            bucket = field(.bucket)
            key = field(.key)
        }
    }

    /// A URL, or whether a name is valid.
    struct Expected: Decodable, Sendable {
        var url: String?
        var isValid: Bool?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            url = try? value.decode(String.self)
            isValid = try? value.decode(Bool.self)
        }
    }

    var id: String
    var kind: String
    var input: Input?
    var expected: Expected?

    var testDescription: String { id }

    static let all = VectorFile<AddressingVector>.load("url_encoding")
    static func of(kind: String) -> [AddressingVector] { all.filter { $0.kind == kind } }
}

@Suite("Published addressing vectors")
struct AddressingVectorTests {
    @Test("The addressing vectors are complete")
    func vectorsAreHere() {
        #expect(AddressingVector.all.count == 73)
        #expect(AddressingVector.of(kind: "bucket-name").count == 21)
        #expect(AddressingVector.of(kind: "object-key").count == 9)
        #expect(AddressingVector.of(kind: "endpoint-from-region").count == 10)
        #expect(AddressingVector.of(kind: "request-url").count == 7)
    }

    @Test("Bucket names are valid as the published vectors state", arguments: AddressingVector.of(kind: "bucket-name"))
    func bucketName(_ vector: AddressingVector) throws {
        let name = try #require(vector.input?.text)
        if try #require(vector.expected?.isValid as Bool?) {
            try BucketName.validate(name)
        } else {
            let error = try #require(throws: OSSError.self) { try BucketName.validate(name) }
            #expect(error.code == .invalidArgument)
            #expect(error.message.hasPrefix("'\(name)' is not a valid bucket name: "))
        }
    }

    @Test(
        "A bucket name that is valid only if scalars or characters are counted is rejected",
        arguments: ["äöü", "a\r\nb", "ab\u{301}c", "a.b", "a b"])
    func foreignBucketName(_ name: String) {
        #expect(throws: OSSError.self) { try BucketName.validate(name) }
    }

    @Test("Keys are valid as the published vectors state", arguments: AddressingVector.of(kind: "object-key"))
    func objectKey(_ vector: AddressingVector) throws {
        let input = try #require(vector.input)
        let key = try input.text ?? String(repeating: #require(input.utf8), count: #require(input.count))
        if try #require(vector.expected?.isValid as Bool?) {
            #expect(try ObjectKey(key).rawValue == key)
        } else {
            #expect(throws: OSSError.self) { try ObjectKey(key) }
        }
    }

    @Test("Each region has its published host", arguments: AddressingVector.of(kind: "endpoint-from-region"))
    func endpointFromRegion(_ vector: AddressingVector) throws {
        let input = try #require(vector.input)
        let networks: [String: Endpoint.Network] = [
            "public": .public, "internal": .internal, "accelerate": .accelerate, "overseas": .accelerateOverseas,
            "dualstack": .dualStack,
        ]
        let region = try #require(input.region)
        let network = try #require(networks[input.net ?? ""])
        let endpoint = try Endpoint.region(region, network: network, scheme: input.disableSsl == true ? .http : .https)
        #expect(endpoint.description == vector.expected?.url)
        let read = try Endpoint(endpoint.description)
        #expect(
            (read.scheme, read.host, read.port, read.addressing)
                == (endpoint.scheme, endpoint.host, endpoint.port, endpoint.addressing))
    }

    @Test("Each request has its published URL", arguments: AddressingVector.of(kind: "request-url"))
    func requestURL(_ vector: AddressingVector) throws {
        let input = try #require(vector.input)
        let styles: [String: AddressingStyle] = ["virtual": .virtualHosted, "path": .path, "cname": .cname]
        let style = try #require(styles[input.style ?? ""])
        let address = try #require(input.scheme) + "://" + #require(input.host)
        let endpoint = try Endpoint(address, style: style)
        #expect(endpoint.url(bucket: input.bucket, key: input.key) == vector.expected?.url)
    }
}
