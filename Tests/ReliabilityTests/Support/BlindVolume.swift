import Foundation
import TestKit

@testable import AliyunOSS

/// A file system that takes two names for one, as far as Linux lets it be played: the file is found under its other spelling, and
/// a listing of the folder does not show that.
final class BlindVolume: FileSystemInterceptor {
    private let path: String
    private let otherPath: String

    /// Whether the file system of the temporary folder has hard links, which this takes.
    static var isPlayable: Bool {
        guard let folder = try? ScratchDirectory(), (try? folder.write("a")) != nil else { return false }
        return link(folder["a"], folder["b"]) == 0
    }

    /// - Parameters:
    ///   - path: The file. It need not be there yet.
    ///   - otherPath: The other spelling.
    init(_ path: String, alsoKnownAs otherPath: String) {
        self.path = path
        self.otherPath = otherPath
    }

    /// Runs something on this file system. The folder is as its listing shows it afterwards.
    func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        defer { hide() }
        return try await FileSystemSeam.$interceptor.withValue(self, operation: body)
    }

    func verdict(on call: FileSystemCall) -> FileSystemVerdict {
        switch call.kind {
        case .list: hide()
        // Of both: a link that is made between two looks at the file would change its time.
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
