import AliyunOSS
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

private let files = ["sign_v4_header", "sign_v4_query", "sign_v1_header", "sign_v1_query"]

@Suite("Mock signature vectors")
struct SignatureVectorTests {
    @Test("The signature fixtures exist", arguments: files)
    func areThere(name: String) {
        #expect(SignatureVector.verifiable(name).count >= 8)
    }

    @Test(
        "Published signatures are accepted, and rejected with another secret or one changed byte",
        arguments: files.flatMap { file in SignatureVector.verifiable(file).map { (file, $0) } })
    func accepts(file: String, vector: SignatureVector) throws {
        let request = vector.request(isV4: file.contains("v4"))
        #expect(try vector.checker().verify(request) == .accessKey(vector.accessKeyId ?? ""))

        let wrongSecret = #expect(throws: ServiceError.self) {
            try vector.checker(secret: "another").verify(request)
        }
        #expect(wrongSecret?.code == "SignatureDoesNotMatch")

        var changed = request
        changed.key = (request.key ?? "") + "x"
        #expect(throws: ServiceError.self) { try vector.checker().verify(changed) }
        changed = request
        changed.method = "PATCH"
        #expect(throws: ServiceError.self) { try vector.checker().verify(changed) }
        changed = request
        changed.headers.add("x-oss-meta-extra", "1")
        #expect(throws: ServiceError.self) { try vector.checker().verify(changed) }
    }

    @Test("The V4 signature of ossutil, which dates requests by the Date header, is accepted")
    func dateHeader() throws {
        let authorization =
            "OSS4-HMAC-SHA256 Credential=ak/20261129/cn-hangzhou/oss/aliyun_v4_request,"
            + "Signature=4c0c03f20328669036774875365be74a3f86ce0dc9ec20048517e37382ca691b"
        var request = ServiceRequest(
            method: "PUT", operation: .putObject, bucket: "demo", key: "a b", query: QueryItems(),
            headers: [
                "Content-Type": "application/octet-stream", "Date": "Sun, 29 Nov 2026 10:07:12 GMT",
                "x-oss-content-sha256": "UNSIGNED-PAYLOAD", "Authorization": authorization,
            ],
            authority: "", requestID: "", now: try #require(ISO8601.date(from: "20261129T100800Z")))
        let checker = SignatureChecker(accessKeys: [.init(id: "ak", secret: "sk")], region: "cn-hangzhou")
        #expect(try checker.verify(request) == .accessKey("ak"))
        request.headers["Date"] = "Sun, 29 Nov 2026 10:07:13 GMT"
        #expect(throws: ServiceError.self) { try checker.verify(request) }
    }

    @Test(
        "The canonical request and the string to sign equal the published ones",
        arguments: files.flatMap { file in SignatureVector.verifiable(file).map { (file, $0) } })
    func strings(file: String, vector: SignatureVector) throws {
        let request = vector.request(isV4: file.contains("v4"))
        let error = try #require(
            #expect(throws: ServiceError.self) { try vector.checker(secret: "another").verify(request) })
        let details = Dictionary(uniqueKeysWithValues: error.details.map { ($0.name, $0.value) })
        if let string = vector.expected.stringToSign { #expect(details["StringToSign"] == string) }
        if let canonical = vector.expected.canonicalRequest { #expect(details["CanonicalRequest"] == canonical) }
    }
}
