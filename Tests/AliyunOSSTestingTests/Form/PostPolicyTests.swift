import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock form policies")
struct PostPolicyTests {
    private struct Vector: Decodable, CustomTestStringConvertible {
        struct Expected: Decodable {
            var policyBase64: String
            var signature: String?
        }

        var id: String
        var version: String
        var accessKeyId: String?
        var accessKeySecret: String?
        var policyJson: String
        var date: String?
        var region: String?
        var expected: Expected

        var testDescription: String { id }
    }

    @Test("Published policies can be parsed, and only their published signatures are accepted")
    func vectors() throws {
        var checked = 0
        for vector in VectorFile<Vector>.load("post_policy") {
            let base64 = vector.expected.policyBase64
            #expect(Data(base64Encoded: base64) == Data(vector.policyJson.utf8), "\(vector.id)")
            let policy = try PostPolicy(base64)
            #expect(!policy.conditions.isEmpty)
            guard let signature = vector.expected.signature, let secret = vector.accessKeySecret else { continue }
            var now = Date(timeIntervalSince1970: 0)
            let id = vector.accessKeyId ?? "id"
            var fields = FormFields()
            fields.add("policy", base64)
            if vector.version == "V4" {
                let date = try #require(vector.date) + "T000000Z"
                now = try #require(ISO8601.date(from: date))
                fields.add("x-oss-signature-version", "OSS4-HMAC-SHA256")
                fields.add(
                    "x-oss-credential", "\(id)/\(date.prefix(8))/\(vector.region ?? "")/oss/aliyun_v4_request")
                fields.add("x-oss-date", date)
            } else {
                fields.add("OSSAccessKeyId", id)
            }
            let checker = SignatureChecker(
                accessKeys: [.init(id: id, secret: secret)], region: vector.region ?? "cn-hangzhou")
            for (given, isRight) in [(signature, true), (String(signature.reversed()), false)] {
                var signed = fields
                signed.add(vector.version == "V4" ? "x-oss-signature" : "Signature", given)
                if isRight {
                    #expect(try checker.verify(signed, now: now) == .accessKey(id), "\(vector.id)")
                } else {
                    #expect(throws: ServiceError.self, "\(vector.id)") { try checker.verify(signed, now: now) }
                }
            }
            checked += 1
        }
        #expect(checked == 4)
    }

    private func policy(_ conditions: String, expiration: String = "2030-01-01T00:00:00.000Z") -> String {
        Data("{\"expiration\":\"\(expiration)\",\"conditions\":[\(conditions)]}".utf8).base64EncodedString()
    }

    @Test("Each kind of policy condition is checked")
    func conditions() throws {
        let cases: [(condition: String, holds: Bool)] = [
            (#"{"key":"u/a"}"#, true), (#"{"KEY":"u/a"}"#, true), (#"{"key":"u/b"}"#, false),
            (#"["eq","$key","u/a"]"#, true), (#"["starts-with","$key","u/"]"#, true),
            (#"["starts-with","$key","v/"]"#, false), (#"["starts-with","$key",""]"#, true),
            (#"["starts-with","$x-oss-meta-none",""]"#, true), (#"["eq","$x-oss-meta-none","v"]"#, false),
            (#"["in","$content-type",["image/jpg","image/png"]]"#, true),
            (#"["in","$content-type",["image/jpg"]]"#, false),
            (#"["not-in","$content-type",["image/jpg"]]"#, true),
            (#"["not-in","$content-type",["image/png"]]"#, false), (#"{"bucket":"photos"}"#, true),
            (#"{"bucket":"other"}"#, false), (#"{"x-oss-meta-price":"\$5"}"#, true),
            (#"{"x-oss-meta-price":"\\$5"}"#, true), (#"["content-length-range",1,10]"#, true),
            (#"{"key":"u/a"},{"content-type":"no"}"#, false),
        ]
        var fields = FormFields()
        for (name, value) in [("key", "u/a"), ("Content-Type", "image/png"), ("x-oss-meta-price", "$5")] {
            fields.add(name, value)
        }
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        for (condition, holds) in cases {
            let policy = try PostPolicy(policy(condition))
            if holds {
                #expect(throws: Never.self, "\(condition)") {
                    try policy.check(fields, bucket: "photos", now: now)
                }
            } else {
                let error = #expect(throws: ServiceError.self, "\(condition)") {
                    try policy.check(fields, bucket: "photos", now: now)
                }
                #expect(error?.code == "AccessDenied")
            }
        }
        let failing = try PostPolicy(policy(#"["starts-with", "$key", "v/"]"#))
        let error = #expect(throws: ServiceError.self) { try failing.check(fields, bucket: "photos", now: now) }
        #expect(
            error?.message
                == #"Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "v/"]"#)
        let old = try PostPolicy(policy("", expiration: "2013-12-01T12:00:00Z"))
        let expired = #expect(throws: ServiceError.self) { try old.check(fields, bucket: "photos", now: now) }
        #expect(expired?.message == "Invalid according to Policy: Policy expired.")
    }

    @Test("An invalid policy is rejected")
    func malformed() {
        let texts = [
            "", "{", "[]", "{}", #"{"expiration":"2030-01-01T00:00:00.000Z"}"#, #"{"conditions":[]}"#,
            #"{"expiration":"never","conditions":[]}"#, #"{"expiration":"2030-01-01T00:00:00.000Z","conditions":{}}"#,
        ]
        let conditions = [
            "{}", "[]", "1", #"{"key":1}"#, #"["eq","key","v"]"#, #"["eq","$key"]"#, #"["like","$key","v"]"#,
            #"["in","$key","v"]"#, #"["content-length-range",2,1]"#, #"["content-length-range","a",1]"#,
        ]
        for text in texts.map({ Data($0.utf8).base64EncodedString() }) + ["no base64!"] + conditions.map({ policy($0) })
        {
            let error = #expect(throws: ServiceError.self, "\(text)") { try PostPolicy(text) }
            #expect(error?.code == "InvalidPolicyDocument")
        }
    }

    @Test("The JSON parser accepts valid JSON up to its maximum depth")
    func json() {
        let text = #" {"a":[1,-2.5e1,true,false,null,"x\u00e9\ud83d\ude00\n\/"],"b":{}} "#
        let expected = JSONValue.object([
            "a": .array([.number(1), .number(-25), .boolean(true), .boolean(false), .null, .text("xé😀\n/")]),
            "b": .object([:]),
        ])
        #expect(JSONValue(text.utf8) == expected)
        for bad in [
            "", "{", "[1,]", "{\"a\"}", "tru", "1 2", "\"\\$\"", "\"\\ud83d\"", "\"a", "\"\n\"", "-", "+1", "01x",
        ] {
            #expect(JSONValue(bad.utf8) == nil, "\(bad)")
        }
        #expect(JSONValue("\"\\$\"".utf8, escapesDollar: true) == .text("$"))
        #expect(JSONValue(String(repeating: "[", count: 1_000_000).utf8) == nil)
    }
}
