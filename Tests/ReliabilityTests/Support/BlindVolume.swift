import Foundation
import TestKit

@testable import AliyunOSS

/// A simulated file system that treats two names as the same. The file is found under its other spelling, and a listing
/// of the folder does not show that spelling.
final class BlindVolume: FileSystemInterceptor {
    private let path: String
    private let otherPath: String

    /// Whether the file system of the temporary folder supports hard links, which the simulation requires.
    static var isPlayable: Bool {
        guard let folder = try? ScratchDirectory(), (try? folder.write("a")) != nil else { return false }
        return link(folder["a"], folder["b"]) == 0
    }

    /// - Parameters:
    ///   - path: Path of the file, which need not exist yet.
    ///   - otherPath: Path with the other spelling.
    init(_ path: String, alsoKnownAs otherPath: String) {
        self.path = path
        self.otherPath = otherPath
    }

    /// Runs a closure on this file system. Afterwards, the folder contains only the listed names.
    func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        defer { hide() }
        return try await FileSystemSeam.$interceptor.withValue(self, operation: body)
    }

    func verdict(on call: FileSystemCall) -> FileSystemVerdict {
        switch call.kind {
        case .list: hide()
        // For both paths: a link created between two queries of the file would change its time.
        case .status where call.path == path || call.path == otherPath: link(path, otherPath)
        default: break
        }
        return .proceed
    }

    private func hide() {
        var status = stat()
        if lstat(otherPath, &status) == 0, status.st_nlink > 1 { unlink(otherPath) }
    }
}
