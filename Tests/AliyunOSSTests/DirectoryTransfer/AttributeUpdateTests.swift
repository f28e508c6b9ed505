import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Attributes of unchanged objects", .timeLimit(.minutes(5)))
struct AttributeUpdateTests {
    private let service: TestService
    private let folder: ScratchDirectory
    private let state: ScratchDirectory

    init() throws {
        let state = try ScratchDirectory()
        self.state = state
        service = try TestService { $0.stateDirectory = .path(state.path) }
        folder = try ScratchDirectory()
    }

    private static let object = ObjectMetadata(
        key: "a", size: 1, eTag: "E", contentType: "text/html", cacheControl: "no-cache", expires: "0",
        metadata: ["mtime": "1.5", "color": "blue"], storageClass: .standard)

    private func update(
        accessControl: AccessControl? = nil, tags: [String: String]? = nil,
        _ configure: (inout ObjectAttributes) -> Void
    ) -> AttributeUpdate? {
        var requested = ObjectAttributes()
        configure(&requested)
        return AttributeUpdate(to: requested, of: Self.object, tags: tags, accessControl: accessControl)
    }

    @Test("Attributes that the object already has require no update")
    func equal() {
        #expect(update { _ in } == nil)
        #expect(update { $0.contentType = "text/html" } == nil)
        #expect(update { $0.metadata = ["Color": "blue"] } == nil)
        #expect(update { $0.storageClass = .standard } == nil)
        #expect(update(accessControl: .private) { $0.accessControl = .private } == nil)
        #expect(update(tags: ["t": "1"]) { $0.tags = ["t": "1"] } == nil)
    }

