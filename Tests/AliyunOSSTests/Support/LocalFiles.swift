import Foundation
import TestKit
import Testing

@testable import AliyunOSS

extension ScratchDirectory {
    var root: SafeDirectory { get throws { try SafeDirectory(path) } }

    func content(_ name: String) throws -> [UInt8] { Array(try read(name)) }

    func status(_ name: String) -> FileStatus? {
        var status = stat()
        return lstat(self[name], &status) == 0 ? FileStatus(status) : nil
    }

    /// Opens a file for reading and writing.
    func open(_ name: String) throws -> OpenFile {
        let descriptor = Foundation.open(self[name], O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", self[name], code: errno) }
        return OpenFile(descriptor: descriptor, path: self[name])
    }

    func slice(_ name: String) throws -> FileSlice { FileSlice(try open(name), offset: 0, length: .max) }
}

/// A file in a scratch directory, open for reading and writing.
struct ScratchFile {
    private let directory: ScratchDirectory
    let file: OpenFile

    init(_ content: Data = Data()) throws {
        directory = try ScratchDirectory()
        try directory.write("file", content)
        file = try directory.open("file")
    }

    var path: String { directory["file"] }
    var content: Data { get throws { try directory.read("file") } }
}

/// Runs a closure that file permissions bind, even if the tests run as root.
///
/// On Linux the identity for file access belongs to a thread, so the closure runs in a new thread.
func withoutPrivileges<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            #if os(Linux)
                if geteuid() == 0, let symbol = dlsym(nil, "setfsuid") {
                    typealias SetUser = @convention(c) (UInt32) -> Int32
                    _ = unsafeBitCast(symbol, to: SetUser.self)(65534)
                }
            #endif
            continuation.resume(returning: work())
        }
    }
}
