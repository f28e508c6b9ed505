import AliyunOSS
import Foundation
import Testing

@Suite("Conformance: objects")
struct ObjectConformanceTests {
    @Test(
        "Stored content is returned unchanged, with either signature version", arguments: Service.available,
        [SignatureVersion.v4, .v1])
    func roundTrip(service: Service, signature: SignatureVersion) async throws {
        try await service.withScratch {
            $0.signature = signature
            $0.readRangeSize = 64 << 10
        } _: { scratch in
            let key = try scratch.key("large")
            let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
            let result = try await scratch.bucket.putObject(key, .data(bytes))
            #expect(try await scratch.bucket.getObject(key).body.collect() == bytes)
            let metadata = try await scratch.bucket.headObject(key)
            #expect(metadata.size == 300_000)
            #expect(metadata.eTag == result.eTag)
            #expect(metadata.crc64 != nil && metadata.crc64 == result.crc64)
            try await scratch.bucket.copyObjectInOneRequest(from: key, to: try scratch.key("copy"))
            #expect(try await scratch.names() == ["copy", "large"])
            #expect(try await scratch.bucket.deleteObjects([key]).failures.isEmpty)
            try await scratch.bucket.deleteObject(try scratch.key("copy"))
            #expect(try await scratch.names().isEmpty)
        }
    }

    @Test(
        "An object's ETag is the MD5 of its bytes, and storing the object again replaces it",
        arguments: Service.available)
    func overwrite(service: Service) async throws {
        try await service.withScratch { scratch in
            #expect(try await scratch.put("a", "hello").eTag == "5D41402ABC4B2A76B9719D911017C592")
            let first = try await scratch.bucket.headObject(try scratch.key("a"))
            #expect(first.type == "Normal")
            #expect(first.storageClass == .standard)
            let age = try -#require(first.lastModified).timeIntervalSinceNow
            #expect(abs(age) < 15 * 60)
            #expect(try await scratch.put("a", "world").eTag != first.eTag)
            #expect(try await scratch.text("a") == "world")
        }
    }

    @Test("An empty object is an object", arguments: Service.available)
    func empty(service: Service) async throws {
        try await service.withScratch { scratch in
            try await scratch.put("empty", "")
            let key = try scratch.key("empty")
            let metadata = try await scratch.bucket.headObject(key)
            #expect(metadata.size == 0)
            #expect(metadata.eTag == "D41D8CD98F00B204E9800998ECF8427E")
            #expect(metadata.crc64 == 0)
            #expect(try await scratch.bucket.getObject(key).body.collect().isEmpty)
            #expect(try await scratch.names() == ["empty"])
        }
    }

    @Test("A file is uploaded completely, and a slice of it as that slice", arguments: Service.available)
    func files(service: Service) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("conformance-\(UUID().uuidString)")
        try Data("0123456789".utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        try await service.withScratch { scratch in
            try await scratch.bucket.putObject(try scratch.key("file"), .file(path.path))
            try await scratch.bucket.putObject(try scratch.key("part"), .file(path.path, offset: 3, length: 4))
            #expect(try await scratch.text("file") == "0123456789")
            #expect(try await scratch.text("part") == "3456")
        }
    }

    @Test(
        "A range returns its bytes, truncated at the end of the object, and is an error after the end",
        arguments: Service.available)
    func ranges(service: Service) async throws {
        try await service.withScratch { scratch in
            try await scratch.put("a", "0123456789")
            let (bucket, key) = (scratch.bucket, try scratch.key("a"))
            #expect(try await bucket.getObject(key, range: 2..<5).body.text() == "234")
            #expect(try await bucket.getObject(key, range: 9...9).body.text() == "9")
            #expect(try await bucket.getObject(key, range: 7...).body.text() == "789")
            #expect(try await bucket.getObject(key, range: ..<1).body.text() == "0")
            #expect(try await bucket.getObject(key, range: 8..<1000).body.text() == "89")
            #expect(try await bucket.getObject(key, range: .last(3)).body.text() == "789")
            #expect(try await bucket.getObject(key, range: .last(1000)).body.text() == "0123456789")
            #expect(try await bucket.getObject(key, range: 2..<5).metadata.size == 10)
            await expectError(.invalidRange) { _ = try await bucket.getObject(key, range: 10..<20) }
            await expectError(.invalidRange) { _ = try await bucket.getObject(key, range: 1000...) }
        }
    }

