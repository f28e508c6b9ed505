import Foundation
import OSSPrimitives

extension Service {
    func listObjects(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let parameters = try ListingParameters(request)
        let marker = try parameters.bounded("marker")
        let page = parameters.page(of: bucket, after: Array(marker.utf8))

        var xml = XMLWriter(root: "ListBucketResult")
        xml.element("Name", bucket.name)
        xml.element("Prefix", parameters.shown(parameters.prefix))
        xml.element("Marker", parameters.shown(marker))
        xml.element("MaxKeys", String(parameters.limit))
        xml.element("Delimiter", parameters.shown(parameters.delimiter))
        if parameters.isEncoded { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", String(page.isTruncated))
        if let next = page.next { xml.element("NextMarker", parameters.shown(String(decoding: next, as: UTF8.self))) }
        parameters.write(page, hasOwner: true, to: &xml)
        return ServiceResponse(xml: xml.finish())
    }

    func listObjectsV2(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let parameters = try ListingParameters(request)
        let start = try parameters.bounded("start-after")
        let token = request.query["continuation-token"] ?? ""
        var after = Array(start.utf8)
        if !token.utf8.isEmpty {
            guard let key = ContinuationToken.decode(token) else {
                throw ServiceError.invalidArgument(
                    "The continuation token provided is incorrect.", name: "continuation-token", value: token)
            }
            after = key
        }
        let page = parameters.page(of: bucket, after: after)

        var xml = XMLWriter(root: "ListBucketResult")
        xml.element("Name", bucket.name)
        xml.element("Prefix", parameters.shown(parameters.prefix))
        if !start.utf8.isEmpty { xml.element("StartAfter", parameters.shown(start)) }
        if !token.utf8.isEmpty { xml.element("ContinuationToken", parameters.shown(token)) }
        xml.element("MaxKeys", String(parameters.limit))
        xml.element("Delimiter", parameters.shown(parameters.delimiter))
        if parameters.isEncoded { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", String(page.isTruncated))
        if let next = page.next {
            xml.element("NextContinuationToken", parameters.shown(ContinuationToken.encode(next)))
        }
        xml.element("KeyCount", String(page.items.count))
        parameters.write(page, hasOwner: request.query["fetch-owner"]?.lowercased() == "true", to: &xml)
        return ServiceResponse(xml: xml.finish())
    }
}

/// The parameters that all object listings share.
struct ListingParameters {
    private let request: ServiceRequest
    let prefix: String
    let delimiter: String
    let limit: Int
    let isEncoded: Bool

    init(_ request: ServiceRequest) throws(ServiceError) {
        self.request = request
        prefix = try Self.bounded("prefix", request)
        delimiter = try Self.bounded("delimiter", request)
        limit = try Service.limit("max-keys", request, default: 100)
        isEncoded = try Service.isEncoded(request)
    }

    func bounded(_ name: String) throws(ServiceError) -> String {
        try Self.bounded(name, request)
    }

    private static func bounded(_ name: String, _ request: ServiceRequest) throws(ServiceError) -> String {
        let value = request.query[name] ?? ""
        guard value.utf8.count <= 1023 else {
            throw .invalidArgument("The length of \(name) must not exceed 1023 bytes.", name: name, value: value)
        }
        return value
    }

    /// Returns a value as it appears in the response, percent-encoded if the request specifies URL encoding.
    func shown(_ text: String) -> String {
        Service.shown(text, isEncoded)
    }

    func page(of bucket: MockBucket, after marker: [UInt8]) -> ListingPage {
        var page = correctPage(of: bucket, after: marker)
        guard let fault = request.faults?.fault(in: page) else { return page }
        if fault == .endless { page = correctPage(of: bucket, after: []) }
        page.apply(fault)
        return page
    }

    private func correctPage(of bucket: MockBucket, after marker: [UInt8]) -> ListingPage {
        bucket.withObjects { objects in
            ListingPage(
                objects, prefix: Array(prefix.utf8), delimiter: Array(delimiter.utf8), marker: marker, limit: limit)
        }
    }

    func writeRestoreInfo(of object: MockObject, to xml: inout XMLWriter) {
        if let info = Service.restoreInfo(object, now: request.now) { xml.element("RestoreInfo", info) }
    }

    func write(_ page: ListingPage, hasOwner: Bool, to xml: inout XMLWriter) {
        for case .object(let entry) in page.items {
            let attributes = entry.object.attributes
            xml.element("Contents") { xml in
                xml.element("Key", shown(String(decoding: entry.key, as: UTF8.self)))
                xml.element("LastModified", ISO8601.extended(attributes.lastModified))
                xml.element("ETag", "\"\(attributes.eTag)\"")
                xml.element("Type", attributes.type)
                xml.element("Size", String(attributes.size))
                xml.element("StorageClass", attributes.storageClass)
                writeRestoreInfo(of: entry.object, to: &xml)
                if hasOwner { xml.element("Owner", Service.writeOwner) }
                if let date = attributes.sealedTime { xml.element("SealedTime", ISO8601.extended(date)) }
            }
        }
        for case .prefix(let prefix) in page.items {
            Service.write(commonPrefix: prefix, isEncoded, to: &xml)
        }
    }
}

/// One page of a listing, with keys in byte order. All keys with the same prefix up to the delimiter form a single
/// item.
struct ListingPage {
    enum Item {
        case object(OrderedObjects.Entry)
        case prefix([UInt8])
    }

    var items: [Item] = []
    /// Last key or common prefix on the page, or `nil` if this is the last page.
    var next: [UInt8]?
    /// Whether a fault marks the page as truncated but omits the marker for the next page.
    private var hidesNext = false
    var isTruncated: Bool { next != nil || hidesNext }

    /// Collects the items of a page, in time that does not depend on the number of objects in the bucket.
    ///
    /// - Parameter marker: Last key or common prefix on the previous page. A marker inside a group skips the rest of
    ///   that group.
    init(_ objects: borrowing OrderedObjects, prefix: [UInt8], delimiter: [UInt8], marker: [UInt8], limit: Int) {
        var position = objects.lowerBound(precedes(prefix, marker) ? marker : prefix)
        var last: [UInt8] = []
        while let entry = objects.entry(at: position), entry.key.starts(with: prefix) {
            if entry.key == marker || entry.object.isDeleteMarker {
                position = objects.position(after: position)
                continue
            }
            if let group = Self.group(entry.key, prefix.count, delimiter) {
                if precedes(marker, group) {
                    guard items.count < limit else {
                        next = last
                        return
                    }
                    items.append(.prefix(group))
                    last = group
                }
                // UTF-8 has no byte 0xFF, so this is the end of the group.
                position = objects.lowerBound(group + [0xFF])
            } else {
                guard items.count < limit else {
                    next = last
                    return
                }
                items.append(.object(entry))
                last = entry.key
                position = objects.position(after: position)
            }
        }
    }

    /// Returns the part of a key that ends with the first delimiter at or after `start`, or `nil` if there is no such
    /// delimiter.
    static func group(_ key: [UInt8], _ start: Int, _ delimiter: [UInt8]) -> [UInt8]? {
        guard let first = delimiter.first else { return nil }
        var index = start
        while index + delimiter.count <= key.count {
            if key[index] == first, key[index...].starts(with: delimiter) {
                return Array(key[..<(index + delimiter.count)])
            }
            index += 1
        }
        return nil
    }
}

extension ListingPage {
    /// Returns whether the given fault would change the page.
    func canApply(_ fault: MockFault.ListingFault) -> Bool {
        switch fault {
        case .duplicated: return !items.isEmpty
        case .unsorted:
            // Objects and common prefixes are separate lists in the response.
            let objects = items.count { if case .object = $0 { true } else { false } }
            return objects > 1 || items.count - objects > 1
        case .endless, .withoutMarker: return true
        }
    }

    /// Applies the given fault to the page.
    mutating func apply(_ fault: MockFault.ListingFault) {
        switch fault {
        case .duplicated: if let first = items.first { items.insert(first, at: 0) }
        case .unsorted: items.reverse()
        case .endless: next = lastName
        case .withoutMarker:
            next = nil
            hidesNext = true
        }
    }

    private var lastName: [UInt8] {
        switch items.last {
        case .object(let entry)?: entry.key
        case .prefix(let prefix)?: prefix
        case nil: []
        }
    }
}
