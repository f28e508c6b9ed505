import Foundation

/// What is stored beside the object of a file.
struct FileObjectAttributes: Sendable {
    /// What is stored beside every object.
    var common = ObjectAttributes()
    var preservesAttributes = true
    var adjust: (@Sendable (inout ObjectAttributes, TransferCandidate) throws -> Void)?

    /// What is stored beside one.
    func attributes(of path: RelativePath, _ status: FileStatus) throws -> ObjectAttributes {
        var attributes = common
        if attributes.contentType == nil { attributes.contentType = path.fileExtension.flatMap(ContentTypes.type) }
        if preservesAttributes {
            attributes.metadata.merge(FileAttributes(status).metadata) { given, _ in given }
        }
        try adjust?(
            &attributes,
            TransferCandidate(path: path.description, size: status.size, modified: status.modified.date))
        return attributes
    }
}
