import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    func putObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        if request.header("If-Modified-Since") != nil { throw ServiceError.notImplemented(header: "If-Modified-Since") }
        try Self.checkDigests(request)
        var attributes = MockObject.Attributes(
            size: request.body.bytes.count, eTag: request.body.eTag, checksum: request.body.checksum,
            lastModified: Self.wholeSeconds(request.now),
            storageClass: bucket.properties.storageClass, contentMD5: request.body.contentMD5,
            headers: try MockObjectAttributes.headers(of: request))
        try MockObjectAttributes.apply(request, to: &attributes, in: bucket, self)
        let object = try Self.write(request.body.bytes, attributes, for: key, in: bucket, request)
        var response = ServiceResponse(headers: [
            ("ETag", "\"\(attributes.eTag)\""), ("x-oss-hash-crc64ecma", String(attributes.checksum)),
        ])
        if let md5 = attributes.contentMD5 { response.add("Content-MD5", md5) }
        response.addVersion(of: object)
        return response
    }

    func getObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let isRanged = request.operation == .getObject && request.header("Range") != nil
        let result = Result { try read(request) }
        // The fault does not apply to a range that is ignored anyway.
        let isPart =
            switch result {
            case .success(let response): response.status == 206
            case .failure(let error): (error as? ServiceError)?.code == RangeSelection.invalidCode
            }
        guard isRanged, isPart, request.faults?.ignoreRange() == true else { return try result.get() }
        var unranged = request
        unranged.headers["Range"] = nil
        return try read(unranged)
    }

    private func read(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let id = try Self.versionID(request)
        let isHead = request.operation == .headObject
        let selection = RangeSelection.bytes(of: request)
        func find(_ key: [UInt8]) throws -> (object: MockObject, bytes: ObjectBytes)? {
            isHead
                ? bucket.version(id, of: key).map { ($0, .empty) }
                : try bucket.open(version: id, of: key, reading: selection)
        }
        var found = try find(key)
        if found == nil, id == nil, let index = indexPage(for: key, of: bucket) { found = try find(index) }
        var object = try Self.visible(found?.object, id, request)
        var bytes = found?.bytes ?? .empty
        if let target = object.attributes.symlinkTarget {
            (object, bytes) = try follow(target, of: object, in: bucket, reading: selection)
        }
        if !isHead { try Self.checkReadable(object, now: request.now) }
        if let response = try Self.conditionalResponse(Conditions(request), object) { return response }

        var response = ServiceResponse()
        MockObjectAttributes.describe(object, in: &response)
        response.addVersion(of: object, in: bucket)
        if let info = Self.restoreInfo(object, now: request.now) { response.add("x-oss-restore", info) }
        let size = object.attributes.size
        if isHead {
            response.announcedLength = size
            if Compression.applies(to: request, object) { Compression.describe(&response) }
            return response
        }
        switch try RangeSelection(request, size: size) {
        case .entire:
            response.body = .bytes(bytes, 0..<size)
            if Compression.applies(to: request, object) { Compression.compress(&response, bytes) }
        case .part(let range):
            response.status = 206
            response.add("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
            response.body = .bytes(bytes, range)
        }
        for item in request.query.items where item.name.hasPrefix("response-") {
            let name = String(item.name.dropFirst("response-".count))
            guard Self.overridable.contains(name), let value = item.value else { continue }
            // A line break would let the requester add a header.
            guard value.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }) else {
                throw ServiceError.invalidArgument("The value of a header is invalid.", name: item.name, value: value)
            }
            response.set(name, value)
        }
        return response
    }

    /// Returns the key of a website's index page for a folder, or `nil` if there is no such page. If the website
    /// supports subfolders, this is the folder's own page; otherwise, it is the root's page.
    private func indexPage(for key: [UInt8], of bucket: MockBucket) -> [UInt8]? {
        guard key.last == UInt8(ascii: "/"),
            let index = bucket.properties.tree("website")?["IndexDocument"],
            let suffix = index.text("Suffix"), !suffix.isEmpty
        else { return nil }
        return (index.text("SupportSubDir") == "true" ? key : []) + Array(suffix.utf8)
    }

    func objectMeta(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let object = try object(request, in: bucket)
        var response = ServiceResponse(headers: [
            ("ETag", "\"\(object.attributes.eTag)\""),
            ("Last-Modified", HTTPDate.string(from: object.attributes.lastModified)),
            ("x-oss-hash-crc64ecma", String(object.attributes.checksum)),
        ])
        // Reads are not recorded, so the last access is the last write.
        if bucket.properties.tree("accessmonitor")?.text("Status") == "Enabled" {
            response.add("x-oss-last-access-time", HTTPDate.string(from: object.attributes.lastModified))
        }
        response.addVersion(of: object, in: bucket)
        response.announcedLength = object.attributes.size
        return response
    }

    func objectACL(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let object = try object(request, in: bucket)
        var response = accessControlPolicy(object.attributes.acl)
        response.addVersion(of: object, in: bucket)
        return response
    }

    func putObjectACL(_ request: ServiceRequest) throws -> ServiceResponse {
        let acl = try objectACL(request.header("x-oss-object-acl") ?? "", in: try bucket(request))
        return try update(request) { $0.acl = acl }
    }

    /// Returns `nil` if all conditions are met; otherwise, returns a response with status 304 or throws an error.
    static func conditionalResponse(
        _ conditions: Conditions, _ object: MockObject
    ) throws(ServiceError) -> ServiceResponse? {
        switch conditions.evaluate(object) {
        case .holds: return nil
        case .failed(let condition): throw .preconditionFailed(condition)
        case .notModified:
            return ServiceResponse(
                status: 304,
                headers: [
                    ("ETag", "\"\(object.attributes.eTag)\""),
                    ("Last-Modified", HTTPDate.string(from: object.attributes.lastModified)),
                ])
        }
    }

    /// Stores an object, unless the object already exists and the request forbids overwriting it.
    static func write(
        _ bytes: ObjectBytes?, _ attributes: MockObject.Attributes, for key: [UInt8], in bucket: MockBucket,
        _ request: ServiceRequest
    ) throws -> MockObject {
        let expectation: MockBucket.Expectation = forbidsOverwrite(request) ? .noObject : .anything
        guard let object = try bucket.put(bytes, attributes, for: key, expecting: expectation) else {
            throw ServiceError.fileAlreadyExists
        }
        return object
    }

    static func forbidsOverwrite(_ request: ServiceRequest) -> Bool {
        request.header("x-oss-forbid-overwrite")?.lowercased() == "true"
    }

    /// Checks the MD5 of a document in a request body. Objects and forms are checked elsewhere; other methods have no
    /// body.
    static func checkDocumentDigest(_ request: ServiceRequest) throws(ServiceError) {
        guard !request.operation.storesBody, ["PUT", "POST"].contains(request.method),
            request.body.bytes.count > 0 || request.operation == .completeMultipartUpload
        else { return }
        try request.checkMD5(request.body.bytes.md5)
    }

    /// Checks that the MD5 and the CRC-64 in the request headers match the body.
    static func checkDigests(_ request: ServiceRequest) throws(ServiceError) {
        try request.checkMD5(request.body.md5 ?? request.body.bytes.md5)
        if let given = request.header("x-oss-hash-crc64ecma"), UInt64(given) != request.body.checksum {
            throw ServiceError(
                status: 400, code: "InvalidCRC64",
                message: "The x-oss-hash-crc64ecma you specified does not match what we calculated.",
                ec: "0016-00000302")
        }
    }

    private static let overridable: Set<String> = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    ]
}

