/// Which key a file has under a prefix, and which file a key may become in a folder.
///
/// A prefix names a folder of the bucket: `photos` and `photos/` are the same, so the objects under `photos2/` have
/// no part in a transfer of `photos`. The empty prefix is the whole bucket.
struct KeyPathMapping: Sendable {
    /// What every key begins with: empty, or with `/` at its end.
    let prefix: String
    /// The file that the only key becomes, whatever its own name is.
    private var file: RelativePath?

    /// What a key stands for in a local folder.
    enum Target: Hashable, Sendable {
        /// The folder itself: the key is the prefix.
        case root
        /// A folder in it: the key ends in `/`.
        case folder(RelativePath)
        /// A file in it.
        case file(RelativePath)

        /// Where it is in the folder; nothing for the folder itself.
        var path: RelativePath? {
            switch self {
            case .root: nil
            case .folder(let path), .file(let path): path
            }
        }
    }

    /// Makes the mapping of a prefix, with or without `/` at its end.
    init(prefix: String) throws(OSSError) {
        self.prefix = prefix.isEmpty || prefix.utf8.last == Self.slash ? prefix : prefix + "/"
        guard !prefix.isEmpty else { return }
        do {
            try ObjectKey(unchecked: self.prefix).validate()
        } catch {
            throw OSSError(.invalidArgument, "'\(prefix)' cannot be a prefix of keys: \(error.message)")
        }
    }

    /// Makes the mapping of a single object to a file.
    init(_ key: ObjectKey, to file: RelativePath) throws(OSSError) {
        try key.validate()
        prefix = key.rawValue
        self.file = file
    }

    /// The key of a file, or of the object that stands for a folder.
    func key(of path: RelativePath, isFolder: Bool = false) throws(OSSError) -> ObjectKey {
        guard let text = path.text else { throw Self.unrepresentable(path) }
        return try ObjectKey(prefix + text + (isFolder ? "/" : ""))
    }

    /// What a listed key may become in a folder. A key that could leave the folder, or that would meet another one in
    /// the same file, is refused.
    func target(of key: ObjectKey, size: Int64) throws(OSSError) -> Target {
        let bytes = key.rawValue.utf8
        guard bytes.starts(with: prefix.utf8) else {
            throw OSSError(.invalidResponse, "the service listed '\(key)', which is not under '\(prefix)'", key: key)
        }
        let rest = bytes.dropFirst(prefix.utf8.count)
        if let file, rest.isEmpty { return .file(file) }
        let isFolder = rest.isEmpty || rest.last == Self.slash
        if isFolder, size > 0 {
            throw unsafe(key, "ends in '/' and has content, so that it is neither a folder nor a file")
        }
        if rest.isEmpty { return .root }
        do throws(RelativePath.Refusal) {
            return isFolder ? .folder(try RelativePath(rest.dropLast())) : .file(try RelativePath(rest))
        } catch {
            throw unsafe(key, error.description)
        }
    }

    /// What a key has after the prefix, for messages.
    func text(below key: ObjectKey) -> String {
        String(decoding: key.rawValue.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// The error for a name that is not UTF-8.
    static func unrepresentable(_ path: RelativePath) -> OSSError {
        OSSError(.unrepresentableName, "the name '\(path)' is not UTF-8 and cannot be an object key; rename it")
    }

    private func unsafe(_ key: ObjectKey, _ reason: String) -> OSSError {
        OSSError(
            .unsafeKey, "the key '\(key)' cannot become a local file: it \(reason); download it by itself", key: key)
    }

    private static let slash = UInt8(ascii: "/")
}
