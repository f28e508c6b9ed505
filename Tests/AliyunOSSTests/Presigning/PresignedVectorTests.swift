import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Published presigned URLs")
struct PresignedVectorTests {
    private static let vectors = (SignatureV1Tests.queryVectors + SignatureV4Tests.queryVectors).filter {
        // Some examples use names that the service does not accept, or do not contain the secret.
        (try? BucketName.validate($0.bucket ?? "")) != nil && $0.accessKeySecret != nil
    }

    @Test("A bucket presigns requests exactly as published", arguments: vectors)
    func presigned(_ vector: SignatureVector) async throws {
        let expires = try #require(vector.expires)
        var configuration = BucketConfiguration()
        configuration.transport = ScriptedTransport { _ in .ok() }
        configuration.signature = vector.region == nil ? .v1 : .v4
        configuration.additionalSignedHeaders = vector.additionalHeaders ?? []
        let now = Date(timeIntervalSince1970: vector.time ?? Double(expires - 60))
        configuration.clock = { now }
        let host =
            vector.product == "oss-cloudbox" ? "\(vector.region ?? "").cn-hangzhou.oss-cloudbox" : "oss-cn-hangzhou"
        let bucket = try Bucket(
            try #require(vector.bucket), endpoint: "\(host).aliyuncs.com", region: vector.region,
            credentials: StaticCredentialsProvider(try vector.credentials()), configuration: configuration)

        let signable = try vector.request()
        var request = OSSRequest("Vector", signable.method, key: try vector.key.map { try ObjectKey($0) })
        (request.query, request.headers) = (signable.query, signable.headers)
        let presigned =
            if vector.region == nil {
                try await bucket.presignedURL(for: request, expiresAt: Date(timeIntervalSince1970: Double(expires)))
            } else { try await bucket.presignedURL(for: request, expiresIn: .seconds(expires)) }

        let expected = try #require(vector.expected.query)
        let found = PresignedURL.query(of: presigned.url)
        for (name, value) in expected {
            #expect(found.filter { $0.name == name }.map(\.value) == [value], "\(name)")
        }
        #expect(found.count == expected.count + signable.query.count)
        let end = vector.region == nil ? Double(expires) : now.timeIntervalSince1970 + Double(expires)
        #expect(presigned.expiration == Date(timeIntervalSince1970: end))
        #expect(presigned.headers.keys.sorted() == signable.headers.map(\.name).sorted())
    }

    @Test("The vectors of both versions are used")
    func vectorsAreHere() {
        #expect(Self.vectors.count { $0.region == nil } == 5)
        #expect(Self.vectors.count { $0.region != nil } == 13)
    }

    @Test(
        "A number of minutes, hours or days is a duration, and an extreme number is the longest one",
        arguments: [
            (Duration.minutes(15), Duration.seconds(900)), (.hours(2), .seconds(7200)), (.days(7), .seconds(604_800)),
            (.minutes(-1), .seconds(-60)), (.days(.max), .seconds(Int64.max)), (.hours(.min), .seconds(Int64.min)),
        ])
    func durations(_ duration: Duration, _ expected: Duration) {
        #expect(duration == expected)
    }
}
