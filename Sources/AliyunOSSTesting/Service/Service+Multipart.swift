import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    func initiateMultipartUpload(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        var attributes = MockObject.Attributes(
            size: 0, eTag: "", checksum: 0, lastModified: Self.wholeSeconds(request.now), type: "Multipart",
            storageClass: bucket.properties.storageClass, headers: try MockObjectAttributes.headers(of: request))
        try MockObjectAttributes.apply(request, to: &attributes, in: bucket, self)
        let forbidsOverwrite = Self.forbidsOverwrite(request)
        guard bucket.meets(forbidsOverwrite ? .noObject : .anything, key) else { throw ServiceError.fileAlreadyExists }
        let isEncoded = try Self.isEncoded(request)
        let upload = try bucket.uploads.start(
            MockUpload.Properties(
                key: request.key ?? "", attributes: attributes, forbidsOverwrite: forbidsOverwrite,
                isSequential: request.query.contains("sequential")))

        var xml = XMLWriter(root: "InitiateMultipartUploadResult")
        if isEncoded { xml.element("EncodingType", "url") }
        xml.element("Bucket", bucket.name)
        xml.element("Key", Self.shown(request.key ?? "", isEncoded))
        xml.element("UploadId", upload.id)
        var response = ServiceResponse(xml: xml.finish())
        attributes.encryption?.describe(in: &response)
        return response
    }

    func uploadPart(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        let number = try Self.partNumber(request)
        try Encryption.refuse(in: request)
        try Self.checkDigests(request)
        let part = try store(
            request.body.bytes, eTag: request.body.eTag, checksum: request.body.checksum, number,
            in: upload, request)
        var response = ServiceResponse(headers: [
            ("ETag", "\"\(part.eTag)\""), ("x-oss-hash-crc64ecma", String(part.checksum)),
        ])
        if let md5 = request.body.contentMD5 { response.add("Content-MD5", md5) }
        upload.properties.attributes.encryption?.describe(in: &response)
        return response
    }

    func uploadPartCopy(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        let number = try Self.partNumber(request)
        // If the range is missing or does not fit, the entire source is copied.
        func select(_ object: MockObject) throws(ServiceError) -> (selection: RangeSelection, range: Range<Int>) {
            let size = object.attributes.size
            let selection = try RangeSelection(
                request.header("x-oss-copy-source-range"), size: size, isStandard: false)
            if case .part(let part) = selection { return (selection, part) }
            return (selection, 0..<size)
        }
        let source = try openCopySource(request) { (try? select($0))?.range ?? 0..<0 }
        let (object, bytes) = (source.object, source.bytes)
        let conditions = Conditions(request, prefix: "x-oss-copy-source-")
        if let response = try Self.conditionalResponse(conditions, object) { return response }

        let (selection, range) = try select(object)
        let copied = bytes[range]
        var md5 = MD5()
        var checksum = CRC64()
        copied.withChunks(in: 0..<copied.count) { chunk in
            if computesMD5 { md5.update(chunk) }
            checksum.update(chunk)
        }
        let eTag = ReceivedBody.eTag(
            md5: computesMD5 ? md5.finalize() : nil, checksum: checksum.value, size: copied.count)
        let part = try store(copied, eTag: eTag, checksum: checksum.value, number, in: upload, request)

        var xml = XMLWriter(root: "CopyPartResult")
        xml.element("LastModified", ISO8601.extended(part.lastModified))
        xml.element("ETag", "\"\(part.eTag)\"")
        var response = ServiceResponse(xml: xml.finish())
        response.add("ETag", "\"\(part.eTag)\"")
        response.add("x-oss-hash-crc64ecma", String(part.checksum))
        if source.bucket.properties.versioning != nil {
            response.add("x-oss-copy-source-version-id", object.versionID)
        }
        if selection != .entire {
            response.add(
                "Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.attributes.size)")
        }
        return response
    }

    func completeMultipartUpload(_ request: ServiceRequest) throws -> ServiceResponse {
        try Encryption.refuse(in: request)
        let bucket = try bucket(request)
        let upload = try upload(request)
        let isEncoded = try Self.isEncoded(request)
        let written = try bucket.uploads.complete(upload) { uploaded in
            let parts = try CompletedPartList(request, uploaded).parts
            var attributes = upload.properties.attributes
            attributes.lastModified = Self.wholeSeconds(request.now)
            attributes.size = parts.reduce(0) { $0 + $1.part.size }
            attributes.checksum = parts.reduce(0) {
                CRC64.combine($0, $1.part.checksum, secondLength: UInt64($1.part.size))
            }
            attributes.eTag = Self.eTag(ofParts: parts.map(\.part.eTag))
            if upload.properties.isSequential == true, computesMD5 {
                attributes.contentMD5 = Data(try bucket.md5(ofJoined: parts.map(\.part))).base64EncodedString()
            }
            if let acl = request.header("x-oss-object-acl") { attributes.acl = try objectACL(acl, in: bucket) }
            let forbidsOverwrite = upload.properties.forbidsOverwrite || Self.forbidsOverwrite(request)
            let object = try bucket.put(
                joining: parts.map(\.part), attributes, for: upload.key,
                expecting: forbidsOverwrite ? .noObject : .anything)
            guard let object else { throw ServiceError.fileAlreadyExists }
            return (object, parts: Set(parts.map(\.number)))
        }
        guard let written else { throw Self.noSuchUpload(upload.id, request) }

        let key = request.key ?? ""
        var xml = XMLWriter(root: "CompleteMultipartUploadResult")
        if isEncoded { xml.element("EncodingType", "url") }
        xml.element("Location", request.location)
        xml.element("Bucket", bucket.name)
        xml.element("Key", Self.shown(key, isEncoded))
        xml.element("ETag", "\"\(written.attributes.eTag)\"")
        var response = ServiceResponse(xml: xml.finish())
        response.add("ETag", "\"\(written.attributes.eTag)\"")
        response.add("x-oss-hash-crc64ecma", String(written.attributes.checksum))
        response.addVersion(of: written)
        return response
    }

    func abortMultipartUpload(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        guard try bucket(request).uploads.discard(upload) else { throw Self.noSuchUpload(upload.id, request) }
        return ServiceResponse(status: 204)
    }

    /// Returns the multipart upload that the request names. The upload must belong to the request's bucket and key.
    func upload(_ request: ServiceRequest) throws(ServiceError) -> MockUpload {
        let bucket = try bucket(request)
        let key = try key(request)
        let id = request.query["uploadId"] ?? ""
        guard let upload = bucket.uploads[id], upload.key == key else { throw Self.noSuchUpload(id, request) }
        return upload
    }

    private func store(
        _ bytes: ObjectBytes, eTag: String, checksum: UInt64, _ number: Int, in upload: MockUpload,
        _ request: ServiceRequest
    ) throws -> MockUpload.Part {
        let part = MockUpload.Part(
            content: .none, size: bytes.count, eTag: eTag, checksum: checksum,
            lastModified: Self.wholeSeconds(request.now))
        guard try bucket(request).uploads.store(bytes, part, number: number, in: upload) else {
            throw Self.noSuchUpload(upload.id, request)
        }
        return part
    }

    /// Returns the ETag of a multipart object. The service hashes the hexadecimal text of the parts' ETags, not the
    /// bytes that the text represents.
    static func eTag(ofParts eTags: [String]) -> String {
        "\(Hexadecimal.uppercase(MD5.hash(Array(eTags.joined().utf8))))-\(eTags.count)"
    }

    /// Returns whether the response to a request must percent-encode keys.
    static func isEncoded(_ request: ServiceRequest) throws(ServiceError) -> Bool {
        try isEncoded(request.query["encoding-type"] ?? "")
    }

    static func isEncoded(_ encoding: String) throws(ServiceError) -> Bool {
        guard ["", "url"].contains(encoding.lowercased()) else {
            throw .invalidArgument(
                "Invalid Encoding Method specified in Request", name: "encoding-type", value: encoding)
        }
        return !encoding.utf8.isEmpty
    }

    static func shown(_ text: String, _ isEncoded: Bool) -> String {
        isEncoded ? PercentEncoding.encode(text) : text
    }

    private static func noSuchUpload(_ id: String, _ request: ServiceRequest) -> ServiceError {
        let number =
            switch request.operation {
            case .uploadPart: "104"
            case .uploadPartCopy: "311"
            default: "002"
            }
        return ServiceError(
            status: 404, code: "NoSuchUpload",
            message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                + "aborted or completed.",
            ec: "0042-00000\(number)", details: [("UploadId", id)])
    }

    private static func partNumber(_ request: ServiceRequest) throws(ServiceError) -> Int {
        let text = request.query["partNumber"] ?? ""
        guard let number = Int(text), (1...10_000).contains(number) else {
            throw .invalidPartNumber(text)
        }
        return number
    }
}

