import Foundation
import OSSPrimitives

extension Service {
    func putBucketVersioning(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let document = try Self.document(request, root: "VersioningConfiguration")
        guard let status = document.text("Status").flatMap(MockBucket.Versioning.init) else {
            throw ServiceError.malformedXML
        }
        try store.update(bucket) { $0.versioning = status }
        return ServiceResponse()
    }

    func bucketVersioning(_ request: ServiceRequest) throws -> ServiceResponse {
        let versioning = try bucket(request).properties.versioning
        var xml = XMLWriter(root: "VersioningConfiguration")
        if let versioning { xml.element("Status", versioning.rawValue) }
        return ServiceResponse(xml: xml.finish())
    }

    func listObjectVersions(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let parameters = try ListingParameters(request)
        let keyMarker = try parameters.bounded("key-marker")
        let versionMarker = request.query["version-id-marker"] ?? ""
        if !versionMarker.utf8.isEmpty {
            if keyMarker.utf8.isEmpty {
                throw ServiceError.invalidArgument(
                    "A version-id marker cannot be specified without a key marker.", name: "version-id-marker",
                    value: versionMarker)
            }
            _ = try Self.validVersionID(versionMarker, name: "version-id-marker")
        }
        let page = bucket.withObjects { objects in
            VersionListingPage(
                objects, prefix: Array(parameters.prefix.utf8), delimiter: Array(parameters.delimiter.utf8),
                marker: Array(keyMarker.utf8), versionMarker: versionMarker.utf8.isEmpty ? nil : versionMarker,
                limit: parameters.limit)
        }

        var xml = XMLWriter(root: "ListVersionsResult")
        xml.element("Name", bucket.name)
        xml.element("Prefix", parameters.shown(parameters.prefix))
        xml.element("KeyMarker", parameters.shown(keyMarker))
        xml.element("VersionIdMarker", versionMarker)
        xml.element("MaxKeys", String(parameters.limit))
        xml.element("Delimiter", parameters.shown(parameters.delimiter))
        if parameters.isEncoded { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", String(page.next != nil))
        if let next = page.next {
            xml.element("NextKeyMarker", parameters.shown(String(decoding: next.key, as: UTF8.self)))
            xml.element("NextVersionIdMarker", next.version ?? "")
        }
        parameters.write(page, to: &xml)
        return ServiceResponse(xml: xml.finish())
    }
}

extension ListingParameters {
    fileprivate func write(_ page: VersionListingPage, to xml: inout XMLWriter) {
        for case .version(let version) in page.items {
            let object = version.object
            xml.element(object.isDeleteMarker ? "DeleteMarker" : "Version") { xml in
                xml.element("Key", shown(String(decoding: version.key, as: UTF8.self)))
                xml.element("VersionId", object.versionID)
                xml.element("IsLatest", String(version.isLatest))
                xml.element("LastModified", ISO8601.extended(object.attributes.lastModified))
                if !object.isDeleteMarker {
                    xml.element("ETag", "\"\(object.attributes.eTag)\"")
                    xml.element("Type", object.attributes.type)
                    xml.element("Size", String(object.attributes.size))
                    xml.element("StorageClass", object.attributes.storageClass)
                    writeRestoreInfo(of: object, to: &xml)
                }
                xml.element("Owner", Service.writeOwner)
            }
        }
        for case .prefix(let prefix) in page.items {
            xml.element("CommonPrefixes") { xml in
                xml.element("Prefix", shown(String(decoding: prefix, as: UTF8.self)))
            }
        }
    }
}
