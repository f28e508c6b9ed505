import Foundation
import OSSPrimitives

/// The endpoints that read buckets without signatures and without entries in the request log. They do not change what a
/// test observes: no fault applies to them, and nothing counts them.
extension Control {
    private static let pageLength = 200
    private static let maximumContentLength = 8 << 20

    /// Returns a page of the folders and objects that follow a prefix.
    func objects(_ request: ControlRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let marker = Array((request.query["after"] ?? "").utf8)
        let prefix = Array((request.query["prefix"] ?? "").utf8)
        let page = bucket.withObjects { objects in
            ListingPage(
                objects, prefix: prefix, delimiter: [UInt8(ascii: "/")], marker: marker, limit: Self.pageLength)
        }
        var listing = Listing(next: page.next.map { String(decoding: $0, as: UTF8.self) })
        for item in page.items {
            switch item {
            case .prefix(let prefix): listing.folders.append(String(decoding: prefix, as: UTF8.self))
            case .object(let entry):
                let attributes = entry.object.attributes
                listing.objects.append(
                    Listing.Object(
                        key: String(decoding: entry.key, as: UTF8.self), size: attributes.size,
                        lastModified: ISO8601.extended(attributes.lastModified)))
            }
        }
        return try json(listing)
    }

    /// Returns the properties of an object.
    func object(_ request: ControlRequest) throws -> ServiceResponse {
        let key = request.query["key"] ?? ""
        guard let object = try bucket(request).version(nil, of: Array(key.utf8)), !object.isDeleteMarker else {
            throw missing(key)
        }
        let attributes = object.attributes
        return try json(
            Properties(
                key: key, size: attributes.size, type: attributes.type,
                contentType: attributes.headers["content-type"] ?? "application/octet-stream", eTag: attributes.eTag,
                crc64: String(attributes.checksum), lastModified: ISO8601.extended(attributes.lastModified),
                storageClass: attributes.storageClass, acl: attributes.acl, tagging: attributes.tagging,
                versionID: attributes.versionID, symlinkTarget: attributes.symlinkTarget, headers: attributes.headers))
    }

    /// Returns the start of an object, in a form that a browser does not interpret.
    func content(_ request: ControlRequest) throws -> ServiceResponse {
        let key = request.query["key"] ?? ""
        let limit = min(try request.number("limit") ?? Self.maximumContentLength, Self.maximumContentLength)
        guard
            let (object, bytes) = try bucket(request).open(
                Array(key.utf8), reading: { 0..<min($0.attributes.size, limit) })
        else { throw missing(key) }
        let length = object.attributes.symlinkTarget == nil ? min(object.attributes.size, limit) : 0
        return ServiceResponse(
            headers: [
                ("Content-Type", "application/octet-stream"), ("X-Content-Type-Options", "nosniff"),
                ("Content-Disposition", "attachment"), ("Content-Security-Policy", "sandbox; default-src 'none'"),
            ], body: .bytes(bytes, 0..<length))
    }

    private func bucket(_ request: ControlRequest) throws -> MockBucket {
        let name = request.query["bucket"] ?? ""
        guard let bucket = core.store.bucket(name) else {
            throw Problem(status: 404, description: "the bucket '\(name)' does not exist")
        }
        return bucket
    }

    private func missing(_ key: String) -> Problem {
        Problem(status: 404, description: "the object '\(key)' does not exist")
    }
}

private struct Listing: Encodable {
    struct Object: Encodable {
        var key: String
        var size: Int
        var lastModified: String
    }

    var folders: [String] = []
    var objects: [Object] = []
    /// Value of `after` for the next page; omitted on the last page.
    var next: String?
}

private struct Properties: Encodable {
    var key: String
    var size: Int
    var type: String
    var contentType: String
    var eTag: String
    var crc64: String
    var lastModified: String
    var storageClass: String
    var acl: String
    var tagging: String
    var versionID: String?
    var symlinkTarget: String?
    var headers: [String: String]
}

extension ControlRequest {
    /// Returns a nonnegative number in the query, or `nil` if it is missing.
    func number(_ name: String) throws -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw Control.Problem(status: 400, description: "'\(name)' must be a nonnegative integer (got '\(text)')")
        }
        return number
    }
}
