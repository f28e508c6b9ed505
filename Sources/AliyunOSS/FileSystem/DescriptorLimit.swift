import Foundation

/// The number of files and connections that this process may have open, and how many it has.
///
/// The library measures the limit and keeps below it; it does not raise it, because the limit is the whole process's and
/// is inherited by the programs that it starts. A program may raise its own before it makes its first bucket, as
/// `ossmirror` does.
struct DescriptorLimit: Sendable {
    /// A request in flight has a connection, the file it reads or writes, and, while those are opened and renamed, folders.
    private static let perRequest = 4
    /// For what is there only at times: records and journals, the walk through a folder, the network stack's own. Without
    /// one for its timers libdispatch ends the process.
    private static let reserve = 24

    /// The most that may be open; `nil` is no limit.
    var limit: Int?
    /// The number of open descriptors.
    var taken: Int

    /// The number of the wanted requests that may be in flight; at least one.
    func requests(wanted: Int) -> Int {
        guard let limit else { return wanted }
        return min(wanted, max(1, (limit - taken - Self.reserve) / Self.perRequest))
    }

    /// The limit of this process now.
    static var current: DescriptorLimit {
        let folder = FileManager.default.fileExists(atPath: "/proc/self/fd") ? "/proc/self/fd" : "/dev/fd"
        // One of them is that of the list itself.
        let taken = (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 1
        return DescriptorLimit(limit: softLimit, taken: max(0, taken - 1))
    }

    /// The number of the wanted requests that this process may have in flight. What is far from the limit is not counted.
    static func requests(wanted: Int) -> Int {
        guard let softLimit, wanted > softLimit / (4 * perRequest) else { return wanted }
        return current.requests(wanted: wanted)
    }

    private static var softLimit: Int? {
        var limits = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limits) == 0, limits.rlim_cur < 1 << 30 else { return nil }
        return Int(limits.rlim_cur)
    }
}

/// The permission bits that a new file does not get (the umask).
enum FileCreationMask {
    /// The mask of this process now.
    static var current: UInt32 {
        if let mask = fromProcessStatus() { return mask }
        // It can only be read by setting it. For that instant it is the strictest one, so that a file another thread
        // creates meanwhile gets too few permissions and never too many.
        let mask = umask(0o777)
        umask(mask)
        return UInt32(mask)
    }

    /// Linux tells it without touching it.
    private static func fromProcessStatus() -> UInt32? {
        guard let file = try? OpenFile.reading("/proc/self/status") else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        guard let count = try? bytes.withUnsafeMutableBytes({ buffer in try file.read(into: buffer, at: 0) }) else {
            return nil
        }
        for line in bytes.prefix(count).split(separator: UInt8(ascii: "\n")) where line.starts(with: "Umask:".utf8) {
            let digits = line.dropFirst(6).filter { (0x30...0x37).contains($0) }
            return UInt32(String(decoding: digits, as: UTF8.self), radix: 8)
        }
        return nil
    }
}
