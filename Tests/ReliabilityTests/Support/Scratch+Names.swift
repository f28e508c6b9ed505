import Foundation
import OSSPrimitives

/// Names as bytes: `String` takes the two spellings of `é` for one, and has none for what is not UTF-8.
extension Scratch {
    /// Everything below the folder, in the order of the bytes: folders end in `/`, links in `@`. What is not printable ASCII is
    /// percent-encoded.
    var entries: [String] { Self.entries(at: path) }

    /// The same of a folder anywhere.
    static func entries(at path: String) -> [String] {
        var entries: [String] = []
        collect(path.utf8.map { CChar(bitPattern: $0) }, "", into: &entries)
        return entries.sorted()
    }

    private static func collect(_ folder: [CChar], _ prefix: String, into entries: inout [String]) {
        guard let stream = opendir(folder + [0]) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 1) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start)))
                }
            }
            guard name != [0x2E], name != [0x2E, 0x2E] else { continue }
            let shown = prefix + printable(name.map { UInt8(bitPattern: $0) })
            let path = folder + [0x2F] + name
            var status = stat()
            guard lstat(path + [0], &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                entries.append(shown + "/")
                collect(path, shown + "/", into: &entries)
            case S_IFLNK: entries.append(shown + "@")
            default: entries.append(shown)
            }
        }
    }

    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "%" + Hexadecimal.uppercase([$0]) }
            .joined()
    }

    /// Writes a file whose name is these bytes, with their own text as content.
    func write(_ name: some Sequence<UInt8>) throws {
        let bytes = Array(name)
        let path = self.path.utf8.map { CChar(bitPattern: $0) } + [0x2F] + bytes.map { CChar(bitPattern: $0) } + [0]
        for index in path.indices where path[index] == 0x2F && index > self.path.utf8.count {
            mkdir(Array(path[..<index]) + [0], 0o777)
        }
        let file = fopen(path, "w")
        guard let file else { throw CocoaError(.fileWriteUnknown) }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: self[name], withDestinationPath: target)
    }

    /// Whether the file system of the temporary folder takes two names for one: `A` and `a`, or the two spellings of `é`.
    static func isOneName(_ first: String, _ second: String) -> Bool {
        guard let folder = try? Scratch(), (try? folder.write(first.utf8)) != nil else { return false }
        return access(folder[second], F_OK) == 0
    }
}