    @Test("The attributes of an object are returned as they were stored", arguments: Service.available)
    func attributes(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("page"))
            let expiry = Date(timeIntervalSince1970: 1_900_000_000)
            var options = PutObjectOptions(
                contentType: "text/html; charset=utf-8", metadata: ["Author": "é 中", "n": "1, 2"])
            options.attributes.cacheControl = "max-age=60"
            options.attributes.contentDisposition = "attachment; filename=\"a.html\""
            options.attributes.expires = expiry
            try await bucket.putObject(key, "x", options: options)
            for metadata in [try await bucket.headObject(key), try await bucket.getObject(key).metadata] {
                #expect(metadata.contentType == "text/html; charset=utf-8")
                #expect(metadata.cacheControl == "max-age=60")
                #expect(metadata.contentDisposition == "attachment; filename=\"a.html\"")
                #expect(metadata.expires == "Sun, 17 Mar 2030 17:46:40 GMT")
                #expect(metadata.metadata == ["author": "é 中", "n": "1, 2"])
            }
        }
    }

    @Test("Content stored as gzip is returned as gzip, byte for byte", arguments: Service.available)
    func gzip(service: Service) async throws {
        let stored = Data([
            31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0,
        ])
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("page.gz"))
            var options = PutObjectOptions(contentType: "text/html")
            options.attributes.contentEncoding = "gzip"
            try await bucket.putObject(key, .data(stored), options: options)
            let object = try await bucket.getObject(key)
            #expect(try await bucket.headObject(key).contentEncoding == "gzip")
            #expect(object.metadata.size == Int64(stored.count))
            #expect(try await object.body.collect() == stored)
            #expect(try await bucket.getObject(key, range: 0..<2).body.collect() == stored.prefix(2))
        }
    }

    @Test("Text that could be compressed in transit is returned as it was stored", arguments: Service.available)
    func compressibleText(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("long.txt"))
            let text = String(repeating: "All work and no play. ", count: 500)
            try await bucket.putObject(key, .string(text), options: PutObjectOptions(contentType: "text/plain"))
            let object = try await bucket.getObject(key)
            #expect(object.metadata.size == 11_000)
            #expect(try await object.body.text() == text)
        }
    }

    @Test("A condition that is not met is an error of its own", arguments: Service.available)
    func conditions(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("a"))
            let eTag = try await scratch.put("a", "hello").eTag
            var same = GetObjectOptions()
            same.conditions.ifMatch = eTag
            #expect(try await bucket.getObject(key, options: same).body.text() == "hello")
            var other = GetObjectOptions()
            other.conditions.ifMatch = "00000000000000000000000000000000"
            await expectError(.preconditionFailed) { _ = try await bucket.getObject(key, options: other) }
            await expectError(.preconditionFailed) { _ = try await bucket.headObject(key, options: other) }
            var changed = GetObjectOptions()
            changed.conditions.ifNoneMatch = eTag
            await expectError(.notModified) { _ = try await bucket.getObject(key, options: changed) }
            await expectError(.notModified) { _ = try await bucket.headObject(key, options: changed) }
            changed.conditions.ifNoneMatch = "00000000000000000000000000000000"
            #expect(try await bucket.headObject(key, options: changed).eTag == eTag)

            let modified = try #require(try await bucket.headObject(key).lastModified)
            var newer = GetObjectOptions()
            newer.conditions.ifModifiedSince = modified
            await expectError(.notModified) { _ = try await bucket.getObject(key, options: newer) }
            var older = GetObjectOptions()
            older.conditions.ifUnmodifiedSince = modified - 3600
            await expectError(.preconditionFailed) { _ = try await bucket.getObject(key, options: older) }
            older.conditions.ifUnmodifiedSince = modified
            #expect(try await bucket.getObject(key, options: older).body.text() == "hello")
        }
    }

    @Test("An object that must not be overwritten remains", arguments: Service.available)
    func forbidsOverwrite(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("a"))
            var options = PutObjectOptions()
            options.forbidsOverwrite = true
            try await bucket.putObject(key, "first", options: options)
            let error = await expectError(.alreadyExists) {
                try await bucket.putObject(key, "second", options: options)
            }
            #expect(error?.serviceError?.status == 409)
            try await scratch.put("b", "third")
            await expectError(.alreadyExists) {
                try await bucket.copyObjectInOneRequest(from: try scratch.key("b"), to: key, forbidsOverwrite: true)
            }
            #expect(try await scratch.text("a") == "first")
        }
    }

    @Test("A copy has the bytes of the source and its metadata or replacement metadata", arguments: Service.available)
    func copies(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, source, copy) = (scratch.bucket, try scratch.key("a b/ü+%.txt"), try scratch.key("copy"))
            let options = PutObjectOptions(contentType: "text/plain", metadata: ["n": "1"])
            let stored = try await bucket.putObject(source, "hello", options: options)
            #expect(try await bucket.copyObjectInOneRequest(from: source, to: copy).eTag == stored.eTag)
            #expect(try await bucket.getObject(copy).body.text() == "hello")
            let carried = try await bucket.headObject(copy)
            #expect(carried.metadata == ["n": "1"])
            #expect(carried.contentType == "text/plain")
            #expect(carried.crc64 == stored.crc64)

            // The service changes an object's metadata by copying the object onto itself.
            var replaced = ObjectAttributes()
            replaced.contentType = "text/html"
            replaced.metadata = ["m": "2"]
            try await bucket.copyObjectInOneRequest(from: copy, to: copy, attributes: replaced)
            #expect(try await bucket.headObject(copy).metadata == ["m": "2"])
            #expect(try await bucket.headObject(copy).contentType == "text/html")

            var conditional = GetObjectOptions()
            conditional.conditions.ifMatch = "00000000000000000000000000000000"
            await expectError(.preconditionFailed) {
                try await bucket.copyObjectInOneRequest(from: source, options: conditional, to: copy)
            }
            await expectError(.notFound) {
                try await bucket.copyObjectInOneRequest(from: try scratch.key("missing"), to: copy)
            }
        }
    }

    @Test("Deleting an object removes it, and deleting a missing object is not an error", arguments: Service.available)
    func deletion(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("a"))
            try await scratch.put("a", "x")
            #expect(try await bucket.objectExists(key))
            try await bucket.deleteObject(key)
            try await bucket.deleteObject(key)
            #expect(try await !bucket.objectExists(key))
            let error = await expectError(.notFound) { _ = try await bucket.getObject(key) }
            #expect(error?.serviceError?.code == "NoSuchKey")
            #expect(error?.serviceError?.requestID?.isEmpty == false)
            await expectError(.notFound) { _ = try await bucket.headObject(key) }
        }
    }
}
