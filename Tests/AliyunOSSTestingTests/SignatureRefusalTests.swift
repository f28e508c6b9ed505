import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

/// A request signed by the library, changed in one way, gets the service's error.
@Suite("Mock signature verification")
struct SignatureRefusalTests {
    let vector: SignatureVector
    let server: MockOSSServer

    init() throws {
        vector = try #require(SignatureVector.verifiable("sign_v4_header").first { $0.id == "v4h-c-delete-version" })
        server = try Self.makeServer(vector)
    }

    private static func makeServer(_ vector: SignatureVector) throws -> MockOSSServer {
        var configuration = MockOSSServer.Configuration(
            region: vector.region ?? "", buckets: [vector.bucket ?? ""],
            accessKeys: [
                .init(
                    id: vector.accessKeyId ?? "", secret: vector.accessKeySecret ?? "",
                    securityToken: vector.securityToken)
            ], blocksPublicAccess: false)
        let time = vector.request(isV4: true).now
        configuration.clock = { time }
        return try MockOSSServer(configuration)
    }

    private func send(_ change: (inout HTTPHeaders) -> Void = { _ in }) throws -> RawResponse {
        var request = vector.request(isV4: true)
        change(&request.headers)
        let client = try RawClient(server)
        let query = request.query.items.map { item in item.value.map { "\(item.name)=\($0)" } ?? item.name }
        var text =
            "\(request.method) /\(request.bucket ?? "")/\(request.key ?? "")?\(query.joined(separator: "&")) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for field in request.headers { text += "\(field.name): \(field.value)\r\n" }
        client.send(text + "\r\n")
        return try #require(client.response())
    }

    /// The version ID of the published request is truncated, which the server reports only after it has verified the
    /// signature.
    private func isServed() throws -> Bool {
        try send().element("Message") == "Invalid version id specified."
    }

    @Test("A correctly signed request is served")
    func accepted() throws {
        #expect(try isServed())
    }

    @Test("A request without a signature returns AccessDenied")
    func anonymous() throws {
        let response = try send { $0["Authorization"] = nil }
        #expect(response.status == 403)
        #expect(response.element("Code") == "AccessDenied")
        #expect(response.element("EC") == "0003-00000001")
    }

    @Test("A wrong signature returns SignatureDoesNotMatch with the strings to compare")
    func wrongSignature() throws {
        let response = try send { $0["Authorization"] = ($0["Authorization"] ?? "").dropLast() + "x" }
        #expect(response.status == 403)
        #expect(response.element("Code") == "SignatureDoesNotMatch")
        #expect(response.element("OSSAccessKeyId") == vector.accessKeyId)
        #expect(response.element("StringToSign")?.hasPrefix("OSS4-HMAC-SHA256") == true)
        #expect(response.element("StringToSignBytes")?.hasPrefix("4F 53 53 34") == true)
        #expect(response.element("CanonicalRequest")?.hasPrefix("DELETE") == true)
    }

    @Test("An unknown key returns InvalidAccessKeyId")
    func unknownKey() throws {
        let response = try send {
            $0["Authorization"] = ($0["Authorization"] ?? "").replacingOccurrences(
                of: "Credential=", with: "Credential=no")
        }
        #expect(response.status == 403)
        #expect(response.element("Code") == "InvalidAccessKeyId")
    }

