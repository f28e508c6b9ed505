/// Deletes objects for a transfer, as many as it takes.
struct ObjectDeletion: Sendable {
    let store: any ObjectStore

    /// Deletes what the actions say, unless something speaks against one.
    ///
    /// - Parameter objection: Why an object must stay, looked at immediately before.
    func delete(
        _ actions: [TransferAction], unless objection: (TransferAction) -> OSSError? = { _ in nil }
    ) async throws -> [OSSError?] {
        var errors = [OSSError?](repeating: nil, count: actions.count)
        var indices: [ObjectKey: Int] = [:]
        var keys: [ObjectKey] = []
        for (index, action) in actions.enumerated() {
            guard case .deleteObject(let key) = action.work else { continue }
            errors[index] = objection(action)
            guard errors[index] == nil else { continue }
            indices[key] = index
            keys.append(key)
        }
        guard !keys.isEmpty else { return errors }
        let result = try await store.delete(keys)
        for failure in result.failures {
            if let index = indices[failure.key] { errors[index] = failure.error }
        }
        return errors
    }
}
