import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

/// Tests of the scheme by which documents are read and written.
@Suite("Documents: reading and writing")
struct XMLDocumentTests {
    private func read<Document: XMLDocument>(_ xml: String, as type: Document.Type = Document.self) throws -> Document {
        try Document(xml: try XMLReader.read(Data(xml.utf8)))
    }

    private func text(_ document: some XMLDocument, _ root: String) throws -> String {
        let text = String(decoding: try document.tree(root, at: root).data, as: UTF8.self)
        return text.components(separatedBy: "\n").last ?? ""
    }

    @Test("Values of all types are read")
    func values() throws {
        let rule = try #require(
            try read(
                "<LifecycleConfiguration><Rule><ID>r</ID><Prefix> a </Prefix><Status>Enabled</Status>"
                    + "<Expiration><CreatedBeforeDate>2026-01-02T00:00:00.000Z</CreatedBeforeDate></Expiration>"
                    + "<Transition><Days> 30 </Days><StorageClass>Frozen</StorageClass><IsAccessTime>TRUE</IsAccessTime>"
                    + "</Transition><AtimeBase>1631698332</AtimeBase><Filter><ObjectSizeGreaterThan>5000000000"
                    + "</ObjectSizeGreaterThan></Filter></Rule></LifecycleConfiguration>",
                as: LifecycleConfiguration.self
            ).rules.first)
        #expect(rule.id == "r")
        #expect(rule.prefix == " a ")
        #expect(rule.status == .enabled)
        #expect(rule.expiration?.createdBefore == Date(timeIntervalSince1970: 1_767_312_000))
        #expect(rule.transitions.first?.days == 30)
        #expect(rule.transitions.first?.storageClass == "Frozen")
        #expect(rule.transitions.first?.isAccessTime == true)
        #expect(rule.accessTimeBase == Date(timeIntervalSince1970: 1_631_698_332))
        #expect(rule.filter?.sizeGreaterThan == 5_000_000_000)
    }

    @Test(
        "A date is read in each format of the service",
        arguments: [
            "2026-01-02T00:00:00.000Z", "2026-01-02T08:00:00+08:00", "Fri, 02 Jan 2026 00:00:00 GMT", "1767312000",
        ])
    func dates(_ text: String) {
        #expect(Date.parsed(xmlText: text) == Date(timeIntervalSince1970: 1_767_312_000))
    }

    @Test(
        "A missing or invalid required element is an error with its path",
        arguments: [
            ("<Rule><ID>a</ID></Rule>", "LifecycleConfiguration/Rule/Status"),
            (
                "<Rule><Status>Enabled</Status><Transition><Days>1</Days></Transition></Rule>",
                "LifecycleConfiguration/Rule/Transition/StorageClass"
            ),
            (
                "<Rule><Status>Enabled</Status><NoncurrentVersionTransition><NoncurrentDays>soon</NoncurrentDays>"
                    + "<StorageClass>IA</StorageClass></NoncurrentVersionTransition></Rule>",
                "LifecycleConfiguration/Rule/NoncurrentVersionTransition/NoncurrentDays"
            ),
            (
                "<Rule><Status>Enabled</Status><Filter><Not><Tag><Value>v</Value></Tag></Not></Filter></Rule>",
                "LifecycleConfiguration/Rule/Filter/Not/Tag/Key"
            ),
        ])
    func missing(xml: String, path: String) {
        #expect(throws: UnreadableDocument(path: path)) {
            try read("<LifecycleConfiguration>\(xml)</LifecycleConfiguration>", as: LifecycleConfiguration.self)
        }
    }

    @Test("A missing required element of a grouping element is an error with its path")
    func missingInGroup() {
        #expect(throws: UnreadableDocument(path: "AccessControlPolicy/AccessControlList/Grant")) {
            try read("<AccessControlPolicy><Owner/></AccessControlPolicy>", as: AccessControlPolicy.self)
        }
        #expect(throws: UnreadableDocument(path: "Tagging/TagSet/Tag/Key")) {
            try read("<Tagging><TagSet><Tag/></TagSet></Tagging>", as: Tagging.self)
        }
    }

    @Test("A value that cannot be parsed is written back unless the property is set")
    func unparsable() throws {
        let xml =
            "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>P3D</Days></Expiration></Rule>"
            + "</LifecycleConfiguration>"
        var document: LifecycleConfiguration = try read(xml)
        #expect(document.rules[0].expiration?.days == nil)
        #expect(try text(document, "LifecycleConfiguration") == xml)
        document.rules[0].expiration?.days = 3
        #expect(try text(document, "LifecycleConfiguration") == xml.replacing("P3D", with: "3"))
    }

    @Test("White space in an empty document is not content, and other text is written back")
    func texts() throws {
        let blank: LoggingConfiguration = try read("<BucketLoggingStatus>\n</BucketLoggingStatus>")
        #expect(blank == LoggingConfiguration())
        let xml = "<BucketLoggingStatus>none</BucketLoggingStatus>"
        let other: LoggingConfiguration = try read(xml)
        #expect(try text(other, "BucketLoggingStatus") == xml)
    }

    @Test("A further occurrence of an element that should occur once is written back")
    func duplicates() throws {
        let xml = "<VersioningConfiguration><Status>Enabled</Status><Status>Extra</Status></VersioningConfiguration>"
        var document: VersioningConfiguration = try read(xml)
        #expect(document.status == .enabled)
        #expect(try text(document, "VersioningConfiguration") == xml)
        document.status = .suspended
        #expect(try text(document, "VersioningConfiguration") == xml.replacing("Enabled", with: "Suspended"))
    }

    @Test("New elements of a grouping element stay in it, even if the known ones are removed")
    func groups() throws {
        let xml =
            "<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList><Referer>a</Referer>"
            + "<New>n</New></RefererList><RefererBlacklist></RefererBlacklist></RefererConfiguration>"
        var document: RefererConfiguration = try read(xml)
        #expect(document.allowed == ["a"])
        #expect(try text(document, "RefererConfiguration") == xml)
        document.allowed = []
        #expect(try text(document, "RefererConfiguration") == xml.replacing("<Referer>a</Referer>", with: ""))
    }

    @Test("An empty list of tags is written with its grouping element")
    func emptyGroup() throws {
        #expect(try text(Tagging(), "Tagging") == "<Tagging><TagSet></TagSet></Tagging>")
        #expect(
            try text(WebsiteConfiguration(index: "i"), "WebsiteConfiguration")
                == "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>")
    }

    @Test("A secret and an unrecognized value appear in no description and no dump")
    func secrets() throws {
        let secret = "SECRET-VALUE"
        var website = WebsiteConfiguration(index: "i")
        var rule = WebsiteConfiguration.RoutingRule()
        rule.redirect = WebsiteRedirect()
        rule.redirect?.mirrorCredentials = WebsiteRedirect.MirrorCredentials()
        rule.redirect?.mirrorCredentials?.accessKeySecret = SecretText(secret)
        website.routingRules = [rule]
        var binding = DomainBinding("a.example.com")
        binding.certificate = DomainBinding.Certificate()
        binding.certificate?.privateKey = SecretText(secret)
        let unknown: Tagging = try read("<Tagging><Token><Secret>\(secret)</Secret></Token></Tagging>")
        for document: any XMLDocument in [website, binding, unknown] {
            var text = "\(document) " + String(reflecting: document)
            dump(document, to: &text)
            #expect(!text.contains(secret))
            #expect(try document.tree("A", at: "A").description(containing: secret))
        }
    }
}

extension XMLTree {
    fileprivate func description(containing text: String) -> Bool {
        self.text == text || children.contains { $0.description(containing: text) }
    }
}
