#if compiler(>=6.3) && os(Linux)
    import Foundation
    import TestKit
    import Testing

    @testable import AliyunOSS

    /// Tests of a run's memory, in a separate process, because concurrent tests also use memory.
    @Suite("Memory of a mirror")
    struct MirrorMemoryTests {
        @Test(
            "E19: with 200,000 keys on both sides, a run uses no more memory than with a tenth of them")
        func e19() async throws {
            await #expect(processExitsWith: .success) {
                func mirror(_ count: Int) async throws {
                    var options = DirectoryTransfer.Options()
                    options.deletion = DeletionOptions()
                    let report = try await DirectoryTransfer(store: GeneratedStore(count: count), options: options)
                        .copy(from: "src", to: "dst")
                    // Neither the report nor the memory can hold all deletions.
                    try #require(report.isComplete && report.unchanged.files == count - count / 20)
                    try #require(report.deleted.files == count / 20 && report.transferred.files == 0)
                }
                try await mirror(20_000)
                let before = try Self.peak()
                try await mirror(200_000)
                // The keys of one side alone would exceed this.
                let growth = try Self.peak() - before
                try #require(growth < 10 << 20, "\(growth) bytes")
            }
        }

        /// Returns the peak memory of this process in bytes.
        private static func peak() throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
            return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) << 10
        }
    }

    /// A store that generates a listing of any length without objects. Both prefixes list the same names, except that
    /// the source lacks every twentieth.
    private struct GeneratedStore: ObjectStore {
        let count: Int
        let address = "generated"
        let name = "generated"
        let stateDirectory = StateDirectory.none
        let onEvent: (@Sendable (ClientEvent) -> Void)? = nil

        func objects(under prefix: String, _ slots: AsyncSemaphore) -> RemoteListing {
            RemoteListing { [count] in
                var number = 0
                return {
                    if prefix == "src/", number % 20 == 7 { number += 1 }
                    guard number < count else { return nil }
                    defer { number += 1 }
                    if number % 1000 == 0 { await Task.yield() }
                    return RemoteEntry(
                        key: ObjectKey(unchecked: "\(prefix)a folder with a longer name/\(10_000_000 + number).jpg"),
                        size: 1, eTag: "0123456789ABCDEF0123456789ABCDEF", type: "Normal")
                }
            }
        }

        func delete(_ keys: [ObjectKey]) async throws -> DeleteObjectsResult {
            DeleteObjectsResult(deleted: keys)
        }

        func put(
            _ source: UploadSource, at key: ObjectKey, attributes: ObjectAttributes, _ pieces: TransferContext
        ) async throws -> StoredObject { throw OSSError(.refused, "not asked for") }

        func putEmpty(at key: ObjectKey) async throws { throw OSSError(.refused, "not asked for") }

        func identity(of key: ObjectKey) -> UInt64 { 0 }

        func get(
            _ object: RemoteEntry, into target: AtomicFile, _ pieces: TransferContext,
            commit: @escaping @Sendable (StoredObject) async throws -> Void
        ) async throws -> StoredObject { throw OSSError(.refused, "not asked for") }

        func head(_ key: ObjectKey) async throws -> StoredObject { throw OSSError(.refused, "not asked for") }

        func copy(
            _ source: ObjectKey, in bucket: String?, ifMatch eTag: String?, to key: ObjectKey,
            attributes: ObjectAttributes?, _ pieces: TransferContext
        ) async throws -> StoredObject { throw OSSError(.refused, "not asked for") }

        func attributeUpdate(
            of object: RemoteEntry, to requested: ObjectAttributes, _ context: TransferContext
        ) -> AttributeUpdate? { nil }

        func perform(
            _ update: AttributeUpdate, on object: RemoteEntry, _ context: TransferContext
        ) -> StoredObject? { nil }

        func forgetUpload(of path: String, to key: ObjectKey) -> Bool { true }

        func forgetDownload(of key: ObjectKey, to path: String) {}
    }
#endif
