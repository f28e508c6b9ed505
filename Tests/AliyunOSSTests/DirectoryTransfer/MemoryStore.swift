import Foundation
import OSSPrimitives
import Synchronization

@testable import AliyunOSS

/// A bucket in memory whose requests a test can intercept.
final class MemoryStore: ObjectStore {
    struct Object {
        var content: [UInt8]
        var metadata: [String: String] = [:]
        var type = ObjectType.normal
        var eTag: String?
        var checksum: UInt64?
        /// Older objects have none.
        var hasChecksum = true
    }

    private struct State {
        var objects: [ObjectKey: Object] = [:]
        var running = 0
        var peak = 0
        var log: [String] = []
        var listings = 0
    }

    private let state = Mutex(State())
    /// A closure that is called at the start of every request with the name of its operation. It may throw or wait.
    let onRequest: @Sendable (_ operation: String, _ key: ObjectKey) async throws -> Void
    /// Number of objects that a listing returns before it fails; `nil` if it does not fail.
    let listingFailsAfter: Int?

    init(
        listingFailsAfter: Int? = nil,
        onRequest: @escaping @Sendable (_ operation: String, _ key: ObjectKey) async throws -> Void = { _, _ in }
    ) {
        self.listingFailsAfter = listingFailsAfter
        self.onRequest = onRequest
    }

    subscript(key: ObjectKey) -> Object? {
        get { state.withLock { $0.objects[key] } }
        set { state.withLock { $0.objects[key] = newValue } }
    }

    var keys: [ObjectKey] { state.withLock { $0.objects.keys.sorted() } }
    var peak: Int { state.withLock { $0.peak } }
    /// The requests except for listings.
    var log: [String] { state.withLock { $0.log } }
    var listings: Int { state.withLock { $0.listings } }

    func add(_ keys: [ObjectKey], _ content: String = "x") {
        for key in keys { self[key] = Object(content: Array(content.utf8)) }
    }

    func objects(under prefix: String, _ slots: AsyncSemaphore) -> RemoteListing {
        let entries = keys.filter { $0.rawValue.utf8.starts(with: prefix.utf8) }.map { entry($0) }
        state.withLock { $0.listings += 1 }
        let limit = listingFailsAfter
        return RemoteListing {
            var index = 0
            return {
                if index == limit { throw OSSError(.serviceUnavailable, "listing failed", operation: "ListObjects") }
                try Task.checkCancellation()
                defer { index += 1 }
                return index < entries.count ? entries[index] : nil
            }
        }
    }

    let address = "memory"
    let name = "memory"
    let stateDirectory = StateDirectory.none
    let onEvent: (@Sendable (ClientEvent) -> Void)? = nil

    func put(
        _ source: UploadSource, at key: ObjectKey, attributes: ObjectAttributes, _ context: TransferContext
    ) async throws -> StoredObject {
        // As in a bucket, each request takes a permit.
        let permit = try await context.slots.acquire()
        defer { permit.release() }
        var content = [UInt8](repeating: 0, count: Int(source.status.size))
        return try await request("put", key) {
            var count = 0
            if case .file(let slice) = source.body.guardedBody {
                do {
                    count = try content.withUnsafeMutableBytes { try slice.file.read(into: $0, at: slice.offset) }
                } catch {
                    throw OSSError(.fileSystem, "\(error)", key: key)
                }
            }
            guard count == content.count else { throw OSSError(.sourceChanged, "short file", key: key) }
            self[key] = Object(content: content, metadata: attributes.metadata)
            return stored(key)
        }
    }

    func putEmpty(at key: ObjectKey) async throws {
        try await request("put", key) { self[key] = Object(content: []) }
    }

    func identity(of key: ObjectKey) -> UInt64 { 0 }

