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
            Service.write(commonPrefix: prefix, isEncoded, to: &xml)
        }
    }
}

/// One page of a version listing. Keys are in byte order, and the versions of each key are listed from newest to
/// oldest. Common prefixes are those of ``ListingPage``.
struct VersionListingPage {
    struct Version {
        var key: [UInt8]
        var object: MockObject
        var isLatest: Bool
    }

    enum Item {
        case version(Version)
        case prefix([UInt8])
    }

    var items: [Item] = []
    /// Last version or common prefix on the page, or `nil` if this is the last page.
    var next: (key: [UInt8], version: String?)?

    /// Collects the items of a page.
    ///
    /// - Parameters:
    ///   - marker: Last key on the previous page.
    ///   - versionMarker: Last listed version of that key; `nil` if all of its versions were listed.
    init(
        _ objects: borrowing OrderedObjects, prefix: [UInt8], delimiter: [UInt8], marker: [UInt8],
        versionMarker: String?, limit: Int
    ) {
        var position = objects.lowerBound(precedes(prefix, marker) ? marker : prefix)
        var last: (key: [UInt8], version: String?) = ([], nil)
        while let entry = objects.entry(at: position), entry.key.starts(with: prefix) {
            if let group = ListingPage.group(entry.key, prefix.count, delimiter) {
                if precedes(marker, group) {
                    guard items.count < limit else {
                        next = last
                        return
                    }
                    items.append(.prefix(group))
                    last = (group, nil)
                }
                position = objects.lowerBound(group + [0xFF])
                continue
            }
            var age = 0
            if entry.key == marker {
                age = versionMarker.map { Self.firstAge(after: $0, in: entry.versions) } ?? entry.versions.count
            }
            while age < entry.versions.count {
                guard items.count < limit else {
                    next = last
                    return
                }
                let object = entry.versions.version(at: age)
                items.append(.version(Version(key: entry.key, object: object, isLatest: age == 0)))
                last = (entry.key, object.versionID)
                age += 1
            }
            position = objects.position(after: position)
        }
    }

    /// Returns the age of the version that follows a listed version. The newest version has age 0. The listed version
    /// may have been deleted since the previous page.
    private static func firstAge(after id: String, in versions: VersionChain) -> Int {
        let ages = 0..<versions.count
        if let age = ages.first(where: { versions.version(at: $0).versionID == id }) { return age + 1 }
        guard let sequence = VersionID.sequence(of: id) else { return 0 }
        return ages.first { versions.version(at: $0).attributes.sequence < sequence } ?? versions.count
    }
}

/// Methods that find the object versions named in requests.
extension Service {
    /// Returns the version ID in the request, or `nil` if the request refers to the current version.
    static func versionID(_ request: ServiceRequest) throws(ServiceError) -> String? {
        guard let id = request.query["versionId"] else { return nil }
        return try validVersionID(id)
    }

    static func validVersionID(_ id: String, name: String = "versionId") throws(ServiceError) -> String {
        if id.utf8.isEmpty {
            throw .invalidArgument("Version id can not be the empty string.", name: name, value: id)
        }
        guard id == "null" || VersionID.sequence(of: id) != nil else {
            throw .invalidArgument("Invalid version id specified.", name: name, value: id)
        }
        return id
    }

    /// Returns the object that the request names, without its content.
    func object(_ request: ServiceRequest, in bucket: MockBucket) throws(ServiceError) -> MockObject {
        let id = try Self.versionID(request)
        return try Self.visible(bucket.version(id, of: try key(request)), id, request)
    }

    /// Returns the given object, or throws an error if it is missing or is a delete marker.
    static func visible(
        _ found: MockObject?, _ id: String?, _ request: ServiceRequest
    ) throws(ServiceError) -> MockObject {
        let key = request.key ?? ""
        guard let found else {
            if let id { throw .noSuchVersion(key, id) }
            throw .noSuchKey(key)
        }
        guard found.isDeleteMarker else { return found }
        if id == nil { throw .deleted(key, by: found) }
        throw .isDeleteMarker(found, method: request.method)
    }

    /// Changes the attributes of the object that the request names, and returns a response with the object's version
    /// ID.
    func update(
        _ request: ServiceRequest, _ change: (inout MockObject.Attributes) throws -> Void
    ) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let id = try Self.versionID(request)
        guard let updated = try bucket.update(key, version: id, change) else {
            _ = try Self.visible(bucket.version(id, of: key), id, request)
            throw ServiceError.noSuchKey(request.key ?? "")
        }
        var response = ServiceResponse()
        response.addVersion(of: updated, in: bucket)
        return response
    }

    /// Parses the XML document in a request body.
    static func document(_ request: ServiceRequest, root: String) throws(ServiceError) -> XMLTree {
        guard let document = try? XMLReader.read(request.body.bytes.data), document.name == root else {
            throw .malformedXML
        }
        return document
    }
}
