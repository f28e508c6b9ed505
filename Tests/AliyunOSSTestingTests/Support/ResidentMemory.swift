import Foundation

/// How much memory this process uses. Tests run side by side, so a bound on it must leave them room.
enum ResidentMemory {
    /// In bytes; `nil` where the system does not say it in a file.
    static var bytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
