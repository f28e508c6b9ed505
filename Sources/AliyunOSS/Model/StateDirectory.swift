import Foundation

/// The directory that stores the state needed to resume transfers after an interruption. It contains no secrets, and
/// only the user can read it.
public enum StateDirectory: Sendable, Hashable {
    /// The user's state directory. This is `$XDG_STATE_HOME/aliyun-oss`, otherwise `~/.local/state/aliyun-oss`, or on
    /// Apple platforms `~/Library/Application Support/aliyun-oss`. The home directory is `$HOME` if it is an absolute
    /// path, otherwise the directory of the account. If the directory cannot be used, transfers store no state, and the
    /// report of a folder transfer contains a warning (``TransferReport/warnings``).
    case standard
    /// A custom directory, created if necessary. If the directory cannot be used, a transfer that needs it fails with
    /// ``OSSError/Code/fileSystem`` before it transfers anything.
    case path(String)
    /// No directory. An interrupted transfer starts over.
    case none

    /// Path of the directory; `nil` if no state is stored.
    public var path: String? { path(environment: ProcessInfo.processInfo.environment) }

    func path(environment: [String: String]) -> String? {
        switch self {
        case .none: return nil
        case .path(let path): return path
        case .standard:
            let home = ProcessInfo.homeDirectory(environment: environment)
            #if canImport(Darwin)
                return home + "/Library/Application Support/aliyun-oss"
            #else
                // The XDG specification requires that relative paths be ignored.
                if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/aliyun-oss" }
                return home + "/.local/state/aliyun-oss"
            #endif
        }
    }
}

extension ProcessInfo {
    /// Returns the user's home directory.
    ///
    /// `NSHomeDirectory` on Linux reads `HOME` only if the account has no entry in passwd. A program with a different
    /// home directory, as in a container or under `sudo`, would use the directory of the account.
    static func homeDirectory(environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        if let home = environment["HOME"], home.hasPrefix("/") { return home }
        return NSHomeDirectory()
    }
}
