import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock bucket documents: schema violations")
struct BucketDocumentSchemaTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    @Test("A document that violates its schema is rejected")
    func schema() throws {
        func rule(_ content: String) -> String {
            "<LifecycleConfiguration><Rule>\(content)</Rule></LifecycleConfiguration>"
        }
        func cors(_ content: String) -> String { "<CORSConfiguration>\(content)</CORSConfiguration>" }
        func tags(_ content: String) -> String { "<Tagging><TagSet>\(content)</TagSet></Tagging>" }
        let get = "<AllowedMethod>GET</AllowedMethod>"
        let enabled = "<Status>Enabled</Status>"
        let many = (0...20).map { "<Tag><Key>k\($0)</Key><Value></Value></Tag>" }.joined()
        let cases: [(query: String, body: String, code: String)] = [
            ("lifecycle", rule("<ID>a</ID>"), "MalformedXML"),
            ("lifecycle", rule("<Status>On</Status>"), "MalformedXML"),
            ("lifecycle", rule(enabled + "<Expiration><Days>x</Days></Expiration>"), "MalformedXML"),
            ("lifecycle", rule(enabled + "<Expiration></Expiration>"), "MalformedXML"),
            (
                "lifecycle",
                rule(
                    enabled
                        + "<Expiration><Days>1</Days><CreatedBeforeDate>2020-01-01T00:00:00.000Z</CreatedBeforeDate>"
                        + "</Expiration>"), "MalformedXML"
            ),
            ("lifecycle", rule(enabled + "<Expiration><Days>0</Days></Expiration>"), "InvalidArgument"),
            ("lifecycle", rule(enabled + "<Expiration><Date>soon</Date></Expiration>"), "MalformedXML"),
            ("cors", cors(""), "MalformedXML"),
            ("cors", cors("<CORSRule>\(get)</CORSRule>"), "MalformedXML"),
            (
                "cors",
                cors("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>"),
                "MalformedXML"
            ),
            ("cors", cors("<CORSRule><AllowedOrigin>*.*</AllowedOrigin>\(get)</CORSRule>"), "InvalidArgument"),
            (
                "cors",
                cors(
                    String(
                        repeating: "<CORSRule><AllowedOrigin>*</AllowedOrigin>\(get)</CORSRule>", count: 21)),
                "MalformedXML"
            ),
            (
                "encryption",
                "<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>DES</SSEAlgorithm>"
                    + "</ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>",
                "InvalidEncryptionAlgorithmError"
            ),
            (
                "httpsConfig",
                "<HttpsConfiguration><TLS><Enable>false</Enable><TLSVersion>1</TLSVersion></TLS></HttpsConfiguration>",
                "MalformedXML"
            ),
            (
                "userDefinedLogFieldsConfig", "<UserDefinedLogFieldsConfiguration></UserDefinedLogFieldsConfiguration>",
                "InvalidArgument"
            ),
            (
                "resourceGroup", "<BucketResourceGroupConfiguration></BucketResourceGroupConfiguration>",
                "MalformedXML"
            ),
            ("tagging", tags(""), "MalformedXML"),
            ("tagging", tags("<Tag><Key></Key><Value>v</Value></Tag>"), "InvalidTaggingKey"),
            ("tagging", tags(String(repeating: "<Tag><Key>k</Key><Value>v</Value></Tag>", count: 2)), "RepeatedTags"),
            ("tagging", tags(many), "TooManyTags"),
            (
                "requestPayment",
                "<RequestPaymentConfiguration><Payer>Nobody</Payer></RequestPaymentConfiguration>", "MalformedXML"
            ),
            (
                "logging",
                "<BucketLoggingStatus><LoggingEnabled><TargetBucket>nowhere</TargetBucket></LoggingEnabled>"
                    + "</BucketLoggingStatus>", "InvalidTargetBucketForLogging"
            ),
            ("inventory&inventoryId=other", BucketDocumentCase.inventory("i"), "InvalidArgument"),
            (
                "resourceGroup",
                "<BucketResourceGroupConfiguration><ResourceGroupId>rg-not-exist</ResourceGroupId>"
                    + "</BucketResourceGroupConfiguration>", "ResourceGroupIdPreCheckError"
            ),
            (
                "httpsConfig", "<HttpsConfiguration><TLS><Enable>true</Enable></TLS></HttpsConfiguration>",
                "MalformedXML"
            ),
            (
                "httpsConfig",
                "<HttpsConfiguration><TLS><Enable>true</Enable><TLSVersion>SSL</TLSVersion></TLS></HttpsConfiguration>",
                "MalformedXML"
            ),
            ("qos", "<BucketUserQos><StorageCapacity>-2</StorageCapacity></BucketUserQos>", "InvalidArgument"),
            ("policy", "{", "InvalidPolicyDocument"),
            ("policy", "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Maybe\"}]}", "InvalidPolicyDocument"),
        ]
        for (query, body, code) in cases {
            let response = try server.request("PUT", "/photos?\(query)", body: body)
            #expect(response.status == 400, "\(query) \(body)")
            #expect(response.element("Code") == code, "\(query) \(body)")
        }
    }
}
