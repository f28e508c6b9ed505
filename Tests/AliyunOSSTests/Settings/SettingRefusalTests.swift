import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of invalid documents and of responses that do not contain the requested document.
@Suite("Settings: refusals")
struct SettingRefusalTests {
    /// A call with an invalid document, and the path in its error.
    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var perform: @Sendable (Bucket) async throws -> Void

        var testDescription: String { path }

        init(_ path: String, _ perform: @escaping @Sendable (Bucket) async throws -> Void) {
            (self.path, self.perform) = (path, perform)
        }
    }

    @Test("An invalid document is refused with its path before anything is sent", arguments: cases + moreCases)
    func invalid(_ refused: Case) async throws {
        let service = try TestService()
        let error = await #expect(throws: OSSError.self) { try await refused.perform(service.bucket) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix(refused.path + " ") == true, "\(error?.message ?? "")")
        #expect(error?.operation != nil)
        #expect(error?.attempts == 0)
        #expect(service.server.requests.isEmpty)
    }

    @Test(
        "A response without the requested document is an error and not an absent setting",
        arguments: [
            "<html><body>Sign in</body></html>", "", "<CORSConfiguration></CORSConfiguration>",
            "<LifecycleConfiguration><Rule><ID>a</ID></Rule></LifecycleConfiguration>", "<LifecycleConfiguration>",
        ])
    func foreignDocument(_ body: String) async throws {
        let service = try TestService()
        service.server.add(
            MockFault(
                .response(
                    status: 200, headers: ["x-oss-request-id": "5C3D9175B6FC201293AD0001"], body: Array(body.utf8))))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.lifecycle) }
        #expect(error?.code == .invalidResponse)
        #expect(error?.operation == "GetBucketLifecycle")
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.count() == 1)
    }

    @Test("A 404 that did not come from the service is not an absent setting")
    func foreignRefusal() async throws {
        let service = try TestService()
        let page = "<Error><Code>NoSuchLifecycle</Code></Error>"
        service.server.add(MockFault(.response(status: 404, body: Array(page.utf8))))
        service.server.add(MockFault(.header("x-oss-request-id", nil)))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.lifecycle) }
        #expect(error?.code == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("The document of another item is an error")
    func otherItem() async throws {
        let service = try TestService()
        try await service.bucket.set(.style("small"), to: ImageStyle("image/resize,p_50"))
        let body = "<Style><Name>large</Name><Content>image/resize,p_200</Content></Style>"
        service.server.add(MockFault(.replaceBody(Array(body.utf8)), when: .operation("GetStyle")))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.style("small")) }
        #expect(error?.code == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An error document in a successful response is the error, and a temporary one is retried")
    func errorInSuccess() async throws {
        let service = try TestService()
        try await service.bucket.set(.versioning, to: .init(.enabled))
        service.server.add(MockFault(.errorInSuccess(code: "InternalError"), when: .operation("GetBucketVersioning")))
        #expect(try await service.bucket.setting(.versioning)?.status == .enabled)
        service.server.add(MockFault(.errorInSuccess(code: "AccessDenied"), when: .operation("GetBucketVersioning")))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.versioning) }
        #expect(error?.serviceError?.code == "AccessDenied")
        #expect(service.count("GetBucketVersioning") == 3)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A setting is stored again after a lost response")
    func lostResponse() async throws {
        let service = try TestService()
        service.server.add(MockFault(.closeAfterApplying(), when: .operation("PutBucketTags")))
        try await service.bucket.set(.tags, to: ["a": "b"])
        #expect(service.count("PutBucketTags") == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A request that would fail the second time is not retried after a lost response",
        arguments: ["PutBucketReplication", "InitiateBucketWorm", "CreateAccessPoint"])
    func notRetried(_ operation: String) async throws {
        let service = try TestService()
        let bucket = service.bucket
        service.server.add(MockFault(.closeAfterApplying(), when: .operation(operation)))
        let error = await #expect(throws: OSSError.self) { try await Self.perform(operation, bucket) }
        #expect(error?.code == .connectionLost)
        #expect(service.operations() == [operation: 1])
        #expect(service.server.unusedFaults.isEmpty)
    }

    private static func perform(_ operation: String, _ bucket: Bucket) async throws {
        switch operation {
        case "PutBucketReplication":
            var configuration = ReplicationConfiguration()
            configuration.rules = [.init(to: .init(bucket: "archive", location: "oss-cn-beijing"))]
            try await bucket.addReplicationRules(configuration)
        case "InitiateBucketWorm": _ = try await bucket.initiateWorm(days: 1)
        default: _ = try await bucket.createAccessPoint("point")
        }
    }

    @Test("A listing whose second page is missing is an error and not a complete listing")
    func missingPage() async throws {
        let page =
            "<ListBucketDataRedundancyTransition><IsTruncated>true</IsTruncated><NextContinuationToken>t"
            + "</NextContinuationToken></ListBucketDataRedundancyTransition>"
        let (bucket, _) = try Bucket.listed([.ok(page), .refusal(404, "NoSuchTask")])
        let error = await #expect(throws: OSSError.self) {
            for try await _ in bucket.listRedundancyTransitions() {}
        }
        #expect(error?.code == .notFound)
    }

    @Test("A listing that does not indicate its next page is an error, and so is one that repeats a page")
    func endlessListing() async throws {
        for (token, code) in [("", "next page"), ("again", "already read")] {
            let page =
                "<ListBucketDataRedundancyTransition><IsTruncated>true</IsTruncated><NextContinuationToken>\(token)"
                + "</NextContinuationToken></ListBucketDataRedundancyTransition>"
            let (bucket, _) = try Bucket.listed([.ok(page)])
            let error = await #expect(throws: OSSError.self) {
                for try await _ in bucket.listRedundancyTransitions() {}
            }
            #expect(error?.code == .invalidResponse && error?.message.contains(code) == true)
            #expect(error?.operation == "ListBucketDataRedundancyTransition")
        }
    }
}
