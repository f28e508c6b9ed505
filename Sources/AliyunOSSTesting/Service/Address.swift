import Foundation

/// The bucket and the key that a request addresses, in any of the three addressing styles.
struct Address: Equatable {
    var bucket: String?
    var key: String?
    /// Whether the path contains the bucket name.
    var isPathStyle: Bool
}

extension Address {
    struct Rules {
        var suffixes: [String]
        var cnames: [String: String]
        var isBucket: (String) -> Bool
    }

    /// Parses an address, or returns `nil` if the path is not valid percent-encoded UTF-8.
    ///
    /// The path is decoded once and never normalized: `//`, `.`, `..` and a trailing `/` are parts of keys.
    init?(host: String, path: [UInt8], rules: Rules) {
        let afterSlash = path.first == UInt8(ascii: "/") ? path.dropFirst() : path[...]
        if let bucket = Self.bucket(of: host, rules) {
            guard let key = percentDecoded(afterSlash) else { return nil }
            self.init(bucket: bucket, key: key.utf8.isEmpty ? nil : key, isPathStyle: false)
            return
        }
        // SDKs may encode every slash in the key, but never the slash after the bucket name.
        let slash = afterSlash.firstIndex(of: UInt8(ascii: "/")) ?? afterSlash.endIndex
        guard let bucket = percentDecoded(afterSlash[..<slash]),
            let key = percentDecoded(afterSlash[slash...].dropFirst())
        else { return nil }
        self.init(
            bucket: bucket.utf8.isEmpty ? nil : bucket, key: key.utf8.isEmpty ? nil : key, isPathStyle: true)
    }

    private static func bucket(of host: String, _ rules: Rules) -> String? {
        if let bucket = rules.cnames[host] { return bucket }
        if host.hasPrefix("[") || isIPv4(host) || rules.suffixes.contains(host) { return nil }
        guard let dot = host.firstIndex(of: ".") else { return nil }
        let label = String(host[..<dot])
        let isHosted = rules.suffixes.contains(String(host[host.index(after: dot)...]))
        return isHosted || rules.isBucket(label) ? label : nil
    }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Returns whether a name consists of 3–63 lowercase letters, digits and hyphens, and neither starts nor ends with
    /// a hyphen.
    static func isValidBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return (3...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
            && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
