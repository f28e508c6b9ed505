import Foundation
import Testing

@testable import AliyunOSS

@Suite("Object attributes")
struct ObjectAttributesTests {
    @Test(
        "Metadata with the name of a service header is rejected, and the error names the option to use",
        arguments: [
            ("x-oss-server-side-encryption", "encryption"), ("X-OSS-Storage-Class", "storageClass"),
            ("x-oss-object-acl", "accessControl"), ("x-oss-tagging", "tags"), ("x-oss-meta-a", "x-oss-meta-"),
            ("x-oss-forbid-overwrite", "no option"),
        ])
    func serviceHeader(_ name: String, _ advice: String) async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport)
        let put = PutObjectOptions(contentType: "text/plain", metadata: [name: "AES256"])
        let error = await #expect(throws: OSSError.self) { try await bucket.putObject("a", "x", options: put) }
        #expect(error?.code == .invalidArgument && error?.message.contains(name.lowercased()) == true)
        #expect(error?.message.contains(advice) == true, "\(error as Any)")
        #expect(transport.requests.isEmpty)
        var options = DirectoryTransfer.Options()
        options.attributes.metadata = [name: "AES256"]
        #expect(throws: OSSError.self) { try options.validate() }
    }

    @Test("Metadata with the name of a service header is copied unchanged")
    func copied() throws {
        let object = ObjectMetadata(
            ObjectKey(stringLiteral: "a"), size: 1, headers: ["ETag": "\"1\"", "x-oss-meta-x-oss-color": "blue"])
        let headers = try ObjectAttributes(copying: object, tags: [:]).headers()
        #expect(headers["x-oss-meta-x-oss-color"] == "blue")
    }

    @Test(
        "A metadata value that starts or ends with a space is rejected because the space would be lost",
        arguments: [" a", "a ", "\ta", "a\t", " ", " \u{301}"])
    func blanks(_ value: String) {
        let changes: [(inout ObjectAttributes) -> Void] = [
            { $0.metadata = ["n": value] }, { $0.cacheControl = value }, { $0.contentDisposition = value },
            { $0.contentType = value }, { $0.contentEncoding = value },
        ]
        for change in changes {
            var attributes = ObjectAttributes()
            change(&attributes)
            let error = #expect(throws: OSSError.self) { try attributes.headers() }
            #expect(error?.code == .invalidArgument && error?.message.contains("space or tab") == true)
        }
    }

    @Test("Spaces within a metadata value and empty values are stored unchanged", arguments: ["", "a b", "\u{A0}a"])
    func otherValues(_ value: String) throws {
        var attributes = ObjectAttributes()
        attributes.metadata = ["n": value]
        #expect(try attributes.headers()["x-oss-meta-n"] == value)
    }
}
