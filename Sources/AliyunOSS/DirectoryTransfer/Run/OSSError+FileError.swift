import Foundation

extension OSSError {
    /// What it means for a transfer that a file of its source could not be read.
    init(reading error: FileError, key: ObjectKey? = nil) {
        switch error.code {
        case ENOENT:
            self.init(
                .vanished, "'\(error.path)' disappeared while the transfer was running", key: key,
                underlying: error)
        default:
            self.init(.fileSystem, "\(error)" + Self.advice(error.code), key: key, underlying: error)
        }
    }

    /// What it means for a transfer that a file of its destination could not be written.
    init(writing error: FileError, key: ObjectKey) {
        switch error.code {
        case ENOTDIR, ELOOP:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a file or a symbolic link, and the key '\(key)' needs a folder there; move it away",
                key: key, underlying: error)
        case EISDIR:
            self.init(
                .unsafeKey, "'\(error.path)' is a folder, and the key '\(key)' needs a file there; move it away",
                key: key, underlying: error)
        case EEXIST:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a FIFO, socket or device, and the key '\(key)' needs a file there; move it away",
                key: key, underlying: error)
        default:
            self.init(.fileSystem, "\(error)" + Self.advice(error.code), key: key, underlying: error)
        }
    }

    /// What it means that the local folder itself cannot be used.
    init(folder error: FileError) {
        let problem =
            switch error.code {
            case ENOENT: "the local folder '\(error.path)' does not exist; check the path"
            case ENOTDIR: "'\(error.path)' is not a folder; give the path of a folder"
            default: "\(error)" + Self.advice(error.code)
            }
        self.init(.fileSystem, problem, underlying: error)
    }

    /// Something that is to be deleted stands where an object needs its name, and stays.
    init(blocker: RelativePath, _ reason: String, key: ObjectKey? = nil) {
        self.init(
            .unsafeKey, "'\(blocker)' is in the way and stays, because \(reason); move it away or run it again",
            key: key)
    }

    /// The error for a download that was killed after it had moved something aside.
    init(movedAside path: RelativePath, to place: RelativePath) {
        self.init(
            .destinationChanged,
            "'\(path)' was moved to '\(place)' by a download that was killed before it had done its work; run the download "
                + "again, which puts it back, or with deletions removes what was to be deleted; or move it yourself")
    }

    /// What it means that an object which was listed is not there.
    var asVanished: OSSError {
        guard code == .notFound, serviceError?.code == "NoSuchKey" else { return self }
        var error = self
        error.code = .vanished
        return error
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "; check its permissions"
        case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n) or lower the concurrency"
        case ENOSPC, EDQUOT: "; free some space and run it again"
        default: ""
        }
    }
}
