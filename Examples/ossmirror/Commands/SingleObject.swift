import AliyunOSS
import Foundation

/// An object whose address was given on the command line instead of a prefix.
struct SingleObject {
    private let address: RemoteAddress
    private let key: ObjectKey
    /// The key up to and including its last slash, and the remainder of the key.
    private let folder, name: String

    /// Creates a value from an address, or returns `nil` if the address cannot name an object.
    init?(_ address: RemoteAddress) {
        guard !address.key.isEmpty, !address.key.hasSuffix("/"), let key = try? ObjectKey(address.key) else {
            return nil
        }
        (self.address, self.key) = (address, key)
        // Search in bytes: a name that starts with a combining mark would form one `Character` with the slash.
        let slash = address.key.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { address.key.utf8.index(after: $0) } ?? address.key.startIndex
        folder = String(Substring(address.key.utf8[..<start]))
        name = String(Substring(address.key.utf8[start...]))
    }

    /// Returns whether a local path exists and is not a directory.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Returns whether a local path exists and is a directory.
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Downloads the object to the local path, or into the directory at that path.
    ///
    /// - Returns: The report, or `nil` if the object does not exist.
    func download(
        _ transfer: DirectoryTransfer, _ arguments: MirrorArguments, for verb: Verb
    ) async throws -> TransferReport? {
        var path = arguments.local
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if path.hasSuffix("/") || exists && isFolder.boolValue {
            path += "/" + name
        }
        let plan = try await transfer.planDownload(of: key, to: path)
        do {
            let problem =
                switch verb {
                case .sync: Optional("use 'cp' instead of 'sync'")
                case .mv: Optional("use 'mv' without --recursive")
                default: arguments.options.folderOption.map { "\($0) does not apply; remove the option" }
                }
            guard let problem else { return try await plan.run() }
            // Iterating over the plan reveals whether the object exists.
            for try await _ in plan {}
            throw UsageError("\(address) is an object, so \(problem)")
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {
            return nil
        }
    }

    /// Throws an error if the object exists, because the command requires a prefix.
    func refuse(for verb: Verb, in bucket: Bucket) async throws {
        guard (try? await bucket.headObject(key)) != nil else { return }
        throw OSSError(
            .notFound,
            "\(address) is an object, but \(verb.rawValue) requires a prefix; use oss://\(address.bucket)/\(folder) with "
                + "--include '/\(name)'")
    }
}

extension MirrorOptions {
    /// An option given on the command line that applies only to folders, or `nil` if there is none.
    fileprivate var folderOption: String? {
        if deletes { return "--delete" }
        if list != nil { return "--files-from" }
        if snapshot != nil { return "--snapshot" }
        if partition != nil { return "--partition" }
        if retryReport != nil { return "--retry-failed" }
        if !rules.isEmpty { return "--include, --exclude or --filter-from" }
        if minimumSize != nil || maximumSize != nil || minimumAge != nil || maximumAge != nil {
            return "a size or age limit"
        }
        return nil
    }
}
