/// A mapping between the keys under a prefix and the files in a folder.
///
/// A prefix names a folder in the bucket: `photos` and `photos/` are equivalent, and a transfer of `photos` does not
/// include the objects under `photos2/`. The empty prefix means the entire bucket.
struct KeyPathMapping: Sendable {
    /// The prefix of every key, which is either empty or ends in `/`.
    let prefix: String
    /// The file to which a single key is mapped, regardless of the key's name; `nil` if the mapping is for a prefix.
    private var file: RelativePath?

    /// The file or folder that a key represents.
    enum Target: Hashable, Sendable {
        case root
        /// The folder at a path. Its key ends in `/`.
        case folder(RelativePath)
        /// The file at a path.
        case file(RelativePath)

        /// The relative path; `nil` for the root.
        var path: RelativePath? {
            switch self {
            case .root: nil
            case .folder(let path), .file(let path): path
            }
        }
    }

    /// Creates a mapping for a prefix. A missing `/` is added at the end.
    init(prefix: String) throws(OSSError) {
        self.prefix = prefix.isEmpty || prefix.utf8.last == Self.slash ? prefix : prefix + "/"
        guard !prefix.isEmpty else { return }
        do {
            _ = try ObjectKey(self.prefix)
        } catch {
            throw OSSError(.invalidArgument, "'\(prefix)' is not a valid prefix: \(error.message)")
        }
    }

    /// Creates a mapping of a single object to a file.
    init(_ key: ObjectKey, to file: RelativePath) throws(OSSError) {
        try key.validate()
        prefix = key.rawValue
        self.file = file
    }

    /// Returns the key of a file's object, or of the object that represents a folder.
    func key(of path: RelativePath, isFolder: Bool = false) throws(OSSError) -> ObjectKey {
        guard let text = path.text else { throw Self.unrepresentable(path) }
        return try ObjectKey(prefix + text + (isFolder ? "/" : ""))
    }

    /// Returns the file or folder that a listed key represents. Throws an error if the path could be outside the folder
    /// or collide with the path of another key.
    func target(of key: ObjectKey, size: Int64) throws(OSSError) -> Target {
        let bytes = key.rawValue.utf8
        guard bytes.starts(with: prefix.utf8) else {
            throw OSSError(
                .invalidResponse, "the service listed '\(key)', which does not start with the prefix '\(prefix)'",
                key: key)
        }
        let rest = bytes.dropFirst(prefix.utf8.count)
        if let file, rest.isEmpty { return .file(file) }
        let isFolder = rest.isEmpty || rest.last == Self.slash
        if isFolder, size > 0 {
            throw unsafe(key, "ends in '/', but the object has content, so it is neither a folder nor a file")
        }
        if rest.isEmpty { return .root }
        do throws(RelativePath.Refusal) {
            return isFolder ? .folder(try RelativePath(rest.dropLast())) : .file(try RelativePath(rest))
        } catch {
            throw unsafe(key, error.description)
        }
    }

    /// Returns the part of a key after the prefix, for use in messages.
    func text(below key: ObjectKey) -> String {
        String(decoding: key.rawValue.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// Returns an error for a name that is not valid UTF-8.
    static func unrepresentable(_ path: RelativePath) -> OSSError {
        OSSError(
            .unrepresentableName,
            "the name '\(path)' is not valid UTF-8, so it cannot be used as an object key; "
                + "rename the file or folder")
    }

    private func unsafe(_ key: ObjectKey, _ reason: String) -> OSSError {
        OSSError(
            .unsafeKey,
            "the object '\(key)' cannot be saved as a local file: its key \(reason); download the object separately",
            key: key)
    }

    private static let slash = UInt8(ascii: "/")
}
