import Foundation

/// What was given to an option.
struct OptionValue {
    var option: String
    var text: String

    func number(in range: ClosedRange<Int>) throws(Options.Problem) -> Int {
        guard let number = Int(text), range.contains(number) else {
            let wanted =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound) on"
                : "a number from \(range.lowerBound) to \(range.upperBound)"
            throw problem("needs \(wanted)")
        }
        return number
    }

    /// A number of bytes, perhaps with K, M, G or T for a power of 1024.
    func size() throws(Options.Problem) -> Int {
        let shift = text.last.flatMap { ["K": 10, "M": 20, "G": 30, "T": 40][$0.uppercased()] }
        guard let number = Int(shift == nil ? text : String(text.dropLast())), number >= 0,
            number <= Int.max >> (shift ?? 0)
        else { throw problem("needs a number of bytes, such as 65536 or 64M") }
        return number << (shift ?? 0)
    }

    /// The name of a host, in lower case.
    func host() throws(Options.Problem) -> String {
        guard Self.isHost(text) else { throw problem("needs the name of a host, without http:// and a port") }
        return text.lowercased()
    }

    /// `HOST=BUCKET`.
    func mapping() throws(Options.Problem) -> (host: String, bucket: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, Self.isHost(parts[0]), !parts[1].isEmpty else {
            throw problem("needs HOST=BUCKET, the host without http:// and a port")
        }
        return (parts[0].lowercased(), parts[1])
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }

    private func problem(_ need: String) -> Options.Problem {
        Options.Problem(description: "\(option) \(need), not '\(text)'")
    }
}
