/// What goes wrong with versions, links, archived objects and tags.
extension ServiceError {
    static func noSuchVersion(_ key: String, _ id: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchVersion", message: "The specified version does not exist.", ec: "0026-00000005",
            details: [("Key", key), ("VersionId", id)])
    }

    /// The newest version is a delete marker and no other was asked for.
    static func deleted(_ key: String, by marker: MockObject) -> ServiceError {
        var error = noSuchKey(key)
        error.headers = [("x-oss-delete-marker", "true"), ("x-oss-version-id", marker.versionID)]
        return error
    }

    /// The version asked for is a delete marker, which can only be deleted.
    static func isDeleteMarker(_ marker: MockObject, method: String) -> ServiceError {
        ServiceError(
            status: 405, code: "MethodNotAllowed",
            message: "The specified method is not allowed against this resource.", ec: "0002-00000803",
            details: [("Method", method), ("ResourceType", "DeleteMarker")],
            headers: [
                ("x-oss-delete-marker", "true"), ("x-oss-version-id", marker.versionID), ("Allow", "DELETE"),
            ])
    }

    static func invalidObjectState(ec: String) -> ServiceError {
        ServiceError(
            status: 403, code: "InvalidObjectState", message: "The operation is not valid for the object's state.",
            ec: ec)
    }

    static let appendSealedObjectNotAllowed = ServiceError(
        status: 400, code: "AppendSealedObjectNotAllowed", message: "Append to a sealed object is not allowed.")

    static func symlinkTargetNotExist(_ key: String) -> ServiceError {
        ServiceError(
            status: 404, code: "SymlinkTargetNotExist", message: "The symlink target object does not exist.",
            ec: "0026-00000013", details: [("Key", key)])
    }

    static let invalidTargetType = ServiceError(
        status: 400, code: "InvalidTargetType", message: "The symbolic's target file type is invalid.",
        ec: "0026-00000011")

    static let notSymlink = ServiceError(
        status: 400, code: "NotSymlink", message: "The object is not symlink.", ec: "0026-00000012")

    static let restoreAlreadyInProgress = ServiceError(
        status: 409, code: "RestoreAlreadyInProgress", message: "The restore operation is in progress.",
        ec: "0016-00000701")

    static func operationNotSupported(_ detail: String) -> ServiceError {
        ServiceError(
            status: 400, code: "OperationNotSupported", message: "The operation is not supported for this resource",
            ec: "0016-00000702", details: [("Detail", detail)])
    }

    static let archiveRestoreFileStale = ServiceError(
        status: 409, code: "ArchiveRestoreFileStale", message: "The archive file or restore info stale",
        ec: "0016-00000718")

    static let archiveRestoreNotFinished = ServiceError(
        status: 409, code: "ArchiveRestoreNotFinished", message: "The archive file's restore is not finished.",
        ec: "0016-00000719")

    static let invalidTag = ServiceError(
        status: 400, code: "InvalidTag", message: "The tag you provided is invalid.", ec: "0010-00000219")

    static let tooManyTags = ServiceError(
        status: 400, code: "TooManyTags", message: "The number of tags exceeds the limit.", ec: "0010-00000208")

    static func repeatedTags(_ key: String) -> ServiceError {
        ServiceError(
            status: 400, code: "RepeatedTags", message: "Cannot provide multiple tags with the same key.",
            ec: "0010-00000210", details: [("TagKey", key)])
    }

    static func invalidTaggingKey(_ key: String) -> ServiceError {
        ServiceError(
            status: 400, code: "InvalidTaggingKey", message: "The tag key you provided is invalid.",
            ec: "0010-00000207", details: [("TagKey", key)])
    }
}