/// The validated list of parts in a CompleteMultipartUpload request.
struct CompletedPartList {
    private static let minimumLength = 100 * 1024

    let parts: [(number: Int, part: MockUpload.Part)]

    init(_ request: ServiceRequest, _ uploaded: [Int: MockUpload.Part]) throws(ServiceError) {
        let id = request.query["uploadId"] ?? ""
        if request.header("x-oss-complete-all")?.lowercased() == "yes" {
            guard request.body.bytes.count == 0 else {
                throw .invalidArgument(
                    "Should not speficy both complete all header and http body.", name: "x-oss-complete-all",
                    value: "yes",
                    ec: "0042-00000216")
            }
            parts = uploaded.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            guard !parts.isEmpty else { throw Self.malformed }
        } else {
            // An empty list creates an empty object.
            parts = try Self.listed(request, uploaded, id)
        }
        for (number, part) in parts.dropLast() where part.size < Self.minimumLength {
            throw ServiceError(
                status: 400, code: "EntityTooSmall",
                message: "Your proposed upload smaller than the minimum allowed size.", ec: "0042-00000213",
                details: [
                    ("ETag", "\"\(part.eTag)\""), ("MinSizeAllowed", String(Self.minimumLength)),
                    ("ProposedSize", String(part.size)), ("PartNumber", String(number)), ("UploadId", id),
                ])
        }
    }

