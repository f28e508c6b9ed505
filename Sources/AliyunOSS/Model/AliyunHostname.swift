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