/// The bytes that a Range header selects.
enum RangeSelection: Equatable {
    case entire
    case part(Range<Int>)

    /// Parses the Range header of a GET request.
    init(_ request: ServiceRequest, size: Int) throws(ServiceError) {
        let isStandard = request.header("x-oss-range-behavior") == "standard"
        self = try Self(request.header("Range"), size: size, isStandard: isStandard)
    }

    /// Returns a function that selects which bytes of an object a request reads. The range is empty if the request
    /// reads none or fails.
    static func bytes(of request: ServiceRequest) -> MockBucket.Selection {
        { object in
            guard request.operation == .getObject else { return 0..<0 }
            switch try? RangeSelection(request, size: object.attributes.size) {
            case .entire?: return 0..<object.attributes.size
            case .part(let range)?: return range
            case nil: return 0..<0
            }
        }
    }

    static let invalidCode = "InvalidRange"

    /// Parses a Range header.
    ///
    /// - Throws: `InvalidRange` if the range does not fit and the request asks for the standard behavior. By default,
    ///   the service returns the entire object in that case.
    init(_ header: String?, size: Int, isStandard: Bool) throws(ServiceError) {
        guard let header, let range = ByteRangeHeader(header) else {
            self = .entire
            return
        }
        let total = Int64(size)
        switch range {
        case .bounded(let first, let last) where first <= last && last < total:
            self = .part(Int(first)..<Int(last) + 1)
        case .from(let first) where first < total:
            self = .part(Int(first)..<size)
        case .suffix(let count) where (1...max(total, 1)).contains(count) && total > 0:
            self = .part(size - Int(count)..<size)
        case .bounded(let first, let last) where isStandard && first <= last && first < total:
            self = .part(Int(first)..<size)
        case .suffix(let count) where isStandard && count > 0 && total > 0:
            self = .part(0..<size)
        case .bounded(let first, let last) where isStandard && first <= last:
            throw Self.invalid(header, size)
        case .from where isStandard, .suffix where isStandard:
            throw Self.invalid(header, size)
        default:
            self = .entire
        }
    }

    private static func invalid(_ header: String, _ size: Int) -> ServiceError {
        ServiceError(
            status: 416, code: invalidCode, message: "The requested range cannot be satisfied",
            ec: "0026-00000006", details: [("ActualObjectSize", String(size)), ("RangeRequested", header)],
            headers: [("Content-Range", "bytes */\(size)")])
    }
}