    private static func listed(
        _ request: ServiceRequest, _ uploaded: [Int: MockUpload.Part], _ id: String
    ) throws(ServiceError) -> [(number: Int, part: MockUpload.Part)] {
        guard let document = try? XMLReader.read(request.body.bytes.data), document.name == "CompleteMultipartUpload"
        else { throw malformed }
        var found: [(number: Int, part: MockUpload.Part)] = []
        for element in document.all("Part") {
            guard let text = element.text("PartNumber")?.trimmingCharacters(in: .whitespacesAndNewlines),
                let number = Int(text), let eTag = element.text("ETag")
            else { throw malformed }
            guard (1...10_000).contains(number) else { throw .invalidPartNumber(text) }
            guard number > found.last?.number ?? 0 else {
                throw ServiceError(
                    status: 400, code: "InvalidPartOrder", message: "The list of parts was not in ascending order.",
                    ec: "0042-00000209", details: [("PartNumber", text), ("UploadId", id)])
            }
            let bare = eTag.trimmingCharacters(in: .whitespacesAndNewlines).trimmingCharacters(in: ["\""])
            guard let part = uploaded[number], part.eTag == bare.uppercased() else {
                throw ServiceError(
                    status: 400, code: "InvalidPart",
                    message: "One or more of the specified parts could not be found or the specified entity tag "
                        + "might not have matched the part's entity tag.",
                    ec: "0042-00000211", details: [("ETag", eTag), ("PartNumber", text), ("UploadId", id)])
            }
            found.append((number, part))
        }
        return found
    }

    private static let malformed: ServiceError = {
        var error = ServiceError.malformedXML
        error.ec = "0042-00000205"
        return error
    }()
}

extension ServiceError {
    static func invalidPartNumber(_ text: String) -> ServiceError {
        .invalidArgument(
            "Part number must be an integer between 1 and 10000, inclusive.", name: "partNumber", value: text)
    }
}
