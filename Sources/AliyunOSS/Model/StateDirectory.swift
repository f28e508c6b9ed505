import Foundation

/// Where transfers keep what they need in order to go on after an interruption: which upload it was, which pieces have
/// come. It never holds a secret, and nobody but the user can read it.
public enum StateDirectory: Sendable, Hashable {
    /// The user's own: `$XDG_STATE_HOME/aliyun-oss`, else `~/.local/state/aliyun-oss`; on Apple's systems
    /// `~/Library/Application Support/aliyun-oss`. The home directory is `$HOME` when that is an absolute path, else the
    /// account's. When this directory cannot be used, transfers do without state, and the report of a folder transfer has a
    /// warning (``TransferReport/warnings``).
    case standard
    /// A directory of one's own choice, created when it does not exist. When it cannot be used, a transfer that needs it fails
    /// with ``OSSError/Code/fileSystem`` before it transfers anything.
    case path(String)
    /// Nothing is kept: a transfer that was interrupted begins anew.
    case none

    /// The path of the folder; `nil` when nothing is to be kept.
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
                // The specification of these folders: a path that is not absolute is to be ignored.
                if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/aliyun-oss" }
                return home + "/.local/state/aliyun-oss"
            #endif
        }
    }
}

extension ProcessInfo {
    /// The user's home directory.
    ///
    /// `NSHomeDirectory` on Linux looks at `HOME` only when the account has no entry in passwd, so that a program which was
    /// given another home, as in a container or under `sudo`, would read and write in the account's.
    static func homeDirectory(environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        if let home = environment["HOME"], home.hasPrefix("/") { return home }
        return NSHomeDirectory()
    }
}
