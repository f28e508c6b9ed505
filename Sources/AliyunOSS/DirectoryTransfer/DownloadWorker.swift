import Foundation
import Synchronization

/// Carries out the actions of a download.
final class DownloadWorker: Sendable {
    private let folder: String
    private let preservesAttributes: Bool
    private let store: any ObjectStore
    private let pieces: PieceOptions
    private let opened = Mutex<SafeDirectory?>(nil)

    init(folder: String, preservesAttributes: Bool, store: any ObjectStore, pieces: PieceOptions) {
        self.pieces = pieces
        self.folder = folder
        self.preservesAttributes = preservesAttributes
        self.store = store
    }

    /// The target folder, made when it is first needed: a run that finds no bucket leaves no folder behind.
    func root() throws(RunError) -> SafeDirectory {
        let result: Result<SafeDirectory, RunError> = opened.withLock { opened in
            if let opened { return .success(opened) }
            do throws(FileError) {
                let root = try SafeDirectory.creating(folder)
                opened = root
                return .success(root)
            } catch {
                return .failure(RunError(error: OSSError(folder: error)))
            }
        }
        return try result.get()
    }

    /// Does it and returns the number of bytes transferred.
    func perform(_ action: TransferAction) async throws -> Int64 {
        switch action.work {
        case .download(let key, let path):
            return try await download(key, size: action.size, to: path)
        case .makeFolder(let path):
            let root = try root()
            guard let path, let key = action.key else { return 0 }
            do throws(FileError) {
                _ = try root.directory(at: path.components, creating: true)
            } catch {
                throw OSSError(writing: error, key: key)
            }
            return 0
        case .fail(let error):
            throw error
        case .leave, .upload, .uploadFolder:
            return action.size
        }
    }

    private func download(_ key: ObjectKey, size: Int64, to path: RelativePath) async throws -> Int64 {
        let root = try root()
        let file: AtomicFile
        do throws(FileError) {
            var names = path.components
            let name = names.removeLast()
            file = try AtomicFile(
                replacing: name, in: root.directory(at: names, creating: true), identity: store.identity(of: key))
        } catch {
            throw OSSError(writing: error, key: key)
        }
        let preservesAttributes = preservesAttributes
        return try await store.get(key, size: size, into: file, pieces) { stored in
            let attributes = preservesAttributes ? FileAttributes(metadata: stored.metadata) : nil
            do {
                _ = try await BlockingWork.run {
                    try file.commit(
                        modified: attributes?.modified, permissions: attributes?.permissions, replacing: .unchanged)
                }
            } catch let error as FileError where error.code == EEXIST {
                // It was not there, or was another, when the download began.
                throw OSSError(changed: file.path, key: key, error)
            } catch let error as FileError {
                throw OSSError(writing: error, key: key)
            }
        }.size
    }
}
