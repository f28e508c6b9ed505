import Foundation
import Testing

@testable import AliyunOSS

/// The errors of the service in `Docs/FAQ.md`, compared with those that the library creates.
@Suite("Errors in Docs/FAQ.md")
struct ErrorPageTests {
    struct Refusal: Sendable {
        var heading: String
        var status: Int
        var code: String
        var message: String
        var more = ""
        var isUpload = false
    }

    private static let refusals = [
        Refusal(
            heading: "Reading an error", status: 404, code: "NoSuchKey", message: "The specified key does not exist."),
        Refusal(
            heading: "SignatureDoesNotMatch", status: 403, code: "SignatureDoesNotMatch",
            message: "The request signature we calculated does not match the signature you provided. "
                + "Check your key and signing method."),
        Refusal(
            heading: "InvalidAccessKeyId", status: 403, code: "InvalidAccessKeyId",
            message: "The OSS Access Key Id you provided does not exist in our records."),
        Refusal(
            heading: "SecurityTokenExpired", status: 403, code: "SecurityTokenExpired",
            message: "The security token you provided has expired."),
        Refusal(
            heading: "AccessDenied", status: 403, code: "AccessDenied",
            message: "You have no right to access this object because of bucket acl."),
        Refusal(
            heading: "The bucket is in another region", status: 403, code: "AccessDenied",
            message: "The bucket you are attempting to access must be addressed using the specified endpoint. "
                + "Please send all future requests to this endpoint.",
            more: "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>"),
        Refusal(
            heading: "Invalid signing region", status: 400, code: "InvalidArgument",
            message: "Invalid signing region in Authorization header."),
        Refusal(
            heading: "RequestTimeTooSkewed", status: 403, code: "RequestTimeTooSkewed",
            message: "The difference between the request time and the current time is too large."),
        Refusal(
            heading: "NoSuchBucket", status: 404, code: "NoSuchBucket", message: "The specified bucket does not exist."),
        Refusal(heading: "NoSuchKey", status: 404, code: "NoSuchKey", message: "The specified key does not exist."),
        Refusal(
            heading: "SecondLevelDomainForbidden", status: 403, code: "SecondLevelDomainForbidden",
            message: "The bucket you are attempting to access must be addressed using OSS third level domain."),
        Refusal(
            heading: "InvalidObjectState", status: 403, code: "InvalidObjectState",
            message: "The operation is not valid for the object's state."),
        Refusal(
            heading: "TotalQpsLimitExceeded", status: 503, code: "TotalQpsLimitExceeded",
            message: "Please reduce your request rate."),
        Refusal(
            heading: "EntityTooLarge", status: 400, code: "EntityTooLarge",
            message: "Your proposed upload exceeds the maximum allowed size.", isUpload: true),
        Refusal(
            heading: "FileAlreadyExists", status: 409, code: "FileAlreadyExists",
            message: "The object you specified already exists and can not be overwritten.", isUpload: true),
    ]

    /// The error texts of the page with their headings.
    private static func page() throws -> [String: String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Docs/FAQ.md"), encoding: .utf8)
        let blocks = text.matches(of: /(?m)^##+ (.+)\n\n```text\n(.+)\n```$/)
        return Dictionary(blocks.map { (String($0.output.1), String($0.output.2)) }) { first, _ in first }
    }

    @Test("Docs/FAQ.md shows each error of the service as the library does", arguments: refusals)
    func text(_ refusal: Refusal) async throws {
        let transport = ScriptedTransport({ _ in
            .refusal(refusal.status, refusal.code, refusal.message, more: refusal.more)
        })
        // The word "secret" of a message would be removed as the secret of the default credentials.
        let bucket = try Bucket.scripted(
            transport, credentials: .static(accessKeyID: "id", accessKeySecret: "4fOJ2")
        ) { $0.retry.maximumAttempts = 1 }
        let error = await #expect(throws: OSSError.self) {
            if refusal.isUpload {
                try await bucket.putObject("a.txt", "hello")
            } else {
                _ = try await bucket.getObject("a.txt")
            }
        }
        // The number of attempts and their duration are not part of the page.
        let description = error?.description.replacing(/, \d+ attempts in [\d.]+ s\)$/, with: ")")
        #expect(try Self.page()[refusal.heading] == description)
    }

    @Test("Every error in Docs/FAQ.md is compared")
    func complete() throws {
        #expect(Set(try Self.page().keys) == Set(Self.refusals.map(\.heading)))
    }
}
