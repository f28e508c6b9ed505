/// A local folder as a stream in the order of the keys its files have under a prefix.
struct LocalTree: AsyncSequence {
    /// One thing in the folder.
    enum Element: Sendable {
        /// A file, or an empty folder.
        case entry(LocalEntry)
        /// Something left alone, with the reason.
        case leftOut(RelativePath, TransferReason)
        /// Something that could not be read or has no key.
        case unusable(RelativePath, OSSError)
    }

    let root: SafeDirectory
    let mapping: KeyPathMapping
    let links: SymbolicLinkPolicy

    func makeAsyncIterator() -> AsyncIterator {
        do throws(FileError) {
            return AsyncIterator(walker: try DirectoryWalker(root, links: links), mapping: mapping)
        } catch {
            return AsyncIterator(walker: nil, mapping: mapping, failure: OSSError(folder: error))
        }
    }

    /// One walk through the folder.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var walker: DirectoryWalker?
        fileprivate let mapping: KeyPathMapping
        fileprivate var failure: OSSError?

        mutating func next() async throws(OSSError) -> Element? {
            if let failure { throw failure }
            guard let directoriesRead = walker?.directoriesRead, let found = walker?.next() else { return nil }
            // Reading a folder blocks this thread of the pool: others get their turn after each.
            if walker?.directoriesRead != directoriesRead { await Task.yield() }
            return element(found)
        }

        private func element(_ found: DirectoryWalker.Entry) -> Element {
            do throws(OSSError) {
                switch found.content {
                case .file(let status):
                    return .entry(LocalEntry(key: try mapping.key(of: found.path), path: found.path, status: status))
                case .emptyDirectory:
                    let key = try mapping.key(of: found.path, isFolder: true)
                    return .entry(LocalEntry(key: key, path: found.path, status: nil))
                case .skipped(let reason):
                    return .leftOut(found.path, TransferReason(reason))
                case .unrepresentableName:
                    return .unusable(found.path, KeyPathMapping.unrepresentable(found.path))
                case .failed(let error):
                    return .unusable(found.path, OSSError(reading: error))
                }
            } catch {
                return .unusable(found.path, error)
            }
        }
    }
}

/// A file in a local folder, or an empty folder in it, and the key it has.
struct LocalEntry: Sendable {
    var key: ObjectKey
    var path: RelativePath
    /// What the walk saw of the file; nothing for an empty folder.
    var status: FileStatus?

    var isFolder: Bool { status == nil }
    var size: Int64 { status?.size ?? 0 }
}
