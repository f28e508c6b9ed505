import AliyunOSS
import Foundation

/// A model of what a folder contains after a power failure.
///
/// A file consists of its content and its name. Whatever has not been synced may or may not have reached the disk: the
/// content of a file since its last write, and each name since the last change in its directory.
struct StableStorage {
    /// A file that a name can refer to.
    enum File: Hashable {
        case none, old, new
    }

    private let root: String
    /// The files that each name can refer to after a power failure, and the current one.
    private var names: [String: (possible: Set<File>, current: File)]
    /// The names whose new file has content or attributes that are not synced.
    private var unsynced: Set<String> = []
    /// The new directories whose names are not synced.
    private var directories: Set<String> = []
    /// The violations of the promise so far.
    private(set) var violations: [String] = []

    /// - Parameters:
    ///   - root: Path of the folder.
    ///   - names: Paths of all files in the folder, and whether each one exists at the start.
    init(_ root: String, _ names: [String: Bool]) {
        self.root = root
        self.names = names.reduce(into: [:]) { result, entry in
            let file = entry.value ? File.old : .none
            result[root + "/" + entry.key] = ([file], file)
        }
    }

    /// Makes a call, and checks that every name would refer to its old file or to the entire new one.
    mutating func perform(_ call: FileSystemCall) {
        guard call.path.hasPrefix(root) else { return }
        let path =
            call.path.count > root.count + 1 && call.path.hasSuffix("/") ? String(call.path.dropLast()) : call.path
        if let name = Self.target(of: path) {
            switch call.kind {
            case .create, .write, .truncate, .allocate, .setPermissions, .setTime: unsynced.insert(name)
            case .synchronize: unsynced.remove(name)
            default: return
            }
            return check(name, call)
        }
        switch call.kind {
        case .rename where names[path] != nil, .link where names[path] != nil: change(path, to: .new, call)
        case .unlink where names[path] != nil: change(path, to: .none, call)
        case .makeDirectory: directories.insert(path)
        case .synchronize:
            for name in names.keys where Self.parent(of: name) == path { settle(name) }
            directories = directories.filter { Self.parent(of: $0) != path }
        case .synchronizeFileSystem:
            unsynced = []
            directories = []
            for name in names.keys { settle(name) }
        default: break
        }
    }

    /// Checks that a power failure cannot undo a file that the run vouches for.
    mutating func vouch(for name: String, _ witness: String) {
        let path = root + "/" + name
        guard names[path]?.possible == [.new], !unsynced.contains(path) else {
            return violations.append("\(witness) vouches for \(name), which may be lost")
        }
        for directory in directories where path.hasPrefix(directory + "/") {
            violations.append("\(witness) vouches for \(name), whose directory \(directory) may be lost")
        }
    }

    private mutating func change(_ name: String, to file: File, _ call: FileSystemCall) {
        names[name]?.possible.insert(file)
        names[name]?.current = file
        check(name, call)
    }

    private mutating func settle(_ name: String) {
        if let current = names[name]?.current { names[name]?.possible = [current] }
    }

    private mutating func check(_ name: String, _ call: FileSystemCall) {
        guard let possible = names[name]?.possible else { return }
        if possible.contains(.new), unsynced.contains(name) {
            violations.append("\(name) may be incomplete after \(call.kind)")
        }
        if possible.contains(.none), possible.contains(.old) {
            violations.append("\(name) may be gone after \(call.kind)")
        }
    }

    /// Returns the final path of a temporary file, or `nil` if a path does not belong to one.
    private static func target(of path: String) -> String? {
        path.wholeMatch(of: /(.*\/)\.([^\/]+)\.[0-9a-f]{16}\.oss-partial/).map { "\($0.output.1)\($0.output.2)" }
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
