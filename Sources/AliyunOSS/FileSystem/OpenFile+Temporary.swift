import Foundation

extension OpenFile {
    /// Makes an empty file without a name, for reading and writing, in the system's folder for temporary files. Nothing is left
    /// behind, whatever happens: it loses its name as soon as it is open.
    static func temporary() throws(FileError) -> OpenFile {
        let directory = FileManager.default.temporaryDirectory.path
        var template = Array("\(directory)/oss-spool.XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw FileError("create a temporary file in", directory, code: errno) }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return OpenFile(descriptor: descriptor, path: "\(directory)/oss-spool")
    }
}
