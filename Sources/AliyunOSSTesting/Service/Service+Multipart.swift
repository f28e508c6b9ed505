import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    static let minimumPartLength = 100 * 1024

    func initiateMultipartUpload(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        var attributes = MockObject.Attributes(
            size: 0, eTag: "", checksum: 0, lastModified: Self.wholeSeconds(request.now), type: "Multipart",
            storageClass: bucket.properties.storageClass, headers: try ObjectAttributes.headers(of: request))
        try ObjectAttributes.apply(request, to: &attributes)
        let forbidsOverwrite = Self.forbidsOverwrite(request)
        guard bucket.meets(forbidsOverwrite ? .noObject : .anything, key) else { throw ServiceError.fileAlreadyExists }
        let id = UUID().uuidString.filter { $0 != "-" }
        uploads.begin(
            MockUpload(
                id: id, bucket: bucket.name, key: key, attributes: attributes, forbidsOverwrite: forbidsOverwrite))

        let isEncoded = request.query["encoding-type"]?.lowercased() == "url"
        var xml = XMLWriter(root: "InitiateMultipartUploadResult")
        if isEncoded { xml.element("EncodingType", "url") }
        xml.element("Bucket", bucket.name)
        xml.element("Key", Self.shown(request.key ?? "", isEncoded))
        xml.element("UploadId", id)
        return ServiceResponse(xml: xml.finish())
    }

    func uploadPart(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        let number = try Self.partNumber(request)
        try Self.checkDigests(request)
        let part = MockUpload.Part(
            bytes: request.body.bytes, eTag: Hexadecimal.uppercase(request.body.md5), checksum: request.body.checksum,
            lastModified: Self.wholeSeconds(request.now))
        upload.store(part, number: number)
        return ServiceResponse(headers: [
            ("ETag", "\"\(part.eTag)\""), ("x-oss-hash-crc64ecma", String(part.checksum)),
            ("Content-MD5", Data(request.body.md5).base64EncodedString()),
        ])
    }

    func uploadPartCopy(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        let number = try Self.partNumber(request)
        let source = try copySource(request)
        guard let sourceBucket = store.bucket(source.bucket) else { throw ServiceError.noSuchBucket(source.bucket) }
        guard let (object, bytes) = try sourceBucket.open(source.key) else {
            throw ServiceError.noSuchKey(String(decoding: source.key, as: UTF8.self))
        }
        let conditions = Conditions(request, prefix: "x-oss-copy-source-")
        if let answer = try Self.conditionalAnswer(conditions, object, now: request.now) { return answer }

        // A range that is absent or does not fit stands for the whole source.
        var range = 0..<bytes.count
        let selection = try RangeSelection(
            request.header("x-oss-copy-source-range"), size: bytes.count, isStandard: false)
        if case .part(let part) = selection { range = part }
        let copied = bytes[range]
        var md5 = MD5()
        var checksum = CRC64()
        copied.withPieces(in: 0..<copied.count) { piece in
            md5.update(piece)
            checksum.update(piece)
        }
        let part = MockUpload.Part(
            bytes: copied, eTag: Hexadecimal.uppercase(md5.finalize()), checksum: checksum.value,
            lastModified: Self.wholeSeconds(request.now))
        upload.store(part, number: number)

        var xml = XMLWriter(root: "CopyPartResult")
        xml.element("LastModified", ISO8601.extended(part.lastModified))
        xml.element("ETag", "\"\(part.eTag)\"")
        var response = ServiceResponse(xml: xml.finish())
        response.add("ETag", "\"\(part.eTag)\"")
        response.add("x-oss-hash-crc64ecma", String(part.checksum))
        if selection != .whole {
            response.add("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)")
        }
        return response
    }

    func completeMultipartUpload(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let upload = try upload(request)
        let parts = try CompletedParts(request, upload).parts
        var attributes = upload.attributes
        attributes.size = parts.reduce(0) { $0 + $1.bytes.count }
        attributes.checksum = parts.reduce(0) { CRC64.combine($0, $1.checksum, secondLength: UInt64($1.bytes.count)) }
        attributes.lastModified = Self.wholeSeconds(request.now)
        // The service digests the hexadecimal text of the parts' ETags, and not the digests themselves.
        let text = parts.map(\.eTag).joined()
        attributes.eTag = "\(Hexadecimal.uppercase(MD5.hash(Array(text.utf8))))-\(parts.count)"
        if let acl = request.header("x-oss-object-acl") { attributes.acl = try ObjectAttributes.validACL(acl) }

        let forbidsOverwrite = upload.forbidsOverwrite || Self.forbidsOverwrite(request)
        let expectation: MockBucket.Expectation = forbidsOverwrite ? .noObject : .anything
        guard bucket.meets(expectation, upload.key) else { throw ServiceError.fileAlreadyExists }
        guard uploads.end(upload) else { throw Self.noSuchUpload(upload.id) }
        let bytes = ObjectBytes(joining: parts.map(\.bytes))
        guard let written = try bucket.put(bytes, attributes, for: upload.key, expecting: expectation) else {
            uploads.begin(upload)
            throw ServiceError.fileAlreadyExists
        }

        let isEncoded = request.query["encoding-type"]?.lowercased() == "url"
        let key = request.key ?? ""
        var xml = XMLWriter(root: "CompleteMultipartUploadResult")
        if isEncoded { xml.element("EncodingType", "url") }
        xml.element("Location", "http://\(request.authority)/\(PercentEncoding.encodePath(key))")
        xml.element("Bucket", bucket.name)
        xml.element("Key", Self.shown(key, isEncoded))
        xml.element("ETag", "\"\(attributes.eTag)\"")
        var response = ServiceResponse(xml: xml.finish())
        response.add("ETag", "\"\(attributes.eTag)\"")
        response.add("x-oss-hash-crc64ecma", String(attributes.checksum))
        response.addVersion(of: written)
        return response
    }

    func abortMultipartUpload(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        guard uploads.end(upload) else { throw Self.noSuchUpload(upload.id) }
        return ServiceResponse(status: 204)
    }

    /// The upload that a request names, which must be one of its bucket and key.
    func upload(_ request: ServiceRequest) throws(ServiceError) -> MockUpload {
        let bucket = try bucket(request)
        let key = try key(request)
        let id = request.query["uploadId"] ?? ""
        guard let upload = uploads.upload(id), upload.bucket == bucket.name, upload.key == key else {
            throw Self.noSuchUpload(id)
        }
        return upload
    }

    static func shown(_ text: String, _ isEncoded: Bool) -> String {
        isEncoded ? PercentEncoding.encode(text) : text
    }

    private static func noSuchUpload(_ id: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchUpload",
            message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                + "aborted or completed.",
            ec: "0042-00000002", details: [("UploadId", id)])
    }

    private static func partNumber(_ request: ServiceRequest) throws(ServiceError) -> Int {
        let text = request.query["partNumber"] ?? ""
        guard let number = Int(text), (1...10_000).contains(number) else {
            throw .invalidArgument(
                "Part number must be an integer between 1 and 10000, inclusive.", name: "partNumber", value: text)
        }
        return number
    }
}

