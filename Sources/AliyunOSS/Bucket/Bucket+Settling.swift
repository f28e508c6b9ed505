extension Bucket {
    /// Performs a write, and settles what became of one that must not overwrite when an answer was lost: the repeat then
    /// finds the object in its way, and it may be its own.
    nonisolated func perform(_ operation: Operation, storing body: HTTPBody) async throws -> HTTPResponse {
        do {
            return try await client.perform(operation)
        } catch let error as OSSError where error.code == .alreadyExists && error.attempts > 1 {
            var head = Operation("HeadObject", .head, key: operation.key)
            head.requiresETag = true
            guard let stored = try? await client.perform(head), let checksum = stored.headers.objectChecksum,
                stored.headers["Content-Length"] == String(body.length),
                try await body.checksum() == checksum
            else { throw error }
            return stored
        }
    }
}
