import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// The calls of this library that correspond to the scenes of `Tests/Interop/recorded_objects.py`.
extension RecordedRequestTests {
    static let objectScenes: [Scene] = [
        Scene("account") { stage in
            let account = stage.account
            for try await _ in account.listBuckets(
                prefix: "p", startAfter: "p", tag: ("team", "web"), resourceGroupID: "rg-1", pageSize: 10)
            {}
            _ = try await account.listRegions()
            for try await _ in account.listCloudBoxes(prefix: "p") {}
            try await account.setPublicAccessBlock(.init(isBlocked: true))
            _ = try await account.publicAccessBlock()
            try await account.removePublicAccessBlock()
            for try await _ in account.listAccessPoints() {}
            for try await _ in account.listRedundancyTransitions() {}
        },
        Scene("buckets") { stage in
            let options = CreateBucketOptions(
                storageClass: .infrequentAccess, redundancy: .zoneRedundant, accessControl: .private,
                resourceGroupID: "rg-1")
            let bucket = try await stage.account.createBucket("new-bucket", options: options)
            _ = try await bucket.info()
            _ = try await bucket.location()
            _ = try await bucket.statistics()
            try await bucket.set(.accessControl, to: AccessControlPolicy(.publicRead))
            _ = try await bucket.setting(.accessControl)
            try await bucket.deleteBucket()
        },
        Scene("objects") { stage in
            let bucket = stage.bucket
            let key: ObjectKey = "a b+c/ü%.txt"
            var options = PutObjectOptions(contentType: "text/x-test", metadata: ["author": "alice"])
            options.attributes.accessControl = .private
            options.attributes.storageClass = .infrequentAccess
            options.attributes.cacheControl = "no-cache"
            options.attributes.contentDisposition = "inline"
            options.attributes.contentEncoding = "identity"
            options.attributes.expires = epoch
            options.attributes.tags = ["a b": "ü", "c": ""]
            options.attributes.encryption = .aes256
            options.forbidsOverwrite = true
            options.extras = RequestExtras(chargesRequester: true)
            options.extras.maximumBandwidth = 102_400
            try await bucket.putObject(key, "content", options: options)
            var get = GetObjectOptions()
            get.conditions.ifModifiedSince = epoch
            get.conditions.ifNoneMatch = "0"
            get.responseHeaders.contentType = "a/b"
            get.responseHeaders.cacheControl = "no-store"
            get.responseHeaders.contentDisposition = "attachment"
            get.responseHeaders.contentLanguage = "en"
            get.responseHeaders.expires = "0"
            _ = try await bucket.getObject(key, range: 1..<4, options: get).body.text()
            let eTag = try await bucket.headObject(key).eTag
            var head = GetObjectOptions()
            head.conditions.ifMatch = eTag
            head.conditions.ifUnmodifiedSince = year2030
            _ = try await bucket.headObject(key, options: head)
            _ = try await bucket.objectMeta(key)
            for try await _ in bucket.listObjects(
                prefix: "a b+c/", delimiter: "/", startAfter: "a b+c/a", pageSize: 7)
            {}
            for try await _ in bucket.listObjects(
                prefix: "a b+c/", delimiter: "/", startAfter: "a b+c/a", pageSize: 7, paging: .continuationToken,
                includesOwners: true)
            {}
            try await bucket.deleteObject(key)
            _ = try await bucket.deleteObjects(["a", "<&> ü"])
        },
        Scene("copies") { stage in
            let bucket = stage.bucket
            let key: ObjectKey = "a b+c/ü%.txt"
            try await bucket.putObject(key, "content", options: .init(contentType: "text/x-test"))
            var options = CopyOptions()
            options.attributes = ObjectAttributes()
            options.attributes?.storageClass = .infrequentAccess
            options.attributes?.contentType = "text/x-copy"
            options.attributes?.metadata = ["author": "bob"]
            options.attributes?.tags = ["a": "b"]
            options.forbidsOverwrite = true
            _ = try await bucket.copyObject(key, to: "copy", options: options)
        },
        Scene("appends") { stage in
            let options = AppendObjectOptions(contentType: "text/plain", metadata: ["author": "alice"])
            _ = try await stage.bucket.appendObject("log", "one", at: 0, options: options)
            _ = try await stage.bucket.appendObject("log", "two", at: 3)
            _ = try await stage.bucket.sealObject("log", at: 6)
        },
        Scene("multipart_uploads") { stage in
            let bucket = stage.bucket
            var options = PutObjectOptions(contentType: "text/x-test", metadata: ["author": "alice"])
            options.attributes.storageClass = .infrequentAccess
            options.attributes.tags = ["a": "b"]
            let upload = try await bucket.initiateMultipartUpload("large", options: options)
            stage.name(upload.uploadID, "upload")
            let part = try await bucket.uploadPart(number: 1, of: upload, body: "content")
            for try await _ in bucket.listParts(of: upload) {}
            for try await _ in bucket.listMultipartUploads(prefix: "la") {}
            var completion = PutObjectOptions()
            completion.forbidsOverwrite = true
            _ = try await bucket.completeMultipartUpload(upload, parts: [part], options: completion)
            try await bucket.putObject("a b", "content", options: plain)
            let aborted = try await bucket.initiateMultipartUpload("aborted", options: plain)
            stage.name(aborted.uploadID, "aborted")
            _ = try await bucket.copyPart(number: 2, of: aborted, from: "a b", range: 1..<4)
            try await bucket.abortMultipartUpload(aborted)
        },
        Scene("versions") { stage in
            let bucket = stage.bucket
            try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
            _ = try await bucket.setting(.versioning)
            let first = try #require(try await bucket.putObject("k", "1", options: plain).versionID)
            let second = try #require(try await bucket.putObject("k", "2", options: plain).versionID)
            stage.name(first, "first")
            stage.name(second, "second")
            for try await _ in bucket.listObjectVersions(prefix: "k", delimiter: "/", pageSize: 7) {}
            var options = GetObjectOptions()
            options.versionID = first
            _ = try await bucket.getObject("k", options: options).body.text()
            _ = try await bucket.headObject("k", options: options)
            _ = try await bucket.objectMeta("k", versionID: first)
            try await bucket.setObjectAccessControl("k", to: .private, versionID: first)
            _ = try await bucket.objectAccessControl("k", versionID: first)
            try await bucket.setObjectTags("k", to: ["a b": "ü"], versionID: first)
            _ = try await bucket.objectTags("k", versionID: first)
            try await bucket.removeObjectTags("k", versionID: first)
            try await bucket.deleteObject("k", versionID: second)
            _ = try await bucket.deleteVersions([.init(key: "k", versionID: first)])
        },
        Scene("object_settings") { stage in
            let bucket = stage.bucket
            try await bucket.putObject("k", "1", options: plain)
            try await bucket.setObjectAccessControl("k", to: .publicRead)
            _ = try await bucket.objectAccessControl("k")
            try await bucket.setObjectTags("k", to: ["a": "b"])
            _ = try await bucket.objectTags("k")
            try await bucket.removeObjectTags("k")
            var options = SymlinkOptions()
            options.accessControl = .private
            options.storageClass = .infrequentAccess
            options.metadata = ["author": "alice"]
            options.forbidsOverwrite = true
            try await bucket.putSymlink("link", to: "a b/ü", options: options)
            _ = try await bucket.getSymlink("link")
        },
        Scene("retention") { stage in
            let bucket = stage.bucket
            try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
            var rule = ObjectWormConfiguration()
            rule.defaultRetention = .init(.governance, days: 3)
            try await bucket.set(.objectWorm, to: rule)
            _ = try await bucket.setting(.objectWorm)
            let retention = ObjectRetention(.governance, until: year2030)
            var options = plain
            options.attributes.retention = retention
            options.attributes.hasLegalHold = true
            let version = try #require(try await bucket.putObject("k", "1", options: options).versionID)
            stage.name(version, "version")
            try await bucket.setObjectRetention("k", to: retention, bypassesGovernance: true, versionID: version)
            _ = try await bucket.objectRetention("k", versionID: version)
            try await bucket.setObjectLegalHold("k", to: false, versionID: version)
            _ = try await bucket.objectLegalHold("k", versionID: version)
            try await bucket.deleteObject("k", versionID: version, bypassesGovernance: true)
        },
        Scene("archived_objects") { stage in
            var options = plain
            options.attributes.storageClass = .coldArchive
            try await stage.bucket.putObject("cold", "1", options: options)
            _ = try await stage.bucket.restoreObject("cold", days: 2, tier: .expedited)
            options.attributes.storageClass = .archive
            try await stage.bucket.putObject("archive", "1", options: options)
            _ = try await stage.bucket.restoreObject("archive")
            stage.clock.advance(by: .seconds(3601))
            try await stage.bucket.cleanRestoredObject("cold")
        },
        Scene("cross_origin") { stage in
            var rule = CORSConfiguration.Rule(
                allowedOrigins: ["https://example.com"], allowedMethods: ["GET", "PUT"], allowedHeaders: ["*"])
            rule.exposedHeaders = ["ETag"]
            rule.maximumAgeSeconds = 60
            var configuration = CORSConfiguration(rules: [rule])
            configuration.variesByOrigin = true
            try await stage.bucket.set(.cors, to: configuration)
            _ = try await stage.bucket.setting(.cors)
            _ = try await stage.bucket.preflight(
                "k", origin: "https://example.com", method: .put, headers: ["x-a", "x-b"])
            try await stage.bucket.remove(.cors)
        },
        Scene("processing") { stage in
            try await stage.bucket.putObject("k", "a,b\n", options: plain)
            stage.answer("ProcessObject", Data(#"{"bucket":"photos","fileSize":1,"object":"d","status":"OK"}"#.utf8))
            _ = try await stage.bucket.processObject("k", "image/resize,w_1", savingTo: "d")
            stage.answer("AsyncProcessObject", Data(#"{"EventId":"e","RequestId":"r","TaskId":"t"}"#.utf8))
            _ = try await stage.bucket.startProcessingObject("k", "video/convert,f_avi")
            stage.answer("ProcessObject", Data("pixels".utf8), headers: ["Content-Type": "image/png"])
            _ = try await stage.bucket.processedObject("k", "image/resize,w_1")
        },
        Scene("selection") { stage in
            try await stage.bucket.putObject("k", "a,b\n", options: plain)
            var csv = SelectInput.csv(header: .use)
            csv.compression = SelectCompression.none
            csv.csv?.recordDelimiter = "\n"
            csv.csv?.fieldDelimiter = ","
            csv.csv?.quoteCharacter = "'"
            csv.csv?.commentCharacter = "#"
            csv.csv?.allowsQuotedRecordDelimiter = true
            stage.answer("CreateSelectObjectMeta", Data(SelectFrames.endOfCSVMeta))
            _ = try await stage.bucket.createSelectMeta("k", of: csv, overwriting: true)
            stage.answer("SelectObject", Data(SelectFrames.end()))
            csv.csv?.range = .lines(0...9)
            var query = SelectQuery("select * from ossobject", from: csv)
            query.keepsAllColumns = true
            query.includesHeader = true
            query.skipsPartialRecords = true
            query.maximumSkippedRecords = 3
            for try await _ in try await stage.bucket.selectObject("k", query) {}
            var json = SelectInput.json(.lines)
            json.compression = .gzip
            json.json?.parsesNumbersAsStrings = true
            json.json?.range = .splits(0...1)
            let second = SelectQuery("select * from ossobject", from: json)
            for try await _ in try await stage.bucket.selectObject("k", second) {}
        },
        Scene("written_responses") { stage in
            stage.answer("WriteGetObjectResponse")
            let host = String(stage.server.endpoint.dropFirst("http://".count))
            stage.name(host, "route")
            try await stage.account.writeGetObjectResponse(
                "content", to: .init(host: host, token: "token"),
                headers: ["Content-Type": "text/plain", "ETag": "\"1\""])
        },
    ]

    private static let plain = PutObjectOptions(contentType: "text/plain")
    private static let epoch = Date(timeIntervalSince1970: 0)
    static let year2030 = Date(timeIntervalSince1970: 1_893_456_000)
}
