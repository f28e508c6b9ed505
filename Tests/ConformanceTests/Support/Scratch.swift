import AliyunOSS
import Foundation
import Testing

/// A prefix in a bucket for one test.
struct Scratch: Sendable {
    let service: Service
    let bucket: Bucket
    let prefix: String

    /// Returns a key below the prefix.
    func key(_ name: String) throws -> ObjectKey { try ObjectKey(prefix + name) }

    /// Stores a small object.
    @discardableResult
    func put(_ name: String, _ text: String) async throws -> PutObjectResult {
        try await bucket.putObject(try key(name), .string(text))
    }

    func text(_ name: String) async throws -> String {
        try await bucket.getObject(try key(name)).body.text()
    }

    /// Returns the names below the prefix from a listing.
    func names(
        below name: String = "", startAfter: String? = nil, pageSize: Int = 1000, paging: ListPaging = .marker
    ) async throws -> [String] {
        var names: [String] = []
        let listing = bucket.listObjects(
            prefix: prefix + name, startAfter: startAfter.map { prefix + $0 }, pageSize: pageSize, paging: paging)
        for try await object in listing { names.append(String(object.key.rawValue.dropFirst(prefix.count))) }
        return names
    }

    /// Removes everything below the prefix.
    func remove() async throws {
        var keys: [ObjectKey] = []
        for try await object in bucket.listObjects(prefix: prefix) { keys.append(object.key) }
        if keys.isEmpty { return }
        let result = try await bucket.deleteObjects(keys)
        if let failure = result.failures.first { throw failure.error }
    }
}

/// Expects an operation to fail with a code, and returns the error.
@discardableResult
func expectError(
    _ code: OSSError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> OSSError? {
    let error = await #expect(throws: OSSError.self, sourceLocation: sourceLocation) { try await body() }
    #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
    return error
}
