import Foundation

/// Which bucket and key a request names, in the three styles of addressing.
struct Address: Equatable {
    var bucket: String?
    var key: String?
    /// Whether the bucket stands in the path.
    var isPathStyle: Bool
}

extension Address {
    struct Rules {
        var suffixes: [String]
        var cnames: [String: String]
        var isBucket: (String) -> Bool
    }

    /// Reads an address; `nil` when the path is not percent-encoded UTF-8.
    ///
    /// The path is decoded and nothing else: `//`, `.`, `..` and a trailing `/` are parts of keys.
    init?(host: String, path: [UInt8], rules: Rules) {
        let afterSlash = path.first == UInt8(ascii: "/") ? path.dropFirst() : path[...]
        if let bucket = Self.bucket(of: host, rules) {
            guard let key = percentDecoded(afterSlash) else { return nil }
            self.init(bucket: bucket, key: key.utf8.isEmpty ? nil : key, isPathStyle: false)
            return
        }
        // An SDK may encode every slash of the key, but the one after the bucket is always plain.
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

    /// Whether a bucket may be called so: 3–63 lower-case letters, digits and `-`, not at the ends.
    static func isValidBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return (3...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
            && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
