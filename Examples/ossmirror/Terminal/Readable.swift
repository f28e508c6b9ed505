import Foundation

/// Numbers and times as people read them.
enum Readable {
    /// A number of bytes with a unit of powers of 1024: `512 B`, `3.4 GiB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// `1 file`, `2 files`.
    static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

    /// `12.3 s`.
    static func seconds(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }

    /// A time in UTC to the second: `2026-11-23T14:05:00Z`.
    static func time(_ date: Date) -> String {
        date.formatted(.iso8601)
    }
}
