import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// A source and a destination, one of them a folder or both under prefixes of a bucket, and the runs from one to the other.
struct MirrorScene {
    /// A direction of the runs.
    enum Way: String, CaseIterable, Sendable {
        case up, down, copy

        /// The operation that transfers a file.
        var operation: String {
            switch self {
            case .up: "PutObject"
            case .down: "GetObject"
            case .copy: "CopyObject"
            }
        }
    }

    let way: Way
    let service: TestService
    /// The local side.
    let folder: ScratchDirectory
    /// Directory for the state, if it is kept.
    let state: ScratchDirectory

    init(
        _ way: Way, keepsState: Bool = false, configure: (inout BucketConfiguration) -> Void = { _ in }
    ) throws {
        self.way = way
        let state = try ScratchDirectory()
        self.state = state
        folder = try ScratchDirectory()
        service = try TestService {
            if keepsState { $0.stateDirectory = .path(state.path) }
            configure(&$0)
        }
    }

    /// Returns the key of a source file if the source is in the bucket.
    func sourceKey(_ name: String) -> String { "src/" + name }

    /// Returns the key of a destination file if the destination is in the bucket.
    func destinationKey(_ name: String) -> String { "dst/" + name }

    /// Returns the key of a file in the request that transfers it.
    func requestKey(_ name: String) -> String { way == .down ? sourceKey(name) : destinationKey(name) }

    /// Adds files to the source. Their content is the given one or their name.
    func addSource(_ names: [String], _ content: Data? = nil) throws {
        for name in names {
            let content = content ?? Data(name.utf8)
            if way == .up {
                try folder.write(name, content)
            } else {
                try service.server.put(sourceKey(name), content, in: "photos")
            }
        }
    }

    /// Adds files to the destination. Their content is the given one or their name.
    func addDestination(_ names: [String], _ content: Data? = nil) throws {
        for name in names {
            let content = content ?? Data(name.utf8)
            if way == .down {
                try folder.write(name, content)
            } else {
                try service.server.put(destinationKey(name), content, in: "photos")
            }
        }
    }

    /// Names of the files in the destination.
    var destination: [String] {
        get throws {
            if way == .down { return try folder.files() }
            return service.server.keys(in: "photos").filter { $0.hasPrefix("dst/") }.map { String($0.dropFirst(4)) }
                .sorted()
        }
    }

    /// Returns the content of a file in the destination.
    func read(_ name: String) -> Data? {
        way == .down ? try? folder.read(name) : service.stored(destinationKey(name))
    }

    /// Creates a transfer that deletes.
    func transfer(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        configure(&options)
        return DirectoryTransfer(service.bucket, options: options)
    }

    /// Runs a transfer that deletes.
    @discardableResult
    func run(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) async throws -> TransferReport {
        try await plan(configure).run()
    }

    func plan(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) async throws -> TransferPlan {
        let transfer = transfer(configure)
        switch way {
        case .up: return try await transfer.planUpload(from: folder.path, to: "dst")
        case .down: return try await transfer.planDownload(from: "src", to: folder.path)
        case .copy: return try await transfer.planCopy(from: "src", to: "dst")
        }
    }

    /// Number of deletion requests.
    var deletionRequests: Int { service.count("DeleteMultipleObjects") + service.count("DeleteObject") }

    /// Returns names with four-digit numbers.
    static func numbered(_ count: Int) -> [String] {
        (0..<count).map { String(String(10_000 + $0).dropFirst()) }
    }

    /// Returns a page of a listing with objects of one byte.
    static func page(_ keys: [String], next: String? = nil, isTruncated: Bool = false) -> MockFault.Action {
        let objects = keys.map {
            "<Contents><Key>\($0)</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"0\"</ETag>"
                + "<Type>Normal</Type><Size>1</Size><StorageClass>Standard</StorageClass></Contents>"
        }
        let marker = next.map { "<NextMarker>\($0)</NextMarker><NextContinuationToken>\($0)</NextContinuationToken>" }
        let document =
            "<ListBucketResult><IsTruncated>\(isTruncated)</IsTruncated>\(marker ?? "")\(objects.joined())"
            + "</ListBucketResult>"
        return .response(status: 200, body: Array(document.utf8))
    }
}
