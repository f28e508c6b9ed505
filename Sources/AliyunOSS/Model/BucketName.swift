/// The rules for a bucket's name. They keep a name from changing the host or the path of the URL it is put into.
package enum BucketName {
    /// Checks a name: 3–63 lower-case letters, digits and hyphens, no hyphen at either end.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that says which rule is broken.
    package static func validate(_ name: String) throws(OSSError) {
        let bytes = name.utf8
        let problem: String
        if !(3...63).contains(bytes.count) {
            problem = "it has \(bytes.count) characters, and a name has 3 to 63"
        } else if !bytes.allSatisfy(isNameByte) {
            problem = "only lower-case letters, digits and hyphens may stand in it"
        } else if bytes.first == UInt8(ascii: "-") || bytes.last == UInt8(ascii: "-") {
            problem = "it must not begin or end with a hyphen"
        } else {
            return
        }
        throw OSSError(.invalidArgument, "'\(name)' cannot be the name of a bucket: \(problem)")
    }
}

/// The rules for a region id, such as `cn-hangzhou`.
package enum RegionID {
    /// Checks the characters only: new regions appear without notice, so there is no list.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that shows what a region looks like.
    package static func validate(_ region: String) throws(OSSError) {
        guard !region.isEmpty, region.utf8.allSatisfy(isNameByte) else {
            throw OSSError(.invalidArgument, "'\(region)' is not a region; a region looks like cn-hangzhou")
        }
        // The console shows `oss-cn-hangzhou`, with which every signature would be wrong and nobody would know why.
        if region.utf8.starts(with: "oss-".utf8) {
            throw OSSError(
                .invalidArgument, "'\(region)' is not a region; leave the 'oss-' out: \(region.dropFirst(4))")
        }
    }
}

/// Lower-case letters, digits and the hyphen: what regions and bucket names are made of.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
}

/// What the name of one of the service's own hosts tells.
struct AliyunHostname {
    /// The region to sign for; `nil` for acceleration hosts.
    var region: String?
    /// The product to sign for.
    var product = "oss"
    /// What stands before the endpoint: a bucket's name that does not belong there.
    var prefix: String?

    /// Reads a host in lower case; `nil` when it is not one of the service's own.
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
            // A cloud box signs with its own id in the region's place: cb-id.region.oss-cloudbox.
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
