import OSSPrimitives

/// A change of the attributes of an object whose content is equal to that of its file.
struct AttributeUpdate: Hashable, Sendable {
    /// All attributes of the changed object, which is copied onto itself; `nil` if only the access control list changes.
    var attributes: ObjectAttributes?
    /// The new access control list; `nil` if it does not change.
    var accessControl: AccessControl?

    /// Creates the update that gives an object the requested attributes, or returns `nil` if the object already has
    /// them. Attributes that are not requested remain as they are.
    ///
    /// - Parameters:
    ///   - requested: The attributes to change. Encryption, retention and legal hold do not cause an update.
    ///   - tags: Tags of the object; needed if tags are requested.
    ///   - accessControl: Access control list of the object; needed if one is requested.
    init?(
        to requested: ObjectAttributes, of object: ObjectMetadata, tags: [String: String]? = nil,
        accessControl: AccessControl? = nil
    ) {
        let current = ObjectAttributes(copying: object, tags: tags ?? [:])
        var changed = current
        if let value = requested.contentType { changed.contentType = value }
        if let value = requested.cacheControl { changed.cacheControl = value }
        if let value = requested.contentDisposition { changed.contentDisposition = value }
        if let value = requested.contentEncoding { changed.contentEncoding = value }
        if let value = requested.expires { changed.copiedExpires = HTTPDate.string(from: value) }
        for (name, value) in requested.metadata { changed.metadata[name.lowercased()] = value }
        if let value = requested.storageClass { changed.storageClass = value }
        if !requested.tags.isEmpty { changed.tags = requested.tags }
        if let value = requested.accessControl, value != accessControl { self.accessControl = value }
        if changed != current {
            changed.encryption = requested.encryption
            attributes = changed
        } else if self.accessControl == nil {
            return nil
        }
    }
}

extension Bucket {
    nonisolated func attributeUpdate(
        of object: RemoteEntry, to requested: ObjectAttributes, _ context: TransferContext
    ) async throws -> AttributeUpdate? {
        let metadata = try await context.slots.withPermit { try await headObject(object.key) }
        guard object.eTag.isEmpty || metadata.eTag == object.eTag else {
            throw OSSError(
                .sourceChanged, "the object was replaced after its content was compared; try again", key: object.key)
        }
        var (tags, accessControl): ([String: String]?, AccessControl?)
        if !requested.tags.isEmpty {
            tags = try await context.slots.withPermit { try await objectTags(object.key) }
        }
        if requested.accessControl != nil {
            accessControl = try await context.slots.withPermit { try await objectAccessControl(object.key).grant }
        }
        return AttributeUpdate(to: requested, of: metadata, tags: tags, accessControl: accessControl)
    }

    nonisolated func perform(
        _ update: AttributeUpdate, on object: RemoteEntry, _ context: TransferContext
    ) async throws -> StoredObject? {
        let key = object.key
        guard var attributes = update.attributes else {
            guard let accessControl = update.accessControl else { return nil }
            try await context.slots.withPermit { try await setObjectAccessControl(key, to: accessControl) }
            return nil
        }
        // The copy would otherwise have no tags and the access control list of the bucket.
        if attributes.tags.isEmpty {
            attributes.tags = try await context.slots.withPermit { try await objectTags(key) }
        }
        if let accessControl = update.accessControl {
            attributes.accessControl = accessControl
        } else {
            let current = try await context.slots.withPermit { try await objectAccessControl(key).grant }
            attributes.accessControl = current == .default ? nil : current
        }
        return try await copy(
            key, in: nil, ifMatch: object.eTag.isEmpty ? nil : object.eTag, to: key, attributes: attributes, context)
    }
}
