import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

/// The service has an error number for each mistake in a signature.
@Suite("Mock signature error numbers")
struct SignatureErrorTests {
    private static let now = Date(timeIntervalSince1970: 1_795_333_600)
    private static let dateTime = ISO8601.basic(now)
    private static let date = String(dateTime.prefix(8))
    let server: MockOSSServer

    init() throws {
        var configuration = MockOSSServer.Configuration(
            buckets: ["photos"],
            accessKeys: [
                .init(id: "id", secret: "secret"), .init(id: "sts", secret: "secret", securityToken: "tok/en"),
            ])
        configuration.clock = { Self.now }
        server = try MockOSSServer(configuration)
        try server.put("k", Data("hello".utf8), in: "photos")
        try server.put("é/k 1", Data("hello".utf8), in: "photos")
    }

    // MARK: Version 4

    struct Mistake: CustomTestStringConvertible {
        var change: String
        var with = ""
        var number: String
        var status = 400
        var code = "InvalidArgument"
        var message: String?

        var testDescription: String { "\(change) → \(with)" }
    }

    @Test(
        "An invalid V4 Authorization header returns the service's error number",
        arguments: [
            Mistake(
                change: "cn-hangzhou", with: "cn-beijing", number: "226",
                message: "Invalid signing region in Authorization header."),
            Mistake(
                change: "cn-hangzhou", number: "226", message: "Invalid signing region in Authorization header."),
            Mistake(
                change: "/oss/", with: "/s3/", number: "227",
                message: "Invalid signing product in Authorization header."),
            Mistake(
                change: "aliyun_v4_request", with: "abc", number: "213",
                message: "Invalid credential in Authorization header."),
            Mistake(change: date, with: "20200101", number: "212"),
            Mistake(change: date, with: "2026", number: "212"), Mistake(change: "id/", with: "/", number: "206"),
            Mistake(change: "Credential=id/\(date)/cn-hangzhou/oss/aliyun_v4_request,", number: "205"),
            Mistake(change: ",Signature=0", number: "207"),
            Mistake(change: "Signature=0", with: "Signature=", number: "208"),
            Mistake(change: ",S", with: ",AdditionalHeaders=,S", number: "209"),
            Mistake(change: ",S", with: ",Other=1,S", number: "204"),
            Mistake(change: ",S", with: ",x,S", number: "202"),
            Mistake(change: "=id/", with: "=no/", number: "902", status: 403, code: "InvalidAccessKeyId"),
            Mistake(change: "=id/", with: "=sts/", number: "003", status: 403, code: "InvalidAccessKeyId"),
            Mistake(change: "nothing", number: "040", status: 403, code: "SignatureDoesNotMatch"),
        ])
    func v4Header(_ mistake: Mistake) throws {
        let authorization = "OSS4-HMAC-SHA256 Credential=id/\(Self.date)/cn-hangzhou/oss/aliyun_v4_request,Signature=0"
        let response = try server.request(
            "GET", "/photos/k",
            headers: [
                "x-oss-date": Self.dateTime,
                "Authorization": authorization.replacingOccurrences(of: mistake.change, with: mistake.with),
            ])
        check(response, mistake)
    }

    @Test(
        "The payload of a V4 header must be UNSIGNED-PAYLOAD",
        arguments: ["", "e3b0c442", "unsigned-payload"])
    func payload(digest: String) throws {
        for id in ["id", "no"] {
            let response = try server.request(
                "GET", "/photos/k",
                headers: [
                    "x-oss-date": Self.dateTime, "x-oss-content-sha256": digest,
                    "Authorization":
                        "OSS4-HMAC-SHA256 Credential=\(id)/\(Self.date)/cn-hangzhou/oss/aliyun_v4_request,Signature=0",
                ])
            #expect(response.status == 400 && response.element("Code") == "InvalidArgument")
            #expect(response.element("EC") == "0002-00000214")
            #expect(response.element("Message") == "The x-oss-content-sha256 only supports UNSIGNED-PAYLOAD.")
            #expect(response.element("ArgumentName") == "x-oss-content-sha256")
        }
    }

    private static let invalidRegion = "The signing region in credential is invalid."

