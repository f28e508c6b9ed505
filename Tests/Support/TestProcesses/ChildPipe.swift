import CSpawn
import Foundation

/// A pipe to or from a program, whose ends no other program gets. Each end is closed when nobody has it any more.
///
/// Whoever reads comes to the end only when every writing end is closed: this process's own one, too.
package struct ChildPipe: Sendable {
    package let reading: FileHandle
    package let writing: FileHandle

    package init() throws {
        var ends: [Int32] = [-1, -1]
        let code = oss_pipe(&ends)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EMFILE) }
        reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}
