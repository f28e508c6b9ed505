import Foundation
import OSSPrimitives

extension ObjectMetadata {
    /// Reads the metadata of an object from the response to a GET or HEAD.
    ///
    /// - Parameter size: the size of the whole object, which a ranged response states elsewhere than a whole one.
    init(_ key: ObjectKey, size: Int64, headers: HTTPHeaders) {
        let prefix = "x-oss-meta-"
        var metadata: [String: String] = [:]
        for field in headers {
            let name = field.name.lowercased()
            if name.hasPrefix(prefix) { metadata[String(name.dropFirst(prefix.count))] = field.value }
        }
        // What reading an object asks for in order to get its stored bytes; nobody stores this value.
        let encoding = headers["Content-Encoding"]
        self.init(
            key: key, size: size, eTag: headers.eTag ?? "",
            lastModified: headers["Last-Modified"].flatMap(HTTPDate.date(from:)),
            checksum: headers.objectChecksum,
            type: headers["x-oss-object-type"],
            contentType: headers["Content-Type"],
            cacheControl: headers["Cache-Control"],
            contentDisposition: headers["Content-Disposition"],
            contentEncoding: encoding == "identity" ? nil : encoding,
            expires: headers["Expires"],
            metadata: metadata,
            tagCount: headers["x-oss-tagging-count"].flatMap(Int.init) ?? 0,
            sealedTime: headers["x-oss-sealed-time"].flatMap(HTTPDate.date(from:)),
            storageClass: headers["x-oss-storage-class"].map(StorageClass.init(rawValue:)),
            encryption: headers["x-oss-server-side-encryption"],
            versionID: headers["x-oss-version-id"],
            requestID: headers["x-oss-request-id"])
    }
}
