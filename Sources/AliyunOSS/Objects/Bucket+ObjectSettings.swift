import Foundation
import OSSPrimitives

extension Bucket {
    /// Returns the size, ETag, time and CRC-64 of an object. For a symbolic link, they are those of the link, not of
    /// its target. (GetObjectMeta)
    ///
    /// The response contains less than that of ``headObject(_:options:)``: other properties are `nil` or empty.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the object, the version or the bucket does not
    ///   exist.
    public func objectMeta(_ key: ObjectKey, versionID: String? = nil) async throws -> ObjectMetadata {
        var operation = Operation("GetObjectMeta", .head, key: key, selecting: "objectMeta", versionID)
        operation.requiresETag = true
        let response = try await client.perform(operation)
        return ObjectMetadata(key, size: try client.size(of: response, operation), headers: response.headers)
    }

    /// Returns the access control list of an object, and its owner. (GetObjectAcl)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``.
    public func objectAccessControl(
        _ key: ObjectKey, versionID: String? = nil
    ) async throws -> AccessControlPolicy {
        let operation = Operation("GetObjectAcl", .get, key: key, selecting: "acl", versionID)
        return try await client.document(operation, root: "AccessControlPolicy")
    }

    /// Replaces the access control list of an object. (PutObjectAcl)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, or ``OSSError/Code/accessDenied`` if the bucket
    ///   blocks public access.
    public func setObjectAccessControl(
        _ key: ObjectKey, to accessControl: AccessControl, versionID: String? = nil
    ) async throws {
        var operation = Operation("PutObjectAcl", .put, key: key, selecting: "acl", versionID)
        operation.headers["x-oss-object-acl"] = accessControl.rawValue
        _ = try await client.perform(operation)
    }

    /// Returns the tags of an object. (GetObjectTagging)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``.
    public func objectTags(_ key: ObjectKey, versionID: String? = nil) async throws -> [String: String] {
        try await tags(of: key, in: nil, versionID: versionID)
    }

    /// Replaces all tags of an object. (PutObjectTagging)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - tags: Up to ten tags, with keys of 1 to 128 bytes and values of at most 256 bytes.
    ///   - versionID: ID of the version. Default: the current version.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, or ``OSSError/Code/invalidArgument``, before
    ///   anything is sent, if the number or the length of the tags is out of range.
    public func setObjectTags(
        _ key: ObjectKey, to tags: [String: String], versionID: String? = nil
    ) async throws {
        let operation = Operation("PutObjectTagging", .put, key: key, selecting: "tagging", versionID)
        do throws(OSSError) {
            try ObjectAttributes.check(tags: tags)
        } catch {
            throw client.describe(error, operation, attempts: 0)
        }
        let document = Tagging(tags.sorted { $0.key < $1.key }.map { ResourceTag($0.key, $0.value) })
        try await client.send(document, root: "Tagging", operation)
    }

    /// Deletes all tags of an object. (DeleteObjectTagging)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``.
    public func removeObjectTags(_ key: ObjectKey, versionID: String? = nil) async throws {
        _ = try await client.perform(
            Operation("DeleteObjectTagging", .delete, key: key, selecting: "tagging", versionID))
    }

    /// Returns the period in which an object cannot be deleted or overwritten, or `nil` if it has none.
    /// (GetObjectRetention)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the object or the version does not exist.
    public func objectRetention(_ key: ObjectKey, versionID: String? = nil) async throws -> ObjectRetention? {
        let operation = Operation("GetObjectRetention", .get, key: key, selecting: "retention", versionID)
        do {
            let document: RetentionDocument = try await client.document(operation, root: "Retention")
            return ObjectRetention(document.mode, until: document.retainUntil)
        } catch let error as OSSError where error.meansAbsence(owners: Self.ownersOfObjectSettings) {
            return nil
        }
    }

    /// Sets or extends the period in which an object cannot be deleted or overwritten. (PutObjectRetention)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - retention: Mode and end of the period, which must be in the future.
    ///   - bypassesGovernance: Whether a period in governance mode can be shortened, which requires a special
    ///     permission. Default: `false`.
    ///   - versionID: ID of the version. Default: the current version.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, ``OSSError/Code/accessDenied`` or
    ///   ``OSSError/Code/refused``.
    public func setObjectRetention(
        _ key: ObjectKey, to retention: ObjectRetention, bypassesGovernance: Bool = false, versionID: String? = nil
    ) async throws {
        var operation = Operation("PutObjectRetention", .put, key: key, selecting: "retention", versionID)
        operation.bypassGovernance(bypassesGovernance)
        guard retention.retainUntil > client.now else {
            let problem = "the end of the retention must be in the future (got \(retention.retainUntil))"
            throw client.describe(OSSError(.invalidArgument, problem), operation, attempts: 0)
        }
        var document = RetentionDocument()
        (document.mode, document.retainUntil) = (retention.mode, retention.retainUntil)
        try await client.send(document, root: "Retention", operation)
    }

    /// Returns whether an object is on legal hold, and therefore cannot be deleted or overwritten. (GetObjectLegalHold)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the object or the version does not exist.
    public func objectLegalHold(_ key: ObjectKey, versionID: String? = nil) async throws -> Bool {
        let operation = Operation("GetObjectLegalHold", .get, key: key, selecting: "legalHold", versionID)
        do {
            let document: LegalHoldDocument = try await client.document(operation, root: "LegalHold")
            return document.status == "ON"
        } catch let error as OSSError where error.meansAbsence(owners: Self.ownersOfObjectSettings) {
            return false
        }
    }

    /// Puts an object on legal hold, or removes the hold. (PutObjectLegalHold)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` or ``OSSError/Code/refused``.
    public func setObjectLegalHold(_ key: ObjectKey, to isOn: Bool, versionID: String? = nil) async throws {
        var document = LegalHoldDocument()
        document.status = isOn ? "ON" : "OFF"
        try await client.send(
            document, root: "LegalHold",
            Operation("PutObjectLegalHold", .put, key: key, selecting: "legalHold", versionID))
    }

    private static var ownersOfObjectSettings: Set<String> { ["NoSuchBucket", "NoSuchKey", "NoSuchVersion"] }
}

/// The document of an object's retention.
struct RetentionDocument: XMLDocument {
    var mode = RetentionMode.governance
    var retainUntil = Date.distantPast
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .required("Mode", \.mode), .required("RetainUntilDate", \.retainUntil),
    ]
}

/// The document of an object's legal hold.
struct LegalHoldDocument: XMLDocument {
    var status = ""
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.required("Status", \.status)]
}

extension Operation {
    /// Creates an operation that a query parameter without a value selects, on a version of an object.
    init(_ name: String, _ method: HTTPMethod, key: ObjectKey, selecting parameter: String, _ versionID: String?) {
        self.init(name, method, key: key)
        query = [(parameter, nil)]
        addQuery("versionId", ifPresent: versionID)
    }
}
