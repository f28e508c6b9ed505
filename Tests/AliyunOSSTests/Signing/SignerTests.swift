import Foundation
import Testing

@testable import AliyunOSS

@Suite("Signer", .timeLimit(.minutes(5)))
struct SignerTests {
    private let credentials = Credentials(accessKeyID: "ak", accessKeySecret: "sk")
    private let temporary = Credentials(accessKeyID: "ak", accessKeySecret: "sk", securityToken: "token")
    private let date = Date(timeIntervalSince1970: 1_702_743_657)
    private var request: SignableRequest {
        SignableRequest(
            method: .get, bucket: "bucket", key: "key", query: [("acl", nil)],
            headers: ["Content-Type": "text/plain", "x-oss-meta-a": "1"])
    }

    private func authorization(
        _ request: SignableRequest, _ signer: Signer, _ credentials: Credentials, at date: Date
    ) -> String? {
        var request = request
        signer.sign(&request, credentials: credentials, at: date)
        return request.headers["Authorization"]
    }

    @Test("Signing a signed request again gives the same result", arguments: SignatureVersion.allCases)
    func signingAgain(_ version: SignatureVersion) {
        let signer = Signer(version: version, region: "cn-hangzhou")
        var once = request
        signer.sign(&once, credentials: credentials, at: date + 3600)
        var twice = request
        signer.sign(&twice, credentials: temporary, at: date)
        signer.sign(&twice, credentials: credentials, at: date + 3600)
        #expect(once.headers["Authorization"] == twice.headers["Authorization"])
        #expect(twice.headers["x-oss-security-token"] == nil)
        #expect(once.headers.count == twice.headers.count)
    }

    @Test("A cached key signs like a new one, even after the day, the secret or both changed")
    func cachedKey() {
        let warm = Signer(region: "cn-hangzhou")
        let others = Credentials(accessKeyID: "ak", accessKeySecret: "other")
        for (credentials, date) in [
            (credentials, date), (credentials, date), (others, date), (credentials, date + 86_400),
            (others, date + 86_400), (credentials, date),
        ] {
            let cold = Signer(region: "cn-hangzhou")
            #expect(
                authorization(request, warm, credentials, at: date)
                    == authorization(request, cold, credentials, at: date))
        }
    }

    @Test("Concurrent tasks with two secrets get their correct signatures")
    func concurrently() async {
        let signer = Signer(region: "cn-hangzhou")
        let secrets = ["one", "two"].map { Credentials(accessKeyID: "ak", accessKeySecret: $0) }
        let request = request
        let date = date
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                group.addTask {
                    let credentials = secrets[index % 2]
                    let expected = authorization(request, Signer(region: "cn-hangzhou"), credentials, at: date)
                    return authorization(request, signer, credentials, at: date) == expected
                }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }

    @Test("Repeated header values are joined, and surrounding spaces are ignored")
    func repeatedHeaders() {
        var twice = request
        twice.headers.add("X-Oss-Meta-B", " 1")
        twice.headers.add("x-oss-meta-b", "2\t")
        var once = request
        once.headers.add("x-oss-meta-b", "1,2")
        let signer = Signer(region: "cn-hangzhou")
        #expect(
            authorization(twice, signer, credentials, at: date) == authorization(once, signer, credentials, at: date))
    }

    @Test("Additional headers are signed only if they are sent, and are named in the signature")
    func additionalHeaders() throws {
        let signer = Signer(region: "cn-hangzhou", additionalHeaders: ["Range", "host", "content-type", "x-oss-date"])
        var plain = request
        #expect(authorization(plain, signer, credentials, at: date)?.contains("AdditionalHeaders") == false)
        plain.headers["range"] = "bytes=0-1"
        let signed = try #require(authorization(plain, signer, credentials, at: date))
        #expect(signed.contains(",AdditionalHeaders=range,"))
        plain.headers["range"] = "bytes=0-2"
        #expect(authorization(plain, signer, credentials, at: date) != signed)
    }

    @Test(
        "Presigning a signed or presigned request removes the earlier signature",
        arguments: SignatureVersion.allCases)
    func presigningAgain(_ version: SignatureVersion) throws {
        let signer = Signer(version: version, region: "cn-hangzhou")
        var fresh = request
        try signer.presign(&fresh, credentials: temporary, at: date, validFor: .seconds(60))
        var used = request
        signer.sign(&used, credentials: credentials, at: date - 60)
        used.headers["x-oss-content-sha256"] = nil
        try signer.presign(&used, credentials: credentials, at: date - 60, validFor: .seconds(10))
        try signer.presign(&used, credentials: temporary, at: date, validFor: .seconds(60))
        #expect(fresh.query.map(\.name) == used.query.map(\.name))
        #expect(fresh.query.map(\.value) == used.query.map(\.value))
        #expect(used.headers["Authorization"] == nil)
    }

    @Test(
        "A validity that the service would reject is rejected before signing",
        arguments: [Duration.zero, .seconds(-1), .seconds(604_801), .milliseconds(604_800_001)])
    func validity(_ validity: Duration) {
        var request = request
        let signer = Signer(region: "cn-hangzhou")
        #expect(throws: OSSError.self) {
            try signer.presign(&request, credentials: credentials, at: date, validFor: validity)
        }
    }

    @Test("A fraction of a second of validity counts as a second")
    func partOfASecond() throws {
        var request = request
        let signer = Signer(region: "cn-hangzhou")
        try signer.presign(&request, credentials: credentials, at: date, validFor: .milliseconds(1500))
        #expect(values("x-oss-expires", in: request) == ["2"])
    }

    @Test(
        "Neither the signer nor a signed request shows a secret, a token or a signature",
        arguments: SignatureVersion.allCases)
    func redaction(_ version: SignatureVersion) throws {
        let secrets = Credentials(accessKeyID: "ak", accessKeySecret: "TOPSECRET", securityToken: "TOPTOKEN")
        let signer = Signer(version: version, region: "cn-hangzhou")
        var request = request
        signer.sign(&request, credentials: secrets, at: date)
        let authorization = try #require(request.headers["Authorization"])
        let signature = try #require(authorization.split { $0 == "=" || $0 == ":" }.last)
        try signer.presign(&request, credentials: secrets, at: date, validFor: .seconds(60))
        for text in printed(signer) + printed(request) {
            #expect(!text.contains("TOPSECRET") && !text.contains("TOPTOKEN") && !text.contains(signature))
        }
    }
}

/// Returns every text representation of a value.
func printed<Value>(_ value: Value) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    return ["\(value)", String(describing: value), String(reflecting: value), dumped, "\([value])", "\(["k": value])"]
}
