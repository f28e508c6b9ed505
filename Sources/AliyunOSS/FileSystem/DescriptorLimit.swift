import Foundation

/// A process's limit on open file descriptors, and the number of descriptors that it has open.
///
/// The library measures the limit and stays below it. It does not raise the limit, which applies to the entire process
/// and is inherited by child processes. A program can raise its own before it creates a bucket, as `ossmirror` does.
struct DescriptorLimit: Sendable {
    /// Number of descriptors that a request in flight uses. They are for its connection, its file, a part of the next
    /// file, and directories while a file is opened and renamed.
    private static let perRequest = 4
    /// Number of descriptors that a downloaded file uses while it waits to be committed with others. They are for the
    /// file, its directory, and the compressed file, if any.
    private static let perWaitingFile = 3
    /// Number of descriptors reserved for temporary use by records, journals, the directory walk, and the network
    /// stack. libdispatch ends the process if no descriptor is left for its timers.
    private static let reserve = 24

    /// Maximum number of open descriptors; `nil` means no limit.
    var limit: Int?
    /// The number of open descriptors.
    var taken: Int

    /// Returns the number of requests that may be in flight, from 1 to `wanted`.
    func requests(wanted: Int) -> Int {
        guard let limit else { return wanted }
        return min(wanted, max(1, (limit - taken - Self.reserve) / Self.perRequest))
    }

    /// Returns the number of downloaded files that may wait, from 0 to `wanted`, in addition to requests in flight.
    func waitingFiles(wanted: Int, requests: Int) -> Int {
        guard let limit else { return wanted }
        let (used, isTooMany) = requests.multipliedReportingOverflow(by: Self.perRequest)
        guard !isTooMany, used < limit - taken - Self.reserve else { return 0 }
        return min(wanted, (limit - taken - Self.reserve - used) / Self.perWaitingFile)
    }

    /// This process's current limit and number of open descriptors.
    static var current: DescriptorLimit {
        let folder = FileManager.default.fileExists(atPath: "/proc/self/fd") ? "/proc/self/fd" : "/dev/fd"
        // One entry is the descriptor of the listing itself.
        let taken = (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 1
        return DescriptorLimit(limit: softLimit, taken: max(0, taken - 1))
    }

    /// Returns the number of requests that this process may have in flight, from 1 to `wanted`. Open descriptors are
    /// counted only near the limit.
    static func requests(wanted: Int) -> Int {
        guard let softLimit, wanted > softLimit / (4 * perRequest) else { return wanted }
        return current.requests(wanted: wanted)
    }

    /// Returns the number of downloaded files that may wait in this process, from 0 to `wanted`. Open descriptors are
    /// counted only near the limit.
    static func waitingFiles(wanted: Int, requests: Int) -> Int {
        guard let softLimit, max(wanted, requests) > softLimit / (8 * perRequest) else { return wanted }
        return current.waitingFiles(wanted: wanted, requests: requests)
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

/// The file creation mask (umask), which contains the permission bits that are cleared in new files.
enum FileCreationMask {
    /// This process's current mask.
    static var current: UInt32 {
        if let mask = fromProcessStatus() { return mask }
        // The mask can be read only by setting it. For that moment it is the strictest one, so that a file that another
        // thread creates gets too few permissions rather than too many.
        let mask = umask(0o777)
        umask(mask)
        return UInt32(mask)
    }

    /// Reads the mask from /proc on Linux, or returns `nil` if it is not available there.
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
