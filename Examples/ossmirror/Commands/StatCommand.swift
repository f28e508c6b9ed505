import AliyunOSS
import Foundation

/// The command `stat`, which prints the properties of an object or a bucket, one name and value per line.
struct StatCommand: Command {
    let remote: RemoteAddress
    let connection: ConnectionArguments
    let isJSON: Bool
    let versionID: String?

    init(_ scanned: ScannedArguments) throws(UsageError) {
        remote = try scanned.address(0)
        connection = try ConnectionArguments(scanned)
        isJSON = scanned.has("--json")
        versionID = scanned.values["--version-id"]
        if remote.key.isEmpty, versionID != nil { try remote.requireKey() }
    }

    func run() async throws -> Int32 {
        let key = remote.key.isEmpty ? nil : try ObjectKey(remote.key)
        let bucket = try await Connection.bucket(remote.bucket, connection)
        if let key {
            var options = GetObjectOptions()
            options.versionID = versionID
            let report = ObjectReport(try await bucket.headObject(key, options: options))
            try print(report, report.rows)
        } else {
            let report = BucketReport(try await bucket.info(), try await bucket.statistics())
            try print(report, report.rows)
        }
        return ExitStatus.success
    }

    private func print(_ report: some Encodable, _ rows: [(String, String?)]) throws {
        guard !isJSON else { return try JSONOutput.print(report) }
        let lines = rows.compactMap { name, value in value.map { "\(name): \(Printable.line($0))" } }
        try StandardStream.output.line(lines.joined(separator: "\n"))
    }
}

private struct ObjectReport: Encodable {
    var command = Verb.stat
    var succeeded = true
    var key: String
    var size: Int64
    var eTag: String
    var lastModified: Date?
    var crc64: String?
    var type: String?
    var storageClass: String?
    var restoring: Bool?
    var restoredUntil: Date?
    var encryption: String?
    var encryptionKeyID: String?
    var contentType: String?
    var contentEncoding: String?
    var cacheControl: String?
    var contentDisposition: String?
    var expires: String?
    var tagCount: Int
    var versionID: String?
    var metadata: [String: String]

    init(_ object: ObjectMetadata) {
        (key, size, eTag) = (object.key.rawValue, object.size, object.eTag)
        lastModified = object.lastModified
        // As text: many JSON parsers read numbers as doubles, which have 53 bits.
        crc64 = object.crc64.map(String.init)
        (type, storageClass) = (object.type?.rawValue, object.storageClass?.rawValue)
        (restoring, restoredUntil) = (object.restore?.isOngoing, object.restore?.expiration)
        (encryption, encryptionKeyID) = (object.encryption, object.encryptionKeyID)
        (contentType, contentEncoding) = (object.contentType, object.contentEncoding)
        (cacheControl, contentDisposition) = (object.cacheControl, object.contentDisposition)
        (expires, tagCount, versionID) = (object.expires, object.tagCount, object.versionID)
        metadata = object.metadata
    }

    var rows: [(String, String?)] {
        [
            ("key", key), ("size", String(size)), ("last modified", lastModified.map(Readable.time)), ("etag", eTag),
            ("crc64", crc64), ("type", type), ("storage class", storageClass),
            ("restore", restoring == true ? "in progress" : restoredUntil.map { "until " + Readable.time($0) }),
            ("encryption", encryption), ("encryption key", encryptionKeyID), ("content type", contentType),
            ("content encoding", contentEncoding), ("cache control", cacheControl),
            ("content disposition", contentDisposition), ("expires", expires),
            ("tags", tagCount == 0 ? nil : String(tagCount)), ("version", versionID),
        ] + metadata.sorted { $0.key < $1.key }.map { ("metadata \($0.key)", $0.value) }
    }
}

private struct BucketReport: Encodable {
    var command = Verb.stat
    var succeeded = true
    var bucket: String
    var region: String
    var creationDate: Date
    var storageClass: String
    var redundancy: String?
    var acl: String?
    var versioning: String?
    var encryption: String?
    var blocksPublicAccess: Bool?
    var publicEndpoint: String
    var internalEndpoint: String
    var objects: Int64
    var bytes: Int64
    var multipartUploads: Int64
    /// Number of bytes in each storage class that contains objects.
    var bytesByClass: [String: Int64]

    init(_ info: BucketInfo, _ statistics: BucketStatistics) {
        (bucket, region, creationDate) = (info.name, info.summary.region, info.summary.creationDate)
        (storageClass, redundancy) = (info.summary.storageClass.rawValue, info.redundancy?.rawValue)
        (acl, versioning, encryption) = (info.accessControl?.rawValue, info.versioning, info.encryption)
        blocksPublicAccess = info.blocksPublicAccess
        (publicEndpoint, internalEndpoint) = (info.summary.publicEndpoint, info.summary.internalEndpoint)
        (objects, bytes) = (statistics.objectCount, statistics.bytes)
        multipartUploads = statistics.multipartUploadCount
        bytesByClass = [:]
        for (name, usage) in statistics.usage where usage.objectCount > 0 { bytesByClass[name.rawValue] = usage.bytes }
    }

    var rows: [(String, String?)] {
        [
            ("bucket", bucket), ("region", region), ("created", Readable.time(creationDate)),
            ("storage class", storageClass), ("redundancy", redundancy), ("acl", acl), ("versioning", versioning),
            ("encryption", encryption), ("public access", blocksPublicAccess.map { $0 ? "blocked" : "allowed" }),
            ("public endpoint", publicEndpoint), ("internal endpoint", internalEndpoint),
            ("objects", String(objects)), ("size", String(bytes)), ("multipart uploads", String(multipartUploads)),
        ] + bytesByClass.sorted { $0.key < $1.key }.map { ("size in \($0.key)", String($0.value)) }
    }
}