    @Test("A missing bucket is reported before an unknown key, except for operations that create buckets")
    func unknownKeyAndBucket() throws {
        let signature: KeyValuePairs = [
            "Authorization": "OSS no:AAAA", "Date": HTTPDate.string(from: vector.request(isV4: true).now),
        ]
        for headers in [signature, [:]] {
            for target in ["/none", "/none?stat", "/none/key", "/none/key?acl"] {
                #expect(
                    try server.request("GET", target, headers: headers).element("Code") == "NoSuchBucket", "\(target)")
            }
            #expect(try server.request("PUT", "/none?versioning", headers: headers).status == 404)
            for target in ["/none", "/none?acl"] {
                #expect(try server.request("PUT", target, headers: headers).status == 403, "\(target)")
            }
        }
        #expect(
            try server.request("GET", "/\(vector.bucket ?? "")?stat", headers: signature).element("Code")
                == "InvalidAccessKeyId")
    }

    @Test("A stale date returns RequestTimeTooSkewed with the server's time")
    func stale() throws {
        for offset in [901, -901] {
            server.clockOffset = .seconds(offset)
            let response = try send()
            #expect(response.status == 403)
            #expect(response.element("Code") == "RequestTimeTooSkewed")
            #expect(response.element("MaxAllowedSkewMilliseconds") == "900000")
            #expect(response.element("ServerTime")?.hasSuffix(".000Z") == true)
            #expect(response.element("RequestTime") != response.element("ServerTime"))
        }
        server.clockOffset = .seconds(899)
        #expect(try isServed())
    }

    @Test("A missing or invalid date returns AccessDenied")
    func dates() throws {
        for value in [nil, "yesterday"] {
            let response = try send { $0["x-oss-date"] = value }
            #expect(response.status == 403)
            #expect(response.element("Message") == "OSS authentication requires a valid Date.")
        }
        let otherDay = try send { $0["x-oss-date"] = "20200101T000000Z" }
        #expect(otherDay.status == 400)
        #expect(otherDay.element("Message") == "Invalid signing date in Authorization header.")
    }

    @Test(
        "An invalid Authorization header returns InvalidArgument",
        arguments: [
            "Basic abc", "OSS only", "OSS :", "OSS4-HMAC-SHA256 nonsense",
            "OSS4-HMAC-SHA256 Credential=a/b,Signature=c",
            "OSS4-HMAC-SHA256 Credential=a/20201010/r/oss/other,Signature=c",
            "OSS4-HMAC-SHA256 Credential=a/20201010/r/oss/aliyun_v4_request",
            "OSS4-HMAC-SHA256 Credential=a/20201010/r/oss/aliyun_v4_request,AdditionalHeaders=,Signature=c",
            "OSS4-HMAC-SHA256 Credential=a/20201010/r/oss/aliyun_v4_request,Other=,Signature=c",
        ])
    func malformed(authorization: String) throws {
        let response = try send { $0["Authorization"] = authorization }
        #expect(response.status == 400)
        #expect(response.element("Code") == "InvalidArgument")
    }

    @Test("A missing signed header returns InvalidArgument, for signatures in headers and in URLs")
    func missingAdditionalHeader() throws {
        let response = try send {
            $0["Authorization"] = ($0["Authorization"] ?? "").replacingOccurrences(
                of: ",Signature", with: ",AdditionalHeaders=email;host,Signature")
        }
        #expect(response.status == 400)
        #expect(response.element("Code") == "InvalidArgument")
        #expect(response.element("ArgumentValue") == "email;host")

        let url = try #require(SignatureVector.verifiable("sign_v4_query").first)
        var request = url.request(isV4: true)
        request.query.items.removeAll { $0.name == "x-oss-additional-headers" }
        request.query.items.append(("x-oss-additional-headers", "email"))
        let error = #expect(throws: ServiceError.self) { try url.checker().verify(request) }
        #expect(error?.status == 400)
        request.headers["Email"] = "a"
        #expect(
            #expect(throws: ServiceError.self) { try url.checker().verify(request) }?.code == "SignatureDoesNotMatch")
    }

    @Test("A signature for another region is rejected")
    func region() throws {
        let response = try send {
            $0["Authorization"] = ($0["Authorization"] ?? "").replacingOccurrences(of: "us-west-1", with: "cn-beijing")
        }
        #expect(response.status == 400)
        #expect(response.element("EC") == "0002-00000226")
    }

    @Test("A token is required for a temporary key and rejected for a permanent one")
    func tokens() throws {
        let response = try send { $0["x-oss-security-token"] = "unexpected" }
        #expect(response.status == 403)
        #expect(response.element("Code") == "InvalidSecurityToken")

        let sts = try #require(SignatureVector.verifiable("sign_v4_header").first { $0.id == "v4h-sts" })
        let request = sts.request(isV4: true)
        var changed = request
        changed.headers["x-oss-security-token"] = nil
        #expect(throws: ServiceError.self) { try sts.checker().verify(changed) }
        changed.headers["x-oss-security-token"] = "other"
        let error = #expect(throws: ServiceError.self) { try sts.checker().verify(changed) }
        #expect(error?.code == "InvalidSecurityToken")
        let expired = SignatureChecker(
            accessKeys: [
                .init(
                    id: sts.accessKeyId ?? "", secret: sts.accessKeySecret ?? "", securityToken: sts.securityToken,
                    expiration: request.now)
            ], region: sts.region ?? "")
        #expect(#expect(throws: ServiceError.self) { try expired.verify(request) }?.code == "SecurityTokenExpired")
    }

    @Test("A signed URL that is expired, incomplete or signed twice is rejected")
    func urls() throws {
        for (file, isV4) in [("sign_v4_query", true), ("sign_v1_query", false)] {
            let vector = try #require(SignatureVector.verifiable(file).first)
            let request = vector.request(isV4: isV4)
            var late = request
            late.now += 8 * 86_400
            #expect(
                #expect(throws: ServiceError.self) { try vector.checker().verify(late) }?.message
                    == "Request has expired.")
            var twice = request
            twice.headers["Authorization"] = "OSS a:b"
            #expect(
                #expect(throws: ServiceError.self) { try vector.checker().verify(twice) }?.code == "InvalidArgument")
            for name in (vector.expected.query ?? [:]).keys {
                var incomplete = request
                incomplete.query.items.removeAll { $0.name == name }
                #expect(throws: ServiceError.self, "\(name)") { try vector.checker().verify(incomplete) }
            }
            var token = request
            token.headers["x-oss-security-token"] = "t"
            #expect(#expect(throws: ServiceError.self) { try vector.checker().verify(token) }?.code == "InvalidRequest")
        }
    }

    @Test("A public object can be read without a signature, and a private one cannot")
    func publicRead() throws {
        let bucket = vector.bucket ?? ""
        try server.put("open", Data("x".utf8), in: bucket, headers: ["x-oss-object-acl": "public-read"])
        try server.put("closed", Data("x".utf8), in: bucket)
        #expect(try server.request("GET", "/\(bucket)/open").status == 200)
        #expect(try server.request("GET", "/\(bucket)/closed").status == 403)
        #expect(try server.request("PUT", "/\(bucket)/open", body: "y").status == 403)
        #expect(try server.request("GET", "/\(bucket)/open?response-expires=x").element("Code") == "InvalidRequest")
    }
}