/// The parts that a CompleteMultipartUpload lists, checked.
struct CompletedParts {
    let parts: [MockUpload.Part]

    init(_ request: ServiceRequest, _ upload: MockUpload) throws(ServiceError) {
        let uploaded = upload.parts
        let usesAll = request.header("x-oss-complete-all")?.lowercased() == "yes"
        if usesAll {
            guard request.body.bytes.count == 0 else {
                throw .invalidArgument(
                    "The body must be empty with x-oss-complete-all.", name: "x-oss-complete-all", value: "yes",
                    ec: "0042-00000216")
            }
            parts = uploaded.map(\.part)
        } else {
            parts = try Self.listed(request, Dictionary(uploaded) { first, _ in first })
        }
        guard !parts.isEmpty else { throw Self.malformed }
        guard parts.dropLast().allSatisfy({ $0.bytes.count >= Service.minimumPartLength }) else {
            throw ServiceError(
                status: 400, code: "EntityTooSmall",
                message: "Your proposed upload smaller than the minimum allowed size.", ec: "0042-00000213")
        }
    }

    private static func listed(
        _ request: ServiceRequest, _ uploaded: [Int: MockUpload.Part]
    ) throws(ServiceError) -> [MockUpload.Part] {
        guard let document = try? XMLReader.read(request.body.bytes.data), document.name == "CompleteMultipartUpload"
        else { throw malformed }
        var found: [MockUpload.Part] = []
        var last = 0
        for element in document.all("Part") {
            guard let number = element.text("PartNumber").flatMap(Int.init), let eTag = element.text("ETag") else {
                throw malformed
            }
            guard number > last else {
                throw ServiceError(
                    status: 400, code: "InvalidPartOrder", message: "The list of parts was not in ascending order.",
                    ec: "0042-00000209")
            }
            last = number
            guard let part = uploaded[number], part.eTag == eTag.trimmingCharacters(in: ["\""]).uppercased() else {
                throw ServiceError(
                    status: 400, code: "InvalidPart",
                    message: "One or more of the specified parts could not be found or the specified entity tag "
                        + "might not have matched the part's entity tag.",
                    ec: "0042-00000211", details: [("PartNumber", String(number))])
            }
            found.append(part)
        }
        return found
    }

    private static let malformed: ServiceError = {
        var error = ServiceError.malformedXML
        error.ec = "0042-00000205"
        return error
    }()
}