    func get(
        _ listed: RemoteEntry, into target: AtomicFile, _ context: TransferContext,
        commit: @escaping @Sendable (StoredObject) async throws -> Void
    ) async throws -> StoredObject {
        let key = listed.key
        defer { target.discard() }
        // A file that waits to be committed is not a running request.
        let stored = try await request("get", key) {
            guard let object = self[key] else { throw OSSError(.notFound, "no such key", key: key, attempts: 1) }
            // The first half is written before the interception, so that the file is incomplete at that point.
            let half = object.content.count / 2
            try object.content[..<half].withUnsafeBytes { try target.file.write($0, at: 0) }
            try await onRequest("body", key)
            try object.content[half...].withUnsafeBytes { try target.file.write($0, at: Int64(half)) }
            let stored = StoredObject(
                size: Int64(object.content.count), eTag: entry(key).eTag, checksum: nil, metadata: object.metadata,
                isCompared: object.hasChecksum || entry(key).hasMD5)
            try Task.checkCancellation()
            return stored
        }
        try await commit(stored)
        return stored
    }

    func head(_ key: ObjectKey) async throws -> StoredObject {
        try await request("head", key) {
            guard self[key] != nil else { throw OSSError(.notFound, "no such key", key: key, attempts: 1) }
            return stored(key)
        }
    }

    func copy(
        _ source: ObjectKey, in bucket: String?, ifMatch eTag: String?, to key: ObjectKey,
        attributes: ObjectAttributes?, _ context: TransferContext
    ) async throws -> StoredObject {
        try await request("copy", key) {
            guard var object = self[source] else { throw OSSError(.notFound, "no such key", key: key, attempts: 1) }
            if let eTag, entry(source).eTag != eTag {
                throw OSSError(.preconditionFailed, "another object", key: key, attempts: 1)
            }
            if let attributes { object.metadata = attributes.metadata }
            self[key] = object
            return stored(key)
        }
    }

    func delete(_ keys: [ObjectKey]) async throws -> DeleteObjectsResult {
        var result = DeleteObjectsResult()
        for key in keys {
            do {
                try await request("delete", key) { self[key] = nil }
                result.deleted.append(key)
            } catch let error as OSSError {
                result.failures.append(.init(key: key, error: error))
            }
        }
        return result
    }

    func attributeUpdate(
        of object: RemoteEntry, to requested: ObjectAttributes, _ context: TransferContext
    ) -> AttributeUpdate? { nil }

    func perform(_ update: AttributeUpdate, on object: RemoteEntry, _ context: TransferContext) -> StoredObject? { nil }

    func forgetUpload(of path: String, to key: ObjectKey) -> Bool { true }

    func forgetDownload(of key: ObjectKey, to path: String) {}

    private func stored(_ key: ObjectKey) -> StoredObject {
        let object = self[key] ?? Object(content: [])
        return StoredObject(
            size: Int64(object.content.count), eTag: entry(key).eTag,
            checksum: object.hasChecksum ? object.checksum ?? CRC64.checksum(object.content) : nil,
            metadata: object.metadata)
    }

    private func entry(_ key: ObjectKey) -> RemoteEntry {
        let object = self[key] ?? Object(content: [])
        let eTag = object.eTag ?? Hexadecimal.uppercase(MD5.hash(object.content))
        return RemoteEntry(key: key, size: Int64(object.content.count), eTag: eTag, type: object.type)
    }

    private func request<Value>(
        _ operation: String, _ key: ObjectKey, _ body: () async throws -> Value
    ) async throws -> Value {
        state.withLock {
            $0.log.append("\(operation) \(key)")
            $0.running += 1
            $0.peak = max($0.peak, $0.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        try Task.checkCancellation()
        try await onRequest(operation, key)
        return try await body()
    }
}

/// A gate at which tasks wait until a number of them have arrived or they are cancelled.
actor Gate {
    private var open = false
    private var arrived = 0
    private var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// Waits until the gate is opened.
    func pass() async throws {
        arrived += 1
        let number = arrived
        for watcher in watchers where arrived >= watcher.count { watcher.continuation.resume() }
        watchers.removeAll { arrived >= $0.count }
        guard !open else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiting[number] = continuation
                }
            }
        } onCancel: {
            Task { await self.cancel(number) }
        }
    }

    /// Waits until the given number of tasks have arrived.
    func waitForArrivals(_ count: Int) async {
        guard arrived < count else { return }
        await withCheckedContinuation { watchers.append((count, $0)) }
    }

    func unlock() {
        open = true
        for continuation in waiting.values { continuation.resume() }
        waiting = [:]
    }

    private func cancel(_ number: Int) {
        waiting.removeValue(forKey: number)?.resume(throwing: CancellationError())
    }
}