    @Test(
        "An invalid V4 URL returns the service's error number",
        arguments: [
            Mistake(change: "cn-hangzhou", with: "cn-beijing", number: "228", message: invalidRegion),
            Mistake(change: "cn-hangzhou", number: "228", message: invalidRegion),
            Mistake(change: "%2Foss%2F", with: "%2Fs3%2F", number: "229"),
            Mistake(change: "aliyun_v4_request", with: "abc", number: "224"),
            Mistake(change: "%2Faliyun_v4_request", number: "224"),
            Mistake(change: "=id%2F\(date)", with: "=id%2F20200101", number: "223"),
            Mistake(change: "=id%2F", with: "=%2F", number: "222"),
            Mistake(change: "x-oss-credential", with: "x", number: "217"),
            Mistake(change: "=id%2F\(date)%2Fcn-hangzhou%2Foss%2Faliyun_v4_request", with: "=", number: "218"),
            Mistake(change: "&x-oss-signature=0", number: "219"),
            Mistake(change: "&x-oss-signature=0", with: "&x-oss-signature=", number: "220"),
            Mistake(change: "&x-oss-expires=600", number: "215"),
            Mistake(change: "x-oss-expires=600", with: "x-oss-expires=", number: "216"),
            Mistake(change: "x-oss-expires=600", with: "x-oss-expires", number: "216"),
            Mistake(change: "x-oss-expires=600", with: "x-oss-expires=604801", number: "232"),
            Mistake(change: "x-oss-date=\(dateTime)", with: "x-oss-date=x", number: "223"),
            Mistake(change: "OSS4-HMAC-SHA256", with: "OSS5", number: "066"),
            Mistake(
                change: "\(date)T074640Z", with: "\(date)T073639Z", number: "236", status: 403, code: "AccessDenied",
                message: "Request has expired."),
            Mistake(
                change: "\(date)T074640Z", with: "\(date)T080141Z", number: "225", status: 403, code: "AccessDenied"),
            Mistake(change: "=id%2F", with: "=sts%2F", number: "003", status: 403, code: "InvalidAccessKeyId"),
            Mistake(change: "nothing", number: "040", status: 403, code: "SignatureDoesNotMatch"),
        ])
    func v4URL(_ mistake: Mistake) throws {
        let target =
            "/photos/k?x-oss-signature-version=OSS4-HMAC-SHA256"
            + "&x-oss-credential=id%2F\(Self.date)%2Fcn-hangzhou%2Foss%2Faliyun_v4_request"
            + "&x-oss-date=\(Self.dateTime)&x-oss-expires=600&x-oss-signature=0"
        check(
            try server.request("GET", target.replacingOccurrences(of: mistake.change, with: mistake.with)), mistake)
    }

