import Foundation

/// Where transfers keep what they need in order to go on after an interruption: which upload it was, which pieces have
/// come. It never holds a secret, and nobody but the user can read it.
public enum StateDirectory: Sendable, Hashable {
    /// The user's own: `$XDG_STATE_HOME/aliyun-oss`, else `~/.local/state/aliyun-oss`; on Apple's systems
    /// `~/Library/Application Support/aliyun-oss`.
    case standard
    /// A folder of one's own choice, made when it does not exist.
    case path(String)
    /// Nothing is kept: a transfer that was interrupted begins anew.
    case none

    /// The path of the folder; `nil` when nothing is to be kept.
    public var path: String? {
        path(environment: ProcessInfo.processInfo.environment, home: NSHomeDirectory())
    }

    func path(environment: [String: String], home: String) -> String? {
        switch self {
        case .none: return nil
        case .path(let path): return path
        case .standard:
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
