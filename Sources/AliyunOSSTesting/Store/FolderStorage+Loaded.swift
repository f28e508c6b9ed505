import Foundation

extension FolderStorage {
    /// What an earlier run left of a bucket.
    struct Loaded {
        var objects: [(key: [UInt8], object: MockObject)] = []
        var uploads: [MockUpload] = []
        /// The files in `data/` that are in use.
        var files: Set<String> = []
        /// What could not be used, one line each.
        var warnings: [String] = []
        /// Whether something was not understood.
        private(set) var hasUnreadable = false

        mutating func cannotRead(_ url: URL) {
            warnings.append("\(url.path): cannot be read; it is left out")
            hasUnreadable = true
        }
    }
}
