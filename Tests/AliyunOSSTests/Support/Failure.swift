import Testing

@testable import AliyunOSS

/// Returns the error of a call that must throw an `OSSError`.
func failure(
    _ body: () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async -> OSSError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch let error as OSSError {
        return error
    } catch {
        Issue.record("\(error) was thrown, which is not an OSSError", sourceLocation: sourceLocation)
        return nil
    }
}
