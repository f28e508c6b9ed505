import Foundation

extension SafeDirectory {
    /// Removes a folder from this folder.
    ///
    /// - Returns: Whether it is gone; not, when there is something in it.
    func removeDirectory(_ name: FileName) throws(FileError) -> Bool {
        let removed = interceptor.perform(.unlink, path(of: name)) { _ in
            unlinkat(descriptor, name.cString, AT_REMOVEDIR)
        }
        if removed == 0 || errno == ENOENT { return true }
        // POSIX leaves it to the system which of the two it is.
        guard errno != ENOTEMPTY, errno != EEXIST else { return false }
        throw FileError("remove the folder", path(of: name), code: errno)
    }

    /// Moves a file into another folder, under the first free name: `a.txt`, `a (1).txt` … It never replaces anything, and
    /// at every moment there is at least one whole file.
    func move(_ name: FileName, into target: SafeDirectory) throws(FileError) {
        for number in 0...10_000 {
            let newName = number == 0 ? name : name.numbered(number)
            let linked = interceptor.perform(.link, target.path(of: newName)) { _ in
                linkat(descriptor, name.cString, target.descriptor, newName.cString, 0)
            }
            if linked == 0 { return try unlink(name) }
            switch errno {
            case EEXIST: continue
            // Another device, or a file system without hard links.
            case EXDEV, EPERM, ENOTSUP, EMLINK: return try copy(name, into: target)
            default: throw FileError("move '\(self.path(of: name))' to", target.path(of: newName), code: errno)
            }
        }
        throw FileError("find a free name for", target.path(of: name), code: EEXIST)
    }

    private func copy(_ name: FileName, into target: SafeDirectory) throws(FileError) {
        let source = try openFile(at: .path(of: name.bytes, in: nil))
        let before = try source.status()
        let copy = try AtomicFile(replacing: name, in: target)
        try copy.file.write(contentOf: source)
        guard try !source.status().mayDiffer(from: before) else {
            throw FileError("move, since it changes,", path(of: name), code: EBUSY)
        }
        try copy.commit(modified: before.modified, permissions: before.permissions & 0o777, replacing: .nothing)
        try unlink(name)
    }
}

extension OpenFile {
    /// Writes all that another file has.
    fileprivate func write(contentOf source: OpenFile) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while true {
            let count = try source.read(into: buffer, at: position)
            if count == 0 { return }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: position)
            position += Int64(count)
        }
    }
}
