/// Which files are compressed on their way up, by the extension of their name.
struct CompressionRule: Hashable, Sendable {
    /// Without dots, in lower case.
    var extensions: Set<String> = []

    init(_ extensions: Set<String> = []) {
        self.extensions = Set(extensions.map { $0.lowercased() })
    }

    /// Whether a file is compressed.
    func includes(_ path: RelativePath) -> Bool {
        guard !extensions.isEmpty else { return false }
        return path.fileExtension.map { extensions.contains($0) } ?? false
    }
}

extension RelativePath {
    /// What follows the last dot of the name, in lower case; nothing when the name has no dot but at its beginning.
    var fileExtension: String? {
        let name = bytes[(bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex, dot < name.endIndex - 1 else {
            return nil
        }
        return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
    }
}
