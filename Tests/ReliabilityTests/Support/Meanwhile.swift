import Synchronization
import Testing

@testable import AliyunOSS

/// An interceptor that performs an action of another process just before the first call of a kind.
final class Meanwhile: FileSystemInterceptor {
    private let kind: FileSystemCall.Kind
    private let pathPart: String
    private let action: @Sendable () throws -> Void
    private let state = Mutex(false)

    init(
        _ kind: FileSystemCall.Kind, _ pathPart: String = ".oss-partial",
        _ action: @escaping @Sendable () throws -> Void
    ) {
        self.kind = kind
        self.pathPart = pathPart
        self.action = action
    }

    /// Whether the action was performed.
    var hasHappened: Bool { state.withLock { $0 } }

    /// Runs a closure during which the action is performed.
    func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await FileSystemSeam.$interceptor.withValue(self, operation: body)
    }

    func verdict(on call: FileSystemCall) -> FileSystemVerdict {
        guard call.kind == kind, call.path.contains(pathPart) else { return .proceed }
        let isFirst = state.withLock { hasHappened in
            defer { hasHappened = true }
            return !hasHappened
        }
        if isFirst {
            do { try action() } catch { Issue.record(error) }
        }
        return .proceed
    }
}
