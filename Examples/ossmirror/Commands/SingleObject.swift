import AliyunOSS
import Foundation

/// An object whose address stands where a prefix is expected.
struct SingleObject {
    private let address: RemoteAddress
    private let key: ObjectKey
    /// The part of the address up to the last slash, and the rest.
    private let folder, name: String

    /// Nothing where the address cannot be one of an object that a prefix could be taken for.
    init?(_ address: RemoteAddress) {
        guard !address.key.isEmpty, !address.key.hasSuffix("/"), let key = try? ObjectKey(address.key) else {
            return nil
        }
        (self.address, self.key) = (address, key)
        // As bytes: a name may begin with a combining mark.
        let slash = address.key.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { address.key.utf8.index(after: $0) } ?? address.key.startIndex
        folder = String(Substring(address.key.utf8[..<start]))
        name = String(Substring(address.key.utf8[start...]))
    }

    /// Whether there is something at a local path that cannot be a folder.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Downloads the object to the local path, or into the folder that is there.
    ///
    /// - Returns: Nothing when there is no such object.
    func download(_ transfer: DirectoryTransfer, _ arguments: MirrorArguments) async throws -> TransferReport? {
        var path = arguments.local
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if path.hasSuffix("/") || exists && isFolder.boolValue {
            path += "/" + name
        }
        let plan = try await transfer.planDownload(of: key, to: path)
        do {
            guard let option = arguments.options.folderOption else { return try await plan.run() }
            // Looking through the plan asks whether the object is there.
            for try await _ in plan {}
            throw UsageError("\(address) is an object; \(option) is about what is below a prefix: leave it out")
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {
            return nil
        }
    }

    /// Fails when there is such an object.
    func refuse(for verb: Verb, in bucket: Bucket) async throws {
        guard (try? await bucket.headObject(key)) != nil else { return }
        throw OSSError(
            .notFound,
            "\(address) is an object, and \(verb.rawValue) takes a prefix; give oss://\(address.bucket)/\(folder) with "
                + "--include '/\(name)'")
    }
}

extension MirrorOptions {
    /// An option that is given and says nothing of a single object.
    fileprivate var folderOption: String? {
        if deletes { return "--delete" }
        if snapshot != nil { return "--snapshot" }
        if partition != nil { return "--partition" }
        if retryReport != nil { return "--retry-failed" }
        if !rules.isEmpty { return "--include, --exclude or --filter-from" }
        if minimumSize != nil || maximumSize != nil || minimumAge != nil || maximumAge != nil {
            return "a bound of size or age"
        }
        return nil
    }
}
