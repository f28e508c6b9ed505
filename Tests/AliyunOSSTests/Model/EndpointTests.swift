import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

@Suite("Endpoint")
struct EndpointTests {
    @Test("Endpoints are parsed in all common notations")
    func reading() throws {
        #expect(try Endpoint("oss-cn-hangzhou.aliyuncs.com").description == "https://oss-cn-hangzhou.aliyuncs.com")
        #expect(
            try Endpoint("HTTP://OSS-cn-hangzhou.Aliyuncs.com/").description == "http://oss-cn-hangzhou.aliyuncs.com")
        #expect(try Endpoint("https://oss.example.com:8443").authority == "oss.example.com:8443")
        #expect(try Endpoint("https://oss.example.com:443").authority == "oss.example.com")
        #expect(try Endpoint("http://oss.example.com:443").authority == "oss.example.com:443")
        #expect(try Endpoint("localhost:8080").port == 8080)
    }

    @Test(
        "An IP address or localhost uses path style, and a name uses virtual-hosted style",
        arguments: [
            ("http://127.0.0.1:8080", AddressingStyle.path), ("http://192.168.1.1", .path),
            ("http://localhost", .path), ("https://oss.example.com", .virtualHosted),
        ])
    func style(_ text: String, _ style: AddressingStyle) throws {
        #expect(try Endpoint(text).addressing == style)
        #expect(try Endpoint(text, style: .cname).addressing == .cname)
    }

    @Test(
        "An invalid endpoint is rejected with the reason and an example",
        arguments: [
            ("", "empty"), (" ", "space"), ("oss example.com", "space"), ("oss.example.com\n", "space"),
            ("https://", "host"), ("ftp://oss.example.com", "https"),
            ("https://user:pw@oss.example.com", "credentials"),
            ("https://oss.example.com/bucket", "path"), ("oss.example.com//", "path"),
            ("https://oss.example.com?x=1", "query"), ("https://oss.example.com#x", "query"),
            ("oss.example.com:0", "port"), ("oss.example.com:65536", "port"), ("oss.example.com:", "port"),
            ("oss.example.com:8o", "port"), ("oss.example.com:+80", "port"), ("[::1", "IPv6"), ("[::g]", "IPv6"),
            ("https://[::1]x", "IPv6"), ("1.2.3", "IPv4"), ("1.2.3.256", "IPv4"), ("a..b", "host"), (".a", "host"),
            ("-a.b", "host"), ("a,b", "host"), ("ex\u{E4}mple.com", "ASCII"), ("a%2eb", "host"),
        ])
    func refusals(_ text: String, _ reason: String) throws {
        let error = try #require(throws: OSSError.self) { try Endpoint(text) }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains(reason))
        #expect(error.message.contains("https://oss-cn-hangzhou.aliyuncs.com"))
        #expect(!error.description.contains("pw"), "a password is not repeated")
    }

    @Test("An IPv6 address uses path style and is rejected where URLSession does not support it")
    func addressOfVersion6() throws {
        for text in ["http://[::1]:8080", "https://[2001:DB8::1]"] {
            #if canImport(FoundationNetworking)
                let error = try #require(throws: OSSError.self) { try Endpoint(text) }
                #expect(error.code == .invalidArgument && error.message.contains("Linux"), "\(error)")
            #else
                #expect(try Endpoint(text).addressing == .path)
            #endif
        }
    }

    @Test("CNAME style is rejected for the service's own hosts, which do not belong to a single bucket")
    func cnameOfTheService() {
        for host in ["oss-cn-hangzhou.aliyuncs.com", "oss-accelerate.aliyuncs.com", "cn-hangzhou.oss.aliyuncs.com"] {
            let error = #expect(throws: OSSError.self) { try Endpoint(host, style: .cname) }
            #expect(error?.code == .invalidArgument && error?.message.contains(host) == true)
        }
    }

    @Test("A bucket name before the service's host is rejected, unless it is a custom domain")
    func bucketInHost() throws {
        let error = try #require(throws: OSSError.self) { try Endpoint("photos.oss-cn-hangzhou.aliyuncs.com") }
        #expect(error.message.contains("'photos'") && error.message.contains("'oss-cn-hangzhou.aliyuncs.com'"))
        #expect(throws: OSSError.self) { try Endpoint("photos.oss-accelerate.aliyuncs.com") }
        #expect(throws: OSSError.self) { try Endpoint("photos.cn-hangzhou.oss.aliyuncs.com", style: .path) }
        let custom = try Endpoint("photos.oss-cn-hangzhou.aliyuncs.com", style: .cname)
        #expect(custom.url(bucket: "photos", key: "k") == "https://photos.oss-cn-hangzhou.aliyuncs.com/k")
    }

    @Test("A bucket name cannot precede an IP address")
    func virtualHostedAddress() {
        #expect(throws: OSSError.self) { try Endpoint("http://127.0.0.1", style: .virtualHosted) }
    }

    @Test(
        "The service's own hosts determine the signing region",
        arguments: [
            ("oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou"), ("oss-us-west-1-internal.aliyuncs.com", "us-west-1"),
            ("eu-central-1.oss.aliyuncs.com", "eu-central-1"), ("oss-accelerate.aliyuncs.com", nil),
            ("oss-accelerate-overseas.aliyuncs.com", nil), ("oss.example.com", nil), ("127.0.0.1:80", nil),
            ("cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com", "cb-123"),
        ] as [(String, String?)])
    func impliedRegion(_ host: String, _ region: String?) throws {
        let endpoint = try Endpoint(host)
        #expect(endpoint.impliedRegion == region)
        #expect(endpoint.signingProduct == (region == "cb-123" ? "oss-cloudbox" : "oss"))
        #expect(try endpoint.signingRegion("cn-beijing") == "cn-beijing")
        if let region {
            #expect(try endpoint.signingRegion(nil) == region)
        } else {
            let error = try #require(throws: OSSError.self) { try endpoint.signingRegion(nil) }
            #expect(error.message.contains("pass the region"))
        }
    }

    @Test(
        "An invalid region is rejected",
        arguments: ["", "CN-hangzhou", "cn_hangzhou", "cn/hangzhou", "cn hangzhou", "é"])
    func badRegions(_ region: String) throws {
        let error = try #require(throws: OSSError.self) { try Endpoint.region(region) }
        #expect(error.message.contains("cn-hangzhou"))
        #expect(throws: OSSError.self) { try Endpoint("127.0.0.1").signingRegion(region) }
    }

    @Test("A region in the console's notation is rejected, and the error states the valid one")
    func prefixedRegion() throws {
        let error = try #require(throws: OSSError.self) { try Endpoint.region("oss-cn-hangzhou") }
        #expect(error.message.hasSuffix(": cn-hangzhou"))
    }
}
