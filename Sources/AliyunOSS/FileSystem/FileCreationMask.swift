import Foundation

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