    private func check(_ response: RawResponse, _ mistake: Mistake) {
        #expect(response.status == mistake.status)
        #expect(response.element("Code") == mistake.code)
        #expect(response.element("EC") == "0002-00000\(mistake.number)")
        #expect(response.headers["x-oss-ec"] == "0002-00000\(mistake.number)")
        if let message = mistake.message { #expect(response.element("Message") == message) }
    }

    // MARK: Version 2

    /// A request signed by `AuthV2` of `oss2` 2.19.1.
    struct Signed: CustomTestStringConvertible {
        var method = "GET"
        var target: String
        var headers: KeyValuePairs<String, String> = [:]
        var authorization: String?

        var testDescription: String { target }
    }

    private static let signed = [
        Signed(
            target: "/photos/%C3%A9/k%201?acl&x-y=a%20b%2Fc", headers: ["x-oss-meta-z": "1"],
            authorization: "OSS2 AccessKeyId:id,Signature:GEaoPm6K9aGiMOLDwuAGO4P76fZfoeWcE4QcRW9XYzM="),
        Signed(
            method: "PUT", target: "/photos/k",
            headers: [
                "Content-Type": "text/plain", "Content-MD5": "XrY7u+Ae7tCTyyK7j1rNww==", "Range": "bytes=0-1",
                "x-oss-meta-a": "b",
            ],
            authorization:
                "OSS2 AccessKeyId:id,AdditionalHeaders:range,Signature:AS9HtypkPSl6bt3D5u+49Z5ebLW4cJTLUQuqcQBvxvs="),
        Signed(
            target: "/", authorization: "OSS2 AccessKeyId:id,Signature:OaXWh3kmGaxwCmg1l10aNaqNQu0OxcqAej4JXHJMm24="),
        Signed(
            target: "/photos/k", headers: ["x-oss-security-token": "tok/en"],
            authorization: "OSS2 AccessKeyId:sts,Signature:kh3BGlPRFOMAABSp1iEehdukNSyv4mCTrH5lYEmL1mo="),
        Signed(
            target: "/photos/k?x-oss-signature-version=OSS2&x-oss-expires=1795334200&x-oss-access-key-id=id"
                + "&x-oss-signature=zu6khCT8SBiF5GFWB30iUNFoKfoLXK7YWzHEwELvR3w%3D"),
        Signed(
            target: "/photos/k?acl&x-oss-signature-version=OSS2&x-oss-expires=1795334200&x-oss-access-key-id=id"
                + "&x-oss-additional-headers=range"
                + "&x-oss-signature=x7PL%2BBH1NUJsU9ZjPahV%2BBre2eSHA7jPOYKr2x3g2NU%3D",
            headers: ["Range": "bytes=0-1"]),
        Signed(
            target: "/photos/k?security-token=tok%2Fen&x-oss-signature-version=OSS2&x-oss-expires=1795334200"
                + "&x-oss-access-key-id=sts&x-oss-signature=NvlARvE9Wi3%2Bf5VOquV0A%2B%2FUr%2Fw6ibfnTY3rlKuTCIw%3D"),
    ]

    private func send(
        _ signed: Signed, target: String? = nil, authorization: String? = nil, extra: String = ""
    ) throws -> RawResponse {
        let client = try RawClient(server)
        var text = "\(signed.method) \(target ?? signed.target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in signed.headers { text += "\(name): \(value)\r\n" }
        if let authorization = authorization ?? signed.authorization {
            text += "Date: \(HTTPDate.string(from: Self.now))\r\nAuthorization: \(authorization)\r\n"
        }
        let body = signed.method == "PUT" ? "hello world" : ""
        client.send(text + extra + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
        return try #require(client.response())
    }

    @Test("A V2 signature of oss2 is accepted, and any change to its request is rejected", arguments: signed)
    func v2(_ signed: Signed) throws {
        let answer = try send(signed)
        #expect(answer.status == 200, "\(answer.text)")
        let hasType = signed.headers.contains { $0.key == "Content-Type" }
        for change in ["x-oss-meta-extra: 1\r\n"] + (hasType ? [] : ["Content-Type: a/b\r\n"]) {
            #expect(try send(signed, extra: change).element("Code") == "SignatureDoesNotMatch", "\(change)")
        }
        let other = signed.target + (signed.target.contains("?") ? "&" : "?") + "prefix=x"
        let refused = try send(signed, target: other)
        #expect(refused.element("Code") == "SignatureDoesNotMatch")
        #expect(refused.element("StringToSign")?.contains("prefix=x") == true)
    }

    @Test(
        "An invalid V2 signature returns the service's error number",
        arguments: [
            ("OSS2 AccessKeyId:id,", "102"), ("OSS2 AccessKeyId:id,Signature", "103"),
            ("OSS2 AccessKeyId:id,Signature:x,Other:y", "104"), ("OSS2 Signature:x,AdditionalHeaders:host", "105"),
            ("OSS2 AccessKeyId:id,AdditionalHeaders:host", "108"),
            ("?x-oss-access-key-id=id&x-oss-signature=x", "113"),
            ("?x-oss-expires=1795334200&x-oss-signature=x", "115"),
            ("?x-oss-expires=1795334200&x-oss-access-key-id=id", "117"),
            ("?x-oss-expires=abc&x-oss-access-key-id=id&x-oss-signature=x", "070"),
            ("?x-oss-expires=1795333599&x-oss-access-key-id=id&x-oss-signature=x", "069"),
            ("?x-oss-expires=1795334200&x-oss-access-key-id=no&x-oss-signature=x", "902"),
            ("?x-oss-expires=1795334200&x-oss-access-key-id=sts&x-oss-signature=x", "003"),
            ("?x-oss-expires=1795334200&x-oss-access-key-id=sts&x-oss-signature=x&security-token=tok", "006"),
            ("?x-oss-expires=1795334200&x-oss-access-key-id=id&x-oss-signature=x", "040"),
        ])
    func v2Mistakes(text: String, number: String) throws {
        let isURL = text.hasPrefix("?")
        let response = try send(
            Signed(
                target: "/photos/k" + (isURL ? text + "&x-oss-signature-version=OSS2" : ""),
                authorization: isURL ? nil : text))
        #expect(response.element("EC") == "0002-00000\(number)", "\(response.text)")
    }

    // MARK: Bytes and tokens

    @Test(
        "A header sent as Latin-1 and signed as UTF-8 does not match its signature",
        arguments: [false, true], [false, true])
    func latin1(isV4: Bool, signsBytesSent: Bool) throws {
        let value = Array("caf".utf8) + [0xE9]
        let signedValue = signsBytesSent ? value : Array("café".utf8)
        var head: [UInt8]
        if isV4 {
            let canonical =
                Array("PUT\n/photos/new\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:\(Self.dateTime)\n".utf8)
                + "x-oss-meta-a:".utf8 + signedValue + "\n\n\nUNSIGNED-PAYLOAD".utf8
            let scope = "\(Self.date)/cn-hangzhou/oss/aliyun_v4_request"
            var key = Array("aliyun_v4secret".utf8)
            for part in scope.split(separator: "/") {
                key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
            }
            let text = "OSS4-HMAC-SHA256\n\(Self.dateTime)\n\(scope)\n\(Hexadecimal.lowercase(SHA256.hash(canonical)))"
            let mac = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), key: key)
            head = Array(
                "x-oss-date: \(Self.dateTime)\r\nx-oss-content-sha256: UNSIGNED-PAYLOAD\r\n".utf8)
            head += "Authorization: OSS4-HMAC-SHA256 Credential=id/\(scope),Signature=".utf8
            head += Hexadecimal.lowercase(mac).utf8
        } else {
            let date = HTTPDate.string(from: Self.now)
            let text = Array("PUT\n\n\n\(date)\nx-oss-meta-a:".utf8) + signedValue + "\n/photos/new".utf8
            let mac = HMAC<SHA1>.authenticationCode(for: text, key: Array("secret".utf8))
            head = Array("Date: \(date)\r\nAuthorization: OSS id:\(Data(mac).base64EncodedString())".utf8)
        }
        let client = try RawClient(server)
        client.send(
            Array("PUT /photos/new HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n".utf8) + head
                + "\r\nx-oss-meta-a: ".utf8 + value + "\r\n\r\n".utf8)
        let response = try #require(client.response())
        #expect(response.status == (signsBytesSent ? 200 : 403), "\(response.text)")
        if !signsBytesSent { #expect(response.element("Code") == "SignatureDoesNotMatch") }
    }

    @Test("Wrong, missing and expired tokens return different errors, and an expired token is returned in the error")
    func tokens() throws {
        func send(_ token: String?) throws -> RawResponse {
            let date = HTTPDate.string(from: Self.now)
            let line = token.map { "x-oss-security-token:\($0)\n" } ?? ""
            let mac = HMAC<SHA1>.authenticationCode(
                for: Array("GET\n\n\n\(date)\n\(line)/photos/k".utf8), key: Array("secret".utf8))
            let client = try RawClient(server)
            client.send(
                "GET /photos/k HTTP/1.1\r\nHost: x\r\nDate: \(date)\r\n"
                    + "Authorization: OSS sts:\(Data(mac).base64EncodedString())\r\n"
                    + (token.map { "x-oss-security-token: \($0)\r\n" } ?? "") + "\r\n")
            return try #require(client.response())
        }
        #expect(try send("tok/en").text == "hello")
        server.expireToken(accessKeyID: "sts")
        let expected =
            [
                ("tok/en", "SecurityTokenExpired", "007"), ("other", "InvalidSecurityToken", "006"),
                (nil, "InvalidAccessKeyId", "003"),
            ] as [(String?, String, String)]
        for (token, code, number) in expected {
            let response = try send(token)
            #expect(response.status == 403 && response.element("Code") == code)
            #expect(response.element("EC") == "0002-00000\(number)")
            #expect(response.element("SecurityToken") == (number == "007" ? token : nil))
        }
    }
}
