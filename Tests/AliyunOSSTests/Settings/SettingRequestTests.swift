import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of the request of every typed call on settings against the published operations.
@Suite("Settings: requests")
struct SettingRequestTests {
    /// A typed call that sends one request.
    struct Call: Sendable, CustomTestStringConvertible {
        var operation: String
        var perform: @Sendable (Bucket, OSSService) async throws -> Void

        var testDescription: String { operation }

        init(_ operation: String, _ perform: @escaping @Sendable (Bucket, OSSService) async throws -> Void) {
            (self.operation, self.perform) = (operation, perform)
        }
    }

    @Test("A call sends the method, address, query, headers and document of its operation", arguments: calls)
    func requests(_ call: Call) async throws {
        let facts = try #require(OperationFacts.named[call.operation])
        let (bucket, service, transport) = try Self.scripted(facts)
        try await call.perform(bucket, service)
        let request = try #require(transport.requests.first)
        #expect(transport.requests.count == 1)
        #expect(request.method.rawValue == facts.method)
        let url = try #require(URLComponents(string: request.url))
        #expect(url.path == "/")
        #expect(facts.level == "bucket or service" || url.host?.hasPrefix("photos.") == (facts.level == "bucket"))
        Self.expect(url.queryItems ?? [], of: facts)
        Self.expect(request.headers, of: facts)
        try Self.expect(request, body: facts)
    }

    @Test("Every operation on settings has a typed call")
    func coverage() {
        #expect(Set(Self.calls.map(\.operation)) == Set(OperationFacts.ofSettings.map(\.name)))
    }

    @Test("A call of the account sends its request to the service")
    func accountAccessPoints() async throws {
        let (_, service, transport) = try Self.scripted(try #require(OperationFacts.named["ListAccessPoints"]))
        for try await _ in service.listAccessPoints() {}
        #expect(transport.requests.map { URL(string: $0.url)?.host } == ["oss-cn-hangzhou.aliyuncs.com"])
    }

    @Test("A processed object is not sent to a host that does not belong to the service")
    func foreignRoute() async throws {
        let (_, service, transport) = try Self.scripted(
            try #require(OperationFacts.named["WriteGetObjectResponse"]))
        for host in ["example.com", "aliyuncs.com.example.com", "aliyuncs.com"] {
            let error = await #expect(throws: OSSError.self) {
                try await service.writeGetObjectResponse("c", to: .init(host: host, token: "TOKEN"))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error.map { "\($0)".contains("TOKEN") } == false)
        }
        #expect(transport.requests.isEmpty)
    }

    @Test("Every subresource of an operation is signed by V1")
    func subresources() {
        for facts in OperationFacts.all {
            for name in facts.v1Subresources ?? [] {
                #expect(SignedSubresources.contains(name), "\(facts.name) \(name)")
            }
        }
    }

    // MARK: - Expectations

    private static func expect(_ items: [URLQueryItem], of facts: OperationFacts) {
        let parameters = facts.parameters ?? []
        for (name, value) in facts.query {
            #expect(items.contains { $0.name == name && ($0.value ?? "") == value }, "\(name)")
        }
        for parameter in parameters where parameter.required == true {
            #expect(items.contains { $0.name == parameter.name && $0.value?.isEmpty == false }, "\(parameter.name)")
        }
        let known = Set(facts.query.keys).union(parameters.map(\.name))
        #expect(Set(items.map(\.name)).subtracting(known).isEmpty)
        #expect(Set(items.map(\.name)).count == items.count)
    }

    private static func expect(_ headers: HTTPHeaders, of facts: OperationFacts) {
        for header in facts.headers ?? [] where header.required == true {
            #expect(headers[header.name]?.isEmpty == false, "\(header.name)")
        }
        let known = Set((facts.headers ?? []).map { $0.name.lowercased() })
            .union(["x-oss-date", "x-oss-content-sha256"])
        #expect(
            headers.allSatisfy { !$0.name.lowercased().hasPrefix("x-oss-") || known.contains($0.name.lowercased()) })
    }

    private static func expect(_ request: HTTPRequest, body facts: OperationFacts) throws {
        guard let body = facts.request else {
            #expect(request.body.length == 0 && request.headers["Content-MD5"] == nil)
            return
        }
        guard case .data(let data) = request.body else {
            Issue.record("the request has no body")
            return
        }
        // A body of any size is verified by its length and, for objects, its CRC-64.
        guard facts.name != "WriteGetObjectResponse" else { return }
        #expect(request.headers["Content-MD5"] == Data(MD5.hash(data)).base64EncodedString())
        guard body.format == "xml" else { return }
        #expect(request.headers["Content-Type"] == "application/xml")
        let tree = try XMLReader.read(data)
        #expect(tree.name == body.root)
        expect(tree, conformsTo: body.tree ?? [])
    }

    private static func expect(_ tree: XMLTree, conformsTo elements: [OperationFacts.Element]) {
        var last = 0
        for child in tree.children {
            guard let index = elements.firstIndex(where: { $0.name == child.name }) else {
                Issue.record("\(tree.name) contains \(child.name)")
                continue
            }
            #expect(index >= last, "\(child.name)")
            last = index
            expect(child, conformsTo: elements[index].children ?? [])
        }
    }

    // MARK: - Responses

    /// Returns a bucket and a service that receive a response with all elements of an operation's document.
    static func scripted(_ facts: OperationFacts) throws -> (Bucket, OSSService, ScriptedTransport) {
        let response = try response(facts)
        let transport = ScriptedTransport { _ in response }
        let bucket = try Bucket.scripted(transport)
        var configuration = BucketConfiguration()
        configuration.transport = transport
        let service = try OSSService(
            region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
            configuration: configuration)
        return (bucket, service, transport)
    }

    private static func response(_ facts: OperationFacts) throws -> HTTPResponse {
        var response = HTTPResponse.ok(
            facts.response?.format == "jsonText" ? "{}" : "",
            headers: ["x-oss-worm-id": "worm", "x-oss-replication-rule-id": "rule"])
        if facts.method == "DELETE" { response.status = 204 }
        guard let body = facts.response, body.format == "xml", let root = body.root else { return response }
        let texts = [
            "Id": "report", "AccessPointName": "point", "AccessPointNameForObjectProcess": "point", "Name": "small",
            "TaskId": "task", "Bucket": "photos", "IsTruncated": "false", "NextToken": "",
        ]
        var count = 0
        let tree = XMLTree(
            name: root, children: OperationFacts.Element.sample(body.tree ?? [], texts: texts, &count))
        response.body = tree.data
        response.bodyLength = Int64(response.body.count)
        return response
    }
}
