import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// The requests of the operations on objects and versions, compared with those of the published clients.
@Suite("Requests of object operations")
struct ObjectOperationTests {
    /// A call, the operation that it sends, and a response that it accepts.
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: String
        var response: HTTPResponse = .ok()
        /// Names of the parameters that the call must send in addition to the fixed ones of the operation.
        var parameters: [String] = []
        /// Names of the headers that the call must send.
        var headers: [String] = []
        var call: @Sendable (Bucket) async throws -> Void

        var testDescription: String { operation }
    }

    private static let policy = HTTPResponse.ok(
        "<AccessControlPolicy><AccessControlList><Grant>private</Grant></AccessControlList></AccessControlPolicy>")

    private static var attributes: ObjectAttributes {
        var attributes = ObjectAttributes()
        attributes.tags = ["a b": "ü", "c": ""]
        attributes.encryption = .kms(masterKeyID: "key", dataEncryption: .sm4)
        attributes.retention = ObjectRetention(.compliance, until: Date(timeIntervalSince1970: 2_000_000_000))
        attributes.hasLegalHold = true
        attributes.storageClass = .infrequentAccess
        attributes.accessControl = .private
        return attributes
    }

    private static let protection = [
        "x-oss-tagging", "x-oss-server-side-encryption", "x-oss-server-side-encryption-key-id",
        "x-oss-server-side-data-encryption", "x-oss-object-worm-mode", "x-oss-object-worm-retain-until-date",
        "x-oss-object-worm-legal-hold", "x-oss-storage-class",
    ]

    static let cases: [Case] = [
        Case(
            operation: "PutObject", headers: protection + ["x-oss-object-acl", "x-oss-callback", "x-oss-callback-var"]
        ) {
            var options = PutObjectOptions(attributes: attributes, forbidsOverwrite: true)
            options.callback = UploadCallback("https://example.com", body: "${x:user}")
            options.callback?.variables = ["x:user": "1"]
            try await $0.putObject("k", "", options: options)
        },
        Case(
            operation: "GetObject", response: .ok(headers: ["Content-Length": "0"]),
            parameters: ["versionId", "response-content-type", "response-expires"],
            headers: ["If-Modified-Since"]
        ) {
            var options = GetObjectOptions()
            options.versionID = "v"
            options.conditions.ifModifiedSince = Date(timeIntervalSince1970: 0)
            options.responseHeaders.contentType = "a/b"
            options.responseHeaders.expires = "0"
            _ = try await $0.getObject("k", options: options)
        },
        Case(
            operation: "CopyObject", response: .ok("<CopyObjectResult><ETag>1</ETag></CopyObjectResult>"),
            headers: protection + ["x-oss-copy-source", "x-oss-metadata-directive", "x-oss-tagging-directive"]
        ) { try await $0.copyObjectInOneRequest(from: "s", to: "k", attributes: attributes) },
        Case(
            operation: "InitiateMultipartUpload",
            response: .ok(
                "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
            headers: protection
        ) {
            _ = try await $0.initiateMultipartUpload(
                "k", options: PutObjectOptions(attributes: attributes, forbidsOverwrite: true))
        },
        Case(operation: "DeleteObject", parameters: ["versionId"], headers: ["x-oss-bypass-governance-retention"]) {
            try await $0.deleteObject("k", versionID: "v", bypassesGovernance: true)
        },
        Case(
            operation: "DeleteMultipleObjects", response: .ok("<DeleteResult></DeleteResult>"),
            headers: ["x-oss-bypass-governance-retention"]
        ) {
            _ = try await $0.deleteVersions([.init(key: "k", versionID: "v")], bypassesGovernance: true)
        },
        Case(
            operation: "ListObjectVersions",
            response: .ok("<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"),
            parameters: ["prefix", "delimiter", "key-marker", "max-keys"]
        ) {
            for try await _ in $0.listObjectVersions(prefix: "p", delimiter: "/", startAfter: "p/a", pageSize: 7) {}
        },
        Case(
            operation: "ListObjectsV2",
            response: .ok("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"),
            parameters: ["fetch-owner", "max-keys"]
        ) {
            for try await _ in $0.listObjects(paging: .continuationToken, includesOwners: true) {}
        },
        Case(operation: "GetObjectMeta", response: .ok(headers: ["Content-Length": "0"]), parameters: ["versionId"]) {
            _ = try await $0.objectMeta("k", versionID: "v")
        },
        Case(operation: "PutObjectAcl", parameters: ["versionId"], headers: ["x-oss-object-acl"]) {
            try await $0.setObjectAccessControl("k", to: .private, versionID: "v")
        },
        Case(operation: "GetObjectAcl", response: policy, parameters: ["versionId"]) {
            _ = try await $0.objectAccessControl("k", versionID: "v")
        },
        Case(operation: "PutObjectTagging", parameters: ["versionId"]) {
            try await $0.setObjectTags("k", to: ["a": "b"], versionID: "v")
        },
        Case(
            operation: "GetObjectTagging", response: .ok("<Tagging><TagSet/></Tagging>"), parameters: ["versionId"]
        ) { _ = try await $0.objectTags("k", versionID: "v") },
        Case(operation: "DeleteObjectTagging", parameters: ["versionId"]) {
            try await $0.removeObjectTags("k", versionID: "v")
        },
        Case(operation: "PutObjectRetention", parameters: ["versionId"], headers: ["x-oss-bypass-governance-retention"])
        {
            try await $0.setObjectRetention(
                "k", to: ObjectRetention(.governance, until: .distantFuture), bypassesGovernance: true, versionID: "v")
        },
        Case(
            operation: "GetObjectRetention",
            response: .ok(
                "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"
            ),
            parameters: ["versionId"]
        ) { _ = try await $0.objectRetention("k", versionID: "v") },
        Case(operation: "PutObjectLegalHold", parameters: ["versionId"]) {
            try await $0.setObjectLegalHold("k", to: true, versionID: "v")
        },
        Case(
            operation: "GetObjectLegalHold", response: .ok("<LegalHold><Status>ON</Status></LegalHold>"),
            parameters: ["versionId"]
        ) { _ = try await $0.objectLegalHold("k", versionID: "v") },
        Case(
            operation: "PutSymlink", headers: ["x-oss-symlink-target", "x-oss-forbid-overwrite", "x-oss-object-acl"]
        ) {
            var options = SymlinkOptions()
            (options.forbidsOverwrite, options.accessControl) = (true, .private)
            options.metadata = ["a": "b"]
            try await $0.putSymlink("k", to: "a b/ü", options: options)
        },
        Case(
            operation: "GetSymlink", response: .ok(headers: ["x-oss-symlink-target": "t"]), parameters: ["versionId"]
        ) { _ = try await $0.getSymlink("k", versionID: "v") },
        Case(operation: "RestoreObject", parameters: ["versionId"]) {
            try await $0.restoreObject("k", days: 3, tier: .expedited, versionID: "v")
        },
        Case(operation: "CleanRestoredObject", parameters: ["versionId"]) {
            try await $0.cleanRestoredObject("k", versionID: "v")
        },
        Case(
            operation: "OptionObject", response: .ok(headers: ["Access-Control-Allow-Origin": "*"]),
            headers: ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]
        ) { _ = try await $0.preflight("k", origin: "https://example.com", method: .put, headers: ["a", "b"]) },
        Case(operation: "ProcessObject", response: .ok(#"{"object":"d","status":"OK"}"#)) {
            try await $0.processObject("k", "image/resize,w_1", savingTo: "d")
        },
        Case(operation: "AsyncProcessObject", response: .ok(#"{"TaskId":"t"}"#)) {
            _ = try await $0.startProcessingObject("k", "video/convert")
        },
        Case(operation: "SelectObject", parameters: ["x-oss-process"]) {
            _ = try await $0.selectObject("k", SelectQuery("select * from ossobject", from: .csv()))
        },
        Case(
            operation: "CreateSelectObjectMeta", response: .frames([SelectFrames.endOfCSVMeta]),
            parameters: ["x-oss-process"]
        ) { try await $0.createSelectMeta("k", of: .csv()) },
    ]

    /// Header fields that any request can have.
    private static let common: Set = [
        "authorization", "date", "user-agent", "x-oss-date", "x-oss-content-sha256", "content-type", "content-md5",
        "content-length", "x-oss-copy-source", "range", "x-oss-range-behavior",
    ]

    @Test("Each call sends the method, query, headers and document of its operation", arguments: cases)
    func request(_ test: Case) async throws {
        let transport = ScriptedTransport { _ in test.response }
        let bucket = try Bucket.scripted(transport)
        try await test.call(bucket)
        let request = try #require(transport.requests.first)
        #expect(transport.requests.count == 1)
        let operation = try #require(OperationFacts.named[test.operation])
        #expect(request.method.rawValue == operation.method)
        let query = URLComponents(string: request.url)?.queryItems ?? []
        for (name, value) in operation.query {
            let sent = try #require(query.first { $0.name == name }, "\(name) is missing")
            #expect(sent.value ?? "" == value)
        }
        let known = Set(operation.query.keys).union(operation.parameters?.map(\.name) ?? [])
        #expect(Set(query.map(\.name)).subtracting(known).isEmpty)
        let required = operation.parameters?.filter { $0.required == true }.map(\.name) ?? []
        #expect(Set(test.parameters + required).isSubset(of: query.map(\.name)))

        let names = Set(request.headers.map { $0.name.lowercased() })
        let permitted = Set(operation.headers?.map { $0.name.lowercased() } ?? []).union(Self.common)
        #expect(names.filter { !$0.hasPrefix("x-oss-meta-") }.subtracting(permitted).isEmpty)
        let requiredHeaders = operation.headers?.filter { $0.required == true }.map(\.name) ?? []
        #expect(Set((test.headers + requiredHeaders).map { $0.lowercased() }).isSubset(of: names))

        guard let document = operation.request, document.format == "xml" else { return }
        guard case .data(let body) = request.body else {
            Issue.record("the request has no document")
            return
        }
        let root = try XMLReader.read(body).name
        #expect(document.root?.components(separatedBy: " or ").contains(root) == true)
        #expect(request.headers["Content-MD5"] == Data(MD5.hash(body)).base64EncodedString())
    }

    @Test("The documents of objects have the elements of the published clients, in the same order")
    func outlines() throws {
        let outlines: [(String, [OperationFacts.Element])] = [
            ("RestoreObject", RestoreRequest.outline), ("PutObjectRetention", RetentionDocument.outline),
            ("PutObjectLegalHold", LegalHoldDocument.outline), ("SelectObject", SelectQuery.outline),
            ("PutObjectTagging", Tagging.outline),
        ]
        for (operation, outline) in outlines {
            let tree = try #require(OperationFacts.named[operation]?.request?.tree)
            #expect(OperationFacts.Element.notation(outline) == OperationFacts.Element.notation(tree))
        }
    }

    @Test("A query requests frames with checksums, encodes its texts in Base64, and is read back")
    func query() throws {
        var query = SelectQuery("e", from: .csv(header: .use))
        query.input.compression = .gzip
        query.input.csv?.fieldDelimiter = ","
        query.input.csv?.range = .lines(0...9)
        (query.keepsAllColumns, query.maximumSkippedRecords) = (true, 3)
        let tree = try query.tree("SelectRequest", at: "SelectRequest")
        #expect(tree.text("Expression") == "ZQ==")
        #expect(tree.text("InputSerialization", "CSV", "FieldDelimiter") == "LA==")
        #expect(tree.text("InputSerialization", "CSV", "Range") == "line-range=0-9")
        #expect(tree.text("OutputSerialization", "EnablePayloadCrc") == "true")
        #expect(tree.text("OutputSerialization", "OutputRawData") == "false")
        #expect(try SelectQuery(xml: tree) == query)
        let json = try SelectQuery("e", from: .json(.lines)).tree("SelectRequest", at: "SelectRequest")
        #expect(json["OutputSerialization"]?["JSON"]?.text("RecordDelimiter") == "Cg==")
        #expect(json["OutputSerialization"]?["CSV"] == nil)
    }
}
