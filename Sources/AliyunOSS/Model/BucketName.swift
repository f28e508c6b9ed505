/// The rules for bucket names. A valid name cannot change the host or the path of a URL that contains it.
package enum BucketName {
    /// Validates a bucket name. It must have 3–63 lowercase letters, digits and hyphens, without a hyphen at either
    /// end.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that names the violated rule.
    package static func validate(_ name: String) throws(OSSError) {
        let bytes = name.utf8
        let problem: String
        if !(3...63).contains(bytes.count) {
            problem = "it must contain 3 to 63 characters (got \(bytes.count))"
        } else if !bytes.allSatisfy(isNameByte) {
            problem = "it may contain only lowercase letters, digits and hyphens"
        } else if bytes.first == UInt8(ascii: "-") || bytes.last == UInt8(ascii: "-") {
            problem = "it must not start or end with a hyphen"
        } else {
            return
        }
        throw OSSError(.invalidArgument, "'\(name)' is not a valid bucket name: \(problem)")
    }
}

/// The rules for region IDs, such as `cn-hangzhou`.
package enum RegionID {
    /// Validates the characters of a region ID. The ID is not compared with a list of regions, because new regions
    /// appear without notice.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` with an example of an ID.
    package static func validate(_ region: String) throws(OSSError) {
        guard !region.isEmpty, region.utf8.allSatisfy(isNameByte) else {
            throw OSSError(.invalidArgument, "'\(region)' is not a valid region ID; example: cn-hangzhou")
        }
        // The console shows `oss-cn-hangzhou`, with which every signature would be wrong without an explanation.
        if region.utf8.starts(with: "oss-".utf8) {
            throw OSSError(
                .invalidArgument, "'\(region)' is not a valid region ID; omit the 'oss-' prefix: \(region.dropFirst(4))"
            )
        }
    }
}

/// Returns whether a byte may be part of a region ID or a bucket name, that is, a lowercase letter, a digit or a
/// hyphen.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
}

/// The components of one of the service's host names.
struct AliyunHostname {
    /// Region to use in signatures; `nil` for acceleration hosts.
    var region: String?
    /// Product to use in signatures.
    var product = "oss"
    /// Text before the endpoint, such as a bucket name; `nil` if there is none. It is not part of an endpoint.
    var prefix: String?

    /// Parses a lowercase host name, or returns `nil` if the host does not belong to the service.
    init?(_ host: String) {
        let suffix = ".aliyuncs.com"
        guard host.utf8.count > suffix.utf8.count, host.hasSuffix(suffix) else { return nil }
        var labels = host.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.popLast() else { return nil }
        if last == "oss" {
            // Dual stack: region.oss.
            guard let label = labels.popLast() else { return nil }
            region = String(label)
        } else if last == "oss-cloudbox" {
            // A cloud box signs with its ID instead of the region: cb-id.region.oss-cloudbox.
            guard labels.popLast() != nil, let box = labels.popLast(), box.hasPrefix("cb-") else { return nil }
            region = String(box)
            product = "oss-cloudbox"
        } else if last == "oss-accelerate" || last == "oss-accelerate-overseas" {
            region = nil
        } else if last.hasPrefix("oss-"), last.count > 4 {
            let name = last.dropFirst(4)
            region = String(name.hasSuffix("-internal") ? name.dropLast(9) : name)
        } else {
            return nil
        }
        prefix = labels.isEmpty ? nil : labels.joined(separator: ".")
    }
}
