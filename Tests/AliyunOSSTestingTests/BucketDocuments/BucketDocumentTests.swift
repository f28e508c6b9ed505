import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock bucket documents")
struct BucketDocumentTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"], blocksPublicAccess: false))
    }

    private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    @Test("A document can be put, read in the service's order and deleted", arguments: BucketDocumentCase.all)
    func documents(_ item: BucketDocumentCase) throws {
        let target = "/photos?\(item.query)"
        try expectUnset(item)
        let nowhere = try server.request("PUT", "/none?\(item.query)", body: item.put)
        let isNew = ["objectWorm", "overwriteConfig"].contains(item.query)
        #expect(nowhere.element("Code") == (isNew ? "MalformedXML" : "NoSuchBucket"))
        #expect(try server.request("GET", "/none?\(item.query)").element("Code") == "NoSuchBucket")
        let put = try server.request("PUT", target, body: item.put)
        #expect(put.status == 200, "\(put.text)")
        #expect(put.body.isEmpty)
        let get = try server.request("GET", target)
        #expect(get.status == 200)
        #expect(get.headers["content-type"] == "application/xml")
        #expect(get.text == Self.declaration + (item.got ?? item.put))
        let deleted = try server.request("DELETE", target)
        if item.hasDelete {
            #expect(deleted.status == 204)
            try expectUnset(item)
        } else {
            #expect(deleted.element("Code") == "MethodNotAllowed")
        }
        #expect(server.requests.contains { $0.operation == "Put\(item.name)" })
        #expect(server.requests.contains { $0.operation == "Get\(item.name)" })
    }

    private func expectUnset(_ item: BucketDocumentCase) throws {
        let unset = try server.request("GET", "/photos?\(item.query)")
        if item.unset.hasPrefix("<") {
            #expect(unset.text == Self.declaration + item.unset)
        } else {
            #expect(unset.status == 404)
            #expect(unset.element("Code") == item.unset)
        }
    }

    @Test("A body that is not the expected document is rejected", arguments: BucketDocumentCase.all)
    func malformed(_ item: BucketDocumentCase) throws {
        for body in ["", "<", "<Other></Other>", "{}", String(item.put.dropLast(3))] {
            let response = try server.request("PUT", "/photos?\(item.query)", body: body)
            #expect(response.status == 400)
            #expect(response.element("Code") == "MalformedXML", "\(body)")
        }
        try expectUnset(item)
    }

    @Test("Rules without an ID get a generated one")
    func ruleIDs() throws {
        let rule = "<Rule><Prefix>a</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
        let body = "<LifecycleConfiguration>\(rule)\(rule)</LifecycleConfiguration>"
        #expect(try server.request("PUT", "/photos?lifecycle", body: body).status == 200)
        let ids = try server.request("GET", "/photos?lifecycle").elements("ID")
        #expect(ids.count == 2)
        #expect(Set(ids).count == 2)
    }

    @Test("A mirror rule's PassQueryString takes the value of MirrorPassQueryString")
    func mirroredQuery() throws {
        func passesQuery(_ redirect: String) throws -> String? {
            let document =
                "<WebsiteConfiguration><RoutingRules><RoutingRule><Redirect>\(redirect)</Redirect></RoutingRule>"
                + "</RoutingRules></WebsiteConfiguration>"
            #expect(try server.request("PUT", "/photos?website", body: document).status == 200)
            return try server.request("GET", "/photos?website").element("PassQueryString")
        }
        let passes = "<PassQueryString>true</PassQueryString>"
        let mirrorDoesNot = "<MirrorPassQueryString>false</MirrorPassQueryString>"
        #expect(try passesQuery("<RedirectType>Mirror</RedirectType>\(passes)\(mirrorDoesNot)") == "false")
        #expect(try passesQuery("<RedirectType>Mirror</RedirectType>\(mirrorDoesNot)") == "false")
        #expect(try passesQuery("<RedirectType>Mirror</RedirectType>\(passes)") == "true")
        #expect(try passesQuery("<RedirectType>External</RedirectType>\(passes)\(mirrorDoesNot)") == "true")
    }

    @Test("A policy is returned byte for byte, and its status reports whether it is public")
    func policy() throws {
        func policy(_ principal: String) -> String {
            "{\"Version\": \"1\",\n \"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\(principal),\"Action\":[\"oss:*\"]}]}"
        }
        #expect(try server.request("GET", "/photos?policy").element("Code") == "NoSuchBucketPolicy")
        #expect(try server.request("GET", "/photos?policyStatus").element("IsPublic") == "false")
        for (principal, isPublic) in [("[\"123\"]", "false"), ("[\"*\"]", "true"), ("\"*\"", "true")] {
            #expect(try server.request("PUT", "/photos?policy", body: policy(principal)).status == 200)
            #expect(try server.request("GET", "/photos?policy").text == policy(principal))
            #expect(try server.request("GET", "/photos?policyStatus").element("IsPublic") == isPublic)
        }
        let everybody = "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Allow\"}]}"
        #expect(try server.request("PUT", "/photos?policy", body: everybody).status == 200)
        #expect(try server.request("GET", "/photos?policyStatus").element("IsPublic") == "true")
        #expect(try server.request("DELETE", "/photos?policy").status == 204)
        #expect(try server.request("GET", "/photos?policy").status == 404)
    }

    @Test("DeleteBucketTags can delete single tags")
    func deletingTags() throws {
        func tag(_ key: String) -> String { "<Tag><Key>\(key)</Key><Value>v</Value></Tag>" }
        let body = "<Tagging><TagSet>\(tag("a"))\(tag("b"))\(tag("c"))</TagSet></Tagging>"
        #expect(try server.request("PUT", "/photos?tagging", body: body).status == 200)
        #expect(try server.request("DELETE", "/photos?tagging=a,c").status == 204)
        #expect(try server.request("GET", "/photos?tagging").elements("Key") == ["b"])
        #expect(try server.request("DELETE", "/photos?tagging").status == 204)
        #expect(try server.request("GET", "/photos?tagging").elements("Key").isEmpty)
    }

    @Test("Inventories are listed in pages of one hundred and cannot be replaced")
    func inventories() throws {
        let client = try RawClient(server)
        let none = try client.request("GET", "/photos?inventory")
        #expect(none.status == 404 && none.element("Code") == "NoSuchInventory")
        let ids = (0..<102).map { String(format: "i%03d", $0) }
        for id in ids {
            let put = try client.request(
                "PUT", "/photos?inventory&inventoryId=\(id)", body: BucketDocumentCase.inventory(id))
            #expect(put.status == 200)
        }
        let again = try client.request(
            "PUT", "/photos?inventory&inventoryId=i000", body: BucketDocumentCase.inventory("i000"))
        #expect(again.status == 409)
        #expect(again.element("Code") == "InventoryAlreadyExist")
        let first = try client.request("GET", "/photos?inventory")
        #expect(first.element("ContinuationToken") == nil)
        #expect(first.elements("Id") == Array(ids[..<100]))
        #expect(first.element("IsTruncated") == "true")
        let token = try #require(first.element("NextContinuationToken"))
        let second = try client.request("GET", "/photos?inventory&continuation-token=\(token)")
        #expect(second.elements("Id") == Array(ids[100...]))
        #expect(second.element("IsTruncated") == "false")
        #expect(second.element("ContinuationToken") == token && second.element("NextContinuationToken") == nil)
    }

    @Test("Repeated or unordered elements are returned once and in order")
    func order() throws {
        let https =
            "<HttpsConfiguration><TLS><Enable>true</Enable><TLSVersion>TLSv1.2</TLSVersion>"
            + "<TLSVersion>TLSv1.2</TLSVersion><TLSVersion>TLSv1.3</TLSVersion></TLS></HttpsConfiguration>"
        #expect(try server.request("PUT", "/photos?httpsConfig", body: https).status == 200)
        #expect(try server.request("GET", "/photos?httpsConfig").elements("TLSVersion") == ["TLSv1.2", "TLSv1.3"])
        let inventory = BucketDocumentCase.inventory("i").replacingOccurrences(
            of: "<IncludedObjectVersions>",
            with: "<Filter><StorageClass>Standard,IA</StorageClass></Filter><IncludedObjectVersions>")
        #expect(try server.request("PUT", "/photos?inventory&inventoryId=i", body: inventory).status == 200)
        let got = try server.request("GET", "/photos?inventory&inventoryId=i")
        #expect(got.element("StorageClass") == "IA,Standard")
        let website =
            "<WebsiteConfiguration><RoutingRules><RoutingRule><Redirect><PassQueryString>True"
            + "</PassQueryString><MirrorCheckMd5>False</MirrorCheckMd5></Redirect></RoutingRule></RoutingRules>"
            + "</WebsiteConfiguration>"
        #expect(try server.request("PUT", "/photos?website", body: website).status == 200)
        let redirect = try server.request("GET", "/photos?website")
        #expect(redirect.element("PassQueryString") == "true" && redirect.element("MirrorCheckMd5") == "false")
    }

    @Test("A callback policy can have no items")
    func noCallbackPolicy() throws {
        for body in ["<BucketCallbackPolicy/>", "<BucketCallbackPolicy><PolicyItem/></BucketCallbackPolicy>"] {
            #expect(try server.request("PUT", "/photos?policy&comp=callback", body: body).status == 200)
        }
    }

    struct LifecycleCase: Sendable, CustomTestStringConvertible {
        var name: String
        var rule: String
        /// Error code of the service; `nil` if it accepts the rule.
        var code: String?
        var testDescription: String { name }

        init(_ name: String, _ rule: String, _ code: String? = nil) {
            (self.name, self.rule, self.code) = (name, rule, code)
        }

        static func transition(_ storageClass: String, _ time: String) -> String {
            "<Transition>\(time)<StorageClass>\(storageClass)</StorageClass></Transition>"
        }
        static func noncurrent(_ storageClass: String, _ days: Int) -> String {
            "<NoncurrentVersionTransition><NoncurrentDays>\(days)</NoncurrentDays><StorageClass>\(storageClass)"
                + "</StorageClass></NoncurrentVersionTransition>"
        }
        static func days(_ count: Int) -> String { "<Days>\(count)</Days>" }
        static func tag(_ key: String, _ value: String) -> String {
            "<Tag><Key>\(key)</Key><Value>\(value)</Value></Tag>\(expiration(9))"
        }
        static func expiration(_ count: Int) -> String { "<Expiration>\(days(count))</Expiration>" }
        static let date = "<CreatedBeforeDate>2020-01-01T00:00:00.000Z</CreatedBeforeDate>"

        static let all: [LifecycleCase] = [
            .init(
                "colder and colder, then away",
                transition("Archive", days(5)) + transition("IA", days(2)) + expiration(6)),
            .init("by dates alone", transition("IA", date) + "<Expiration>\(date)</Expiration>"),
            .init(
                "uploads by days beside dates",
                "<Expiration>\(date)</Expiration><AbortMultipartUpload>\(days(3))</AbortMultipartUpload>"),
            .init("away before the class changes", transition("IA", days(4)) + expiration(3), "InvalidArgument"),
            .init("away on the same day", transition("IA", days(3)) + expiration(3), "InvalidArgument"),
            .init("warmer later", transition("IA", days(5)) + transition("Archive", days(2)), "InvalidArgument"),
            .init("to the class that all begin with", transition("Standard", days(5)), "InvalidArgument"),
            .init("days and dates", transition("IA", days(9)) + "<Expiration>\(date)</Expiration>", "InvalidRequest"),
            .init("old versions warmer later", noncurrent("IA", 20) + noncurrent("Archive", 12), "InvalidArgument"),
            .init("old versions colder and colder", noncurrent("IA", 12) + noncurrent("Archive", 20)),
            .init(
                "old versions away too early",
                noncurrent("IA", 20)
                    + "<NoncurrentVersionExpiration><NoncurrentDays>10</NoncurrentDays></NoncurrentVersionExpiration>",
                "InvalidArgument"),
            .init("a tag that no object can have, as it is too long", tag(String(repeating: "a", count: 129), "v")),
            .init(
                "more tags than an object can have",
                (0..<12).map { tag("k\($0)", "v") }.joined().replacingOccurrences(of: expiration(9), with: "")
                    + expiration(9)),
            .init("a tag with a forbidden character", tag("%&amp;", "v"), "InvalidTaggingKey"),
            .init("a tag's value with a forbidden character", tag("k", ")%"), "InvalidTag"),
        ]
    }

    @Test("Lifecycle actions must be in a valid order", arguments: LifecycleCase.all)
    func lifecycleOrder(_ item: LifecycleCase) throws {
        let body = "<LifecycleConfiguration><Rule><Status>Enabled</Status>\(item.rule)</Rule></LifecycleConfiguration>"
        let response = try server.request("PUT", "/photos?lifecycle", body: body)
        #expect(response.element("Code") == item.code)
        #expect(response.status == (item.code == nil ? 200 : 400))
        #expect(try server.request("GET", "/photos?lifecycle").status == (item.code == nil ? 200 : 404))
    }

    @Test("Image styles require a valid name and can be listed")
    func styles() throws {
        #expect(try server.request("GET", "/photos?style&styleName=s").element("Code") == "NoSuchStyle")
        let body = "<Style><Content>image/resize,p_50</Content></Style>"
        for name in ["s", "t"] {
            #expect(
                try server.request("PUT", "/photos?style&styleName=\(name)&category=image", body: body).status == 200)
        }
        let style = try server.request("GET", "/photos?styleName=s&style")
        #expect(style.element("Name") == "s")
        #expect(style.element("Content") == "image/resize,p_50")
        #expect(style.element("CreateTime")?.hasSuffix("GMT") == true)
        #expect(try server.request("GET", "/photos?style").elements("Name") == ["s", "t"])
        #expect(try server.request("DELETE", "/photos?style&styleName=s").status == 204)
        #expect(try server.request("GET", "/photos?style").elements("Name") == ["t"])
    }

    @Test("The account has its own public access block, and either block rejects public settings")
    func publicAccess() throws {
        let on =
            "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>"
        for target in ["/?publicAccessBlock", "/photos?publicAccessBlock"] {
            #expect(try server.request("GET", target).element("BlockPublicAccess") == "false")
            #expect(try server.request("PUT", target, body: on).status == 200)
            #expect(try server.request("GET", target).element("BlockPublicAccess") == "true")
            let refused = try server.request("PUT", "/photos?acl", headers: ["x-oss-acl": "public-read"])
            #expect(refused.status == 403)
            #expect(try server.request("GET", "/photos?bucketInfo").element("BlockPublicAccess") == "true")
            #expect(try server.request("DELETE", target).status == 204)
            #expect(try server.request("PUT", "/photos?acl", headers: ["x-oss-acl": "public-read"]).status == 200)
        }
    }

    @Test("An unimplemented operation returns NotImplemented with its name")
    func unsupported() throws {
        for target in [
            "/photos?asyncFetch", "/photos?agenticBucket", "/?agenticBucket", "/photos?accessPointForObjectProcess",
            "/photos?metadataConfiguration",
            "/photos?accessPointConfigForObjectProcess",
        ] {
            #expect(try server.request("GET", target).element("Code") == "NotImplemented", "\(target)")
        }
        #expect(try server.request("PUT", "/other?agenticBucket").element("Code") == "NoSuchBucket")
        #expect(server.buckets == ["photos"])
    }

    @Test("A storage folder keeps the documents of buckets and of the account across restarts")
    func restart() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-mock-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let configuration = MockOSSServer.Configuration(buckets: ["photos"], storage: .folder(folder.path))
        let item = try #require(BucketDocumentCase.all.first)
        let block = try #require(BucketDocumentCase.all.first { $0.query == "publicAccessBlock" })
        do {
            let server = try MockOSSServer(configuration)
            #expect(try server.request("PUT", "/photos?\(item.query)", body: item.put).status == 200)
            #expect(try server.request("PUT", "/?publicAccessBlock", body: block.put).status == 200)
            server.shutDown()
        }
        let server = try MockOSSServer(configuration)
        #expect(try server.request("GET", "/photos?\(item.query)").element("ID") == "r")
        #expect(try server.request("GET", "/?publicAccessBlock").element("BlockPublicAccess") == "true")
        try server.reset()
        #expect(try server.request("GET", "/?publicAccessBlock").element("BlockPublicAccess") == "false")
    }

    @Test("Every notation in the document table can be parsed, and an invalid notation is rejected")
    func shapes() {
        for document in BucketDocument.table { #expect(document.shape != nil || document.parameter == "policy") }
        for notation in ["", "a{", "a{b", "a{b}}", "a(b", "a{,}", "a|b"] { #expect(DocumentShape(notation) == nil) }
    }

    @Test("Concurrent changes of two clients to a bucket are both stored")
    func concurrency() async throws {
        let server = server
        await withTaskGroup(of: Void.self) { group in
            for id in 0..<24 {
                group.addTask {
                    let put = try? server.request(
                        "PUT", "/photos?inventory&inventoryId=i\(id)", body: BucketDocumentCase.inventory("i\(id)"))
                    #expect(put?.status == 200)
                }
            }
        }
        #expect(try server.request("GET", "/photos?inventory").elements("Id").count == 24)
    }
}
