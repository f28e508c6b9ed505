import Foundation
import OSSPrimitives

extension Bucket {
    /// Stores a symbolic link, replacing any existing object with the same key. (PutSymlink)
    ///
    /// A read of the link returns the content of its target, which is an object in the same bucket. The service does
    /// not check that the target exists.
    ///
    /// - Parameters:
    ///   - key: Key of the link.
    ///   - target: Key of the target, which must not be a link itself.
    ///   - options: Metadata, access control and storage class of the link.
    /// - Returns: The ETag of the link.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/alreadyExists`` if the options forbid overwriting an existing
    ///   object, or ``OSSError/Code/invalidArgument``.
    @discardableResult
    public func putSymlink(
        _ key: ObjectKey, to target: ObjectKey, options: SymlinkOptions = SymlinkOptions()
    ) async throws -> PutObjectResult {
        var operation = Operation("PutSymlink", .put, key: key)
        do throws(OSSError) {
            try target.validate()
            operation.headers = try options.headers()
        } catch {
            throw client.describe(error, operation, attempts: 0)
        }
        operation.query = [("symlink", nil)]
        operation.headers["x-oss-symlink-target"] = PercentEncoding.encode(target.rawValue)
        operation.requiresETag = true
        return PutObjectResult(try await client.adding(options.extras).perform(operation))
    }

    /// Returns the target and the metadata of a symbolic link. (GetSymlink)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, or ``OSSError/Code/refused`` with the service's
    ///   code `NotSymlink` if the object is not a link.
    public func getSymlink(_ key: ObjectKey, versionID: String? = nil) async throws -> Symlink {
        var operation = Operation("GetSymlink", .get, key: key, selecting: "symlink", versionID)
        operation.requiresETag = true
        let response = try await client.perform(operation)
        let text = try client.header("x-oss-symlink-target", of: response, operation)
        let target = try client.decode(operation) { () throws(UnreadableDocument) in
            guard let target = PercentEncoding.decode(text) else {
                throw UnreadableDocument(path: "x-oss-symlink-target")
            }
            return ObjectKey(unchecked: target)
        }
        return Symlink(target: target, metadata: ObjectMetadata(key, size: 0, headers: response.headers))
    }
}

/// Options for storing a symbolic link.
public struct SymlinkOptions: Sendable {
    /// User metadata of the link, as in ``ObjectAttributes/metadata``. Default: none.
    public var metadata: [String: String] = [:]
    /// Access control list of the link. Default: the bucket's access control list.
    public var accessControl: AccessControl?
    /// Storage class of the link. Default: the bucket's storage class.
    public var storageClass: StorageClass?
    /// Whether to fail with ``OSSError/Code/alreadyExists`` if an object with the key already exists. The service
    /// ignores this option in a bucket for which versioning has ever been enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// Additions to the request. Default: none.
    public var extras = RequestExtras()

    /// Creates options with default values.
    public init() {}

    fileprivate func headers() throws(OSSError) -> HTTPHeaders {
        var attributes = ObjectAttributes()
        (attributes.metadata, attributes.accessControl) = (metadata, accessControl)
        attributes.storageClass = storageClass
        var headers = try attributes.headers()
        // A link has no content.
        headers["Content-Type"] = nil
        if forbidsOverwrite { headers["x-oss-forbid-overwrite"] = "true" }
        return headers
    }
}

/// A symbolic link to an object in the same bucket.
public struct Symlink: Sendable, Hashable {
    /// Key of the target.
    public var target: ObjectKey
    /// Metadata of the link, without that of its target.
    public var metadata: ObjectMetadata
}
