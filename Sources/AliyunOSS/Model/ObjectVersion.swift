import Foundation
import OSSPrimitives

/// A version of an object, or a delete marker, in a listing of versions.
public struct ObjectVersion: Sendable, Hashable, Identifiable {
    /// The key and the version ID that identify a version.
    public struct ID: Sendable, Hashable {
        /// Key of the object.
        public var key: ObjectKey
        /// ID of the version; `null` for a version written while versioning was not enabled.
        public var versionID: String

        /// Creates the identity of a version.
        public init(key: ObjectKey, versionID: String) {
            self.key = key
            self.versionID = versionID
        }
    }

    /// Key and version ID.
    public var id: ID
    /// Whether the version is the current one.
    public var isLatest: Bool
    /// Time at which the version was written, to the second.
    public var lastModified: Date
    /// Owner; `nil` if the response did not include it.
    public var owner: ObjectOwner?
    /// Properties of the object in this version; `nil` for a delete marker.
    public var object: ObjectSummary?

    /// Key of the object.
    public var key: ObjectKey { id.key }
    /// ID of the version.
    public var versionID: String { id.versionID }
    /// Whether the version is a delete marker, which hides older versions.
    public var isDeleteMarker: Bool { object == nil }

    /// Creates a version, or a delete marker if there is no object.
    public init(
        id: ID, isLatest: Bool, lastModified: Date, owner: ObjectOwner? = nil, object: ObjectSummary? = nil
    ) {
        self.id = id
        self.isLatest = isLatest
        self.lastModified = lastModified
        self.owner = owner
        self.object = object
    }
}

/// A page of a listing of versions.
public struct ObjectVersionPage: Sendable {
    /// The versions and delete markers, in byte order of their keys. Those of a key are listed from newest to oldest.
    public var versions: [ObjectVersion]
    /// The common prefixes of keys that contain the delimiter, each up to and including the delimiter.
    public var commonPrefixes: [String]
}

/// The owner of an object.
public struct ObjectOwner: Sendable, Hashable {
    /// ID of the account.
    public var id: String
    /// Name of the account; usually the same as the ID.
    public var displayName: String

    /// Creates an owner.
    public init(id: String, displayName: String) {
        self.id = id
        self.displayName = displayName
    }
}

/// The state of the readable copy of an archived object.
public struct RestoreStatus: Sendable, Hashable {
    /// Whether the object is being restored and cannot be read yet.
    public var isOngoing: Bool
    /// Time at which the readable copy expires; `nil` while the object is being restored.
    public var expiration: Date?

    /// Creates a status.
    public init(isOngoing: Bool, expiration: Date? = nil) {
        self.isOngoing = isOngoing
        self.expiration = expiration
    }

    /// Creates a status from the text of the service, such as `ongoing-request="false", expiry-date="Sun, 16 Apr 2017
    /// 08:12:33 GMT"`, or returns `nil` for any other text.
    init?(text: String) {
        guard let match = text.firstMatch(of: /ongoing-request="(true|false)"/) else { return nil }
        let date = text.firstMatch(of: /expiry-date="([^"]*)"/).flatMap { HTTPDate.date(from: String($0.output.1)) }
        self.init(isOngoing: match.output.1 == "true", expiration: date)
    }
}