    @Test("An update contains the requested attributes, and the others as they are")
    func different() throws {
        let update = try #require(
            self.update {
                $0.storageClass = .infrequentAccess
                $0.metadata = ["color": "red", "size": "7"]
            })
        let attributes = try #require(update.attributes)
        #expect(attributes.storageClass == .infrequentAccess)
        #expect(attributes.metadata == ["mtime": "1.5", "color": "red", "size": "7"])
        #expect(attributes.contentType == "text/html" && attributes.cacheControl == "no-cache")
        #expect(attributes.copiedExpires == "0" && update.accessControl == nil)
    }

    @Test("A different access control list alone does not copy the object")
    func accessControl() {
        let update = update(accessControl: .default) { $0.accessControl = .private }
        #expect(update == AttributeUpdate(to: requested(.private), of: Self.object, accessControl: .default))
        #expect(update?.attributes == nil && update?.accessControl == .private)
    }

    private func requested(_ accessControl: AccessControl) -> ObjectAttributes {
        var attributes = ObjectAttributes()
        attributes.accessControl = accessControl
        return attributes
    }

    private func upload(_ configure: (inout DirectoryTransfer.Options) -> Void) async throws -> TransferReport {
        var options = DirectoryTransfer.Options()
        configure(&options)
        return try await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path)
    }

    @Test("Without the option, an upload reports how many unchanged files did not receive the attributes")
    func notApplied() async throws {
        try folder.write("a", "1234")
        try folder.write("b", "1")
        #expect(try await upload { $0.attributes.storageClass = .infrequentAccess }.attributesNotApplied.files == 0)
        try folder.write("b", "12")
        let report = try await upload { $0.attributes.storageClass = .archive }
        #expect(report.attributesNotApplied == TransferTally(files: 1, bytes: 4))
        #expect(report.unchanged == report.attributesNotApplied && report.attributesUpdated.files == 0)
        #expect(try await service.bucket.headObject("a").storageClass == .infrequentAccess)
        #expect(try await upload { _ in }.attributesNotApplied.files == 0)
    }

    @Test(
        "With the option, unchanged objects receive the attributes and keep their content, times, tags and access",
        arguments: UpdateMode.allCases.filter { [.modified, .checksum, .size].contains($0) }, [1000, 300_000])
    func applied(mode: UpdateMode, size: Int) async throws {
        try folder.write("a.html", pattern(size))
        try folder.write("d/b", "1")
        _ = try await upload {
            ($0.multipartThreshold, $0.partSize) = (200_000, 100 << 10)
            $0.attributes.tags = ["team": "web"]
            $0.attributes.accessControl = .publicRead
        }
        let before = try await service.bucket.headObject("a.html")
        let events = EventList<String>()
        let report = try await upload {
            $0.updateMode = mode
            $0.updatesAttributes = true
            $0.attributes.storageClass = .infrequentAccess
            $0.attributes.metadata = ["color": "red"]
            $0.onEvent = { if $0.kind == .attributesUpdated { events.add("\($0.path) \($0.action) \($0.reason)") } }
        }
        #expect(report.isComplete && report.attributesUpdated.files == 2 && report.transferred.files == 0)
        #expect(report.attributesNotApplied.files == 0 && report.unchanged.files == 0)
        #expect(
            events.all.sorted() == [
                "a.html updateAttributes changedAttributes", "d/b updateAttributes changedAttributes",
            ])
        let after = try await service.bucket.headObject("a.html")
        #expect(after.storageClass == .infrequentAccess && after.contentType == "text/html")
        #expect(after.metadata == before.metadata.merging(["color": "red"]) { $1 })
        #expect(try await service.bucket.objectTags("a.html") == ["team": "web"])
        #expect(try await service.bucket.objectAccessControl("a.html").grant == .publicRead)
        #expect(service.server.data(of: "a.html", in: service.bucket.name) == Data(pattern(size)))

        // The record contains the new ETag, and nothing is left to do.
        let count = service.server.requests.count
        let again = try await upload {
            $0.updatesAttributes = true
            $0.attributes.storageClass = .infrequentAccess
        }
        #expect(again.unchanged.files == 2 && again.attributesUpdated.files == 0)
        #expect(
            service.server.operations(after: count)
                .allSatisfy { ["ListObjects", "ListObjectsV2", "HeadObject"].contains($0.key) })
    }

    @Test("Attributes that an earlier run stored with an unchanged object count as applied, and others do not")
    func appliedEarlier() async throws {
        try folder.write("a", "1234")
        let upload = { (storageClass: StorageClass) in
            try await self.upload {
                $0.attributes.storageClass = storageClass
                $0.attributes.metadata = ["b": "1", "a": "2"]
                $0.attributes.tags = ["y": "1", "x": "2"]
            }
        }
        #expect(try await upload(.infrequentAccess).attributesNotApplied.files == 0)
        let again = try await upload(.infrequentAccess)
        #expect(again.unchanged.files == 1 && again.attributesNotApplied.files == 0)
        // The same content with another time is compared, and the object remains the same.
        try folder.write("a", "1234")
        let compared = try await upload(.infrequentAccess)
        #expect(compared.reasons[.sameContent]?.files == 1 && compared.attributesNotApplied.files == 0)
        #expect(try await upload(.infrequentAccess).attributesNotApplied.files == 0)
        #expect(try await upload(.archive).attributesNotApplied.files == 1)
        let adjusted = try await self.upload { $0.adjustAttributes = { attributes, _ in attributes.tags = ["t": "1"] } }
        #expect(adjusted.attributesNotApplied.files == 1)
    }

    @Test(
        "Attributes that were applied to an unchanged object count as applied in later runs", arguments: [true, false])
    func appliedByUpdate(changesAccessOnly: Bool) async throws {
        try folder.write("a", "1")
        _ = try await upload { _ in }
        let request = { (options: inout DirectoryTransfer.Options) in
            options.attributes.accessControl = .private
            if !changesAccessOnly { options.attributes.storageClass = .infrequentAccess }
        }
        #expect(try await upload(request).attributesNotApplied.files == 1)
        let update = try await upload {
            request(&$0)
            $0.updatesAttributes = true
        }
        #expect(update.attributesUpdated.files == 1)
        let later = try await upload(request)
        #expect(later.unchanged.files == 1 && later.attributesNotApplied.files == 0)
    }

    @Test("Attributes that an object already has count as applied once they were compared")
    func appliedByOthers() async throws {
        try folder.write("a", "1")
        _ = try await upload { _ in }
        try await service.bucket.setObjectAccessControl("a", to: .private)
        let request = { (options: inout DirectoryTransfer.Options) in options.attributes.accessControl = .private }
        let comparison = try await upload {
            request(&$0)
            $0.updatesAttributes = true
        }
        #expect(comparison.unchanged.files == 1 && comparison.attributesUpdated.files == 0)
        #expect(try await upload(request).attributesNotApplied.files == 0)
    }

    @Test("An update of attributes does not record a file as equal of which only the size was compared")
    func sizeOnly() async throws {
        try folder.write("a", "1")
        try await service.bucket.putObject("a", "2")
        let update = try await upload {
            $0.updateMode = .size
            $0.updatesAttributes = true
            $0.attributes.storageClass = .infrequentAccess
        }
        #expect(update.attributesUpdated.files == 1)
        #expect(try await upload { _ in }.transferred.files == 1)
        #expect(service.server.data(of: "a", in: service.bucket.name) == Data("1".utf8))
    }

    @Test("A different access control list is replaced with one request and no copy, and a dry run changes nothing")
    func accessControlOnly() async throws {
        try folder.write("a", "1")
        _ = try await upload { _ in }
        for isDryRun in [true, false] {
            let count = service.server.requests.count
            let report = try await upload {
                $0.updatesAttributes = true
                $0.isDryRun = isDryRun
                $0.attributes.accessControl = .private
            }
            #expect(report.attributesUpdated.files == 1)
            let operations = service.server.operations(after: count)
            #expect(operations["PutObjectAcl"] == (isDryRun ? nil : 1), "\(operations)")
            #expect(operations["CopyObject"] == nil)
        }
        #expect(try await service.bucket.objectAccessControl("a").grant == .private)
    }

    @Test("An object that was replaced after the comparison is a failure and keeps its attributes")
    func replaced() async throws {
        try folder.write("a", "1")
        _ = try await upload { _ in }
        service.server.add(.afterwards(.putObject(key: "a", bytes: [0x32])), when: .operation("GetObjectAcl"))
        let report = try await upload {
            $0.updatesAttributes = true
            $0.attributes.accessControl = .private
            $0.attributes.storageClass = .archive
        }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(report.failures.map(\.error.code) == [.sourceChanged] && report.attributesUpdated.files == 0)
        #expect(try await service.bucket.headObject("a").storageClass == .standard)
    }
}
