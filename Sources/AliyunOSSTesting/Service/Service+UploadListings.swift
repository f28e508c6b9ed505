import Foundation
import OSSPrimitives

extension Service {
    func listParts(_ request: ServiceRequest) throws -> ServiceResponse {
        let upload = try upload(request)
        let limit = try Self.limit("max-parts", request)
        let markerText = request.query["part-number-marker"] ?? ""
        guard let marker = markerText.isEmpty ? 0 : Int(markerText), marker >= 0 else {
            throw ServiceError.invalidArgument(
                "Argument part-number-marker must be an integer.", name: "part-number-marker", value: markerText)
        }
        let isEncoded = try Self.isEncoded(request)
        let later = upload.parts.filter { $0.number > marker }
        let page = later.prefix(limit)

        var xml = XMLWriter(root: "ListPartsResult")
        if isEncoded { xml.element("EncodingType", "url") }
        xml.element("Bucket", request.bucket ?? "")
        xml.element("Key", Self.shown(request.key ?? "", isEncoded))
        xml.element("UploadId", upload.id)
        xml.element("StorageClass", upload.properties.attributes.storageClass)
        xml.element("PartNumberMarker", String(marker))
        xml.element("NextPartNumberMarker", String(page.last?.number ?? marker))
        xml.element("MaxParts", String(limit))
        xml.element("IsTruncated", String(page.count < later.count))
        Self.writeClientEncryption(of: upload, to: &xml)
        for (number, part) in page {
            xml.element("Part") { xml in
                xml.element("PartNumber", String(number))
                xml.element("LastModified", ISO8601.extended(part.lastModified))
                xml.element("ETag", "\"\(part.eTag)\"")
                xml.element("HashCrc64ecma", String(part.checksum))
                xml.element("Size", String(part.size))
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    /// Writes the client-side encryption parameters of an upload. Other clients need them to resume the upload.
    private static func writeClientEncryption(of upload: MockUpload, to xml: inout XMLWriter) {
        for (element, name) in [
            ("ClientEncryptionKey", "key"), ("ClientEncryptionStart", "start"), ("ClientEncryptionCekAlg", "cek-alg"),
            ("ClientEncryptionWrapAlg", "wrap-alg"), ("ClientEncryptionDataSize", "data-size"),
            ("ClientEncryptionPartSize", "part-size"),
        ] {
            guard let value = upload.properties.attributes.headers[MockObjectAttributes.clientEncryption + name] else {
                continue
            }
            xml.element(element, value)
        }
    }

    func listMultipartUploads(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let limit = try Self.limit("max-uploads", request)
        let prefix = request.query["prefix"] ?? ""
        let delimiter = request.query["delimiter"] ?? ""
        let keyMarker = request.query["key-marker"] ?? ""
        let idMarker = keyMarker.utf8.isEmpty ? "" : request.query["upload-id-marker"] ?? ""
        let isEncoded = try Self.isEncoded(request)
        let page = UploadPage(
            bucket.uploads.all, prefix: Array(prefix.utf8), delimiter: Array(delimiter.utf8),
            keyMarker: Array(keyMarker.utf8), idMarker: idMarker, limit: limit)

        var xml = XMLWriter(root: "ListMultipartUploadsResult")
        xml.element("Bucket", bucket.name)
        if isEncoded { xml.element("EncodingType", "url") }
        xml.element("KeyMarker", Self.shown(keyMarker, isEncoded))
        xml.element("UploadIdMarker", idMarker)
        xml.element("NextKeyMarker", Self.shown(String(decoding: page.last.key, as: UTF8.self), isEncoded))
        xml.element("NextUploadIdMarker", page.last.id)
        xml.element("Delimiter", Self.shown(delimiter, isEncoded))
        xml.element("Prefix", Self.shown(prefix, isEncoded))
        xml.element("MaxUploads", String(limit))
        xml.element("IsTruncated", String(page.isTruncated))
        for upload in page.uploads {
            xml.element("Upload") { xml in
                xml.element("Key", Self.shown(String(decoding: upload.key, as: UTF8.self), isEncoded))
                xml.element("UploadId", upload.id)
                xml.element("StorageClass", upload.properties.attributes.storageClass)
                xml.element("Initiated", ISO8601.extended(upload.properties.attributes.lastModified))
            }
        }
        for group in page.prefixes {
            Self.write(commonPrefix: group, isEncoded, to: &xml)
        }
        return ServiceResponse(xml: xml.finish())
    }

    static func write(commonPrefix prefix: [UInt8], _ isEncoded: Bool, to xml: inout XMLWriter) {
        xml.element("CommonPrefixes") { xml in
            xml.element("Prefix", shown(String(decoding: prefix, as: UTF8.self), isEncoded))
        }
    }

    /// Returns the maximum number of items on a page.
    static func limit(
        _ name: String, _ request: ServiceRequest, default: Int = 1000
    ) throws(ServiceError) -> Int {
        let text = request.query[name] ?? ""
        guard let limit = text.isEmpty ? `default` : Int(text), (1...1000).contains(limit) else {
            throw .invalidArgument(
                "Argument \(name) must be an integer between 1 and 1000.", name: name, value: text)
        }
        return limit
    }
}

/// One page of multipart uploads, sorted by key and upload ID.
struct UploadPage {
    var uploads: [MockUpload] = []
    var prefixes: [[UInt8]] = []
    /// Last upload on the page. The service returns its key and ID even on the last page.
    var last: (key: [UInt8], id: String) = ([], "")
    var isTruncated = false

    init(
        _ all: [MockUpload], prefix: [UInt8], delimiter: [UInt8], keyMarker: [UInt8], idMarker: String, limit: Int
    ) {
        for upload in all where upload.key.starts(with: prefix) {
            let group = ListingPage.group(upload.key, prefix.count, delimiter)
            if let group {
                guard precedes(keyMarker, group), prefixes.last != group else { continue }
            } else if upload.key == keyMarker {
                guard !idMarker.isEmpty, upload.id > idMarker else { continue }
            } else if precedes(upload.key, keyMarker) {
                continue
            }
            guard uploads.count + prefixes.count < limit else {
                isTruncated = true
                return
            }
            if let group {
                prefixes.append(group)
                last = (group, "")
            } else {
                uploads.append(upload)
                last = (upload.key, upload.id)
            }
        }
    }
}
