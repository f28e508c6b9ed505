import Foundation

/// A failed system call on a local file.
public struct FileError: Error, Sendable, CustomStringConvertible {
    /// What was being done, as a verb: `open`, `read`, `rename`.
    public var operation: String
    /// The path it was done to.
    public var path: String
    /// The `errno` of the call.
    public var code: Int32

    /// Makes an error from the `errno` a call left behind.
    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// For example: `cannot open 'a/b': Permission denied`.
    public var description: String { "cannot \(operation) '\(path)': \(String(cString: strerror(code)))" }
}

extension FileError {
    /// Whether there is nothing at the path.
    var isMissing: Bool { code == ENOENT }
}
