import Foundation
import OSSPrimitives

// Checks that a document's shape cannot express.

enum LifecycleRules {
    static let maximumCount = 1000

    static func complete(
        _ tree: inout XMLTree, _ service: Service, _ request: ServiceRequest
    ) throws(ServiceError) {
        var names: Set<String> = []
        guard tree.children.count <= maximumCount else { throw .malformedXML }
        for index in tree.children.indices where tree.children[index].name == "Rule" {
            try check(tree.children[index])
            if tree.children[index].text("ID") ?? "" == "" {
                tree.children[index].set("ID", UUID().uuidString.lowercased(), at: 0)
            }
            if tree.children[index]["Prefix"] == nil { tree.children[index].set("Prefix", "", at: 1) }
            guard names.insert(tree.children[index].text("ID") ?? "").inserted else {
                throw .invalidArgument(
                    "Rule ID must be unique. Found same ID for more than one rule.", name: "ID",
                    value: tree.children[index].text("ID") ?? "")
            }
        }
    }

    private static func check(_ rule: XMLTree) throws(ServiceError) {
        let actions = rule.children.filter {
            ["Expiration", "Transition", "AbortMultipartUpload"].contains($0.name)
        }
        for action in actions {
            // An action specifies its time in exactly one way.
            let times = action.children.filter {
                ["Days", "CreatedBeforeDate", "Date", "ExpiredObjectDeleteMarker"].contains($0.name)
            }
            guard times.count == 1 else { throw .malformedXML }
            for time in times where time.name.hasSuffix("Date") && ISO8601.date(from: time.text) == nil {
                throw .malformedXML
            }
            if let days = action.text("Days").flatMap(Int.init), days < (action.name == "Transition" ? 0 : 1) {
                throw .invalidArgument("'Days' for \(action.name) must be positive.", name: "Days", value: "\(days)")
            }
        }
        let allowsSmallFiles = rule.children.contains { $0.text("AllowSmallFile") != nil }
        let hasSize = rule["Filter"].map { $0["ObjectSizeGreaterThan"] != nil || $0["ObjectSizeLessThan"] != nil }
        if allowsSmallFiles, hasSize == true {
            throw .invalidArgument(
                "AllowSmallFile cannot be combined with a size filter.", name: "AllowSmallFile", value: "true")
        }
        try LifecycleOrder.check(rule)
        // The number and length of tags are not checked, as in the service: such a rule matches no object.
        for tag in rule.all("Tag") {
            let key = tag.text("Key") ?? ""
            guard TagSet.isAllowed(key) else { throw .invalidTaggingKey(key) }
            guard TagSet.isAllowed(tag.text("Value") ?? "") else { throw .invalidTag }
        }
    }
}

enum WebsiteRules {
    /// Copies `MirrorPassQueryString` to `PassQueryString`. `MirrorPassQueryString` takes precedence, and responses
    /// contain its value in both elements.
    static func complete(
        _ tree: inout XMLTree, _ service: Service, _ request: ServiceRequest
    ) throws(ServiceError) {
        tree.change("RoutingRules") { rules in
            for index in rules.children.indices {
                rules.children[index].change("Redirect") { redirect in
                    guard redirect.text("RedirectType") == "Mirror",
                        let passes = redirect.text("MirrorPassQueryString")
                    else { return }
                    redirect.set("PassQueryString", passes, at: 1)
                }
            }
        }
    }
}

enum EncryptionRule {
    static func check(_ tree: inout XMLTree, _ service: Service, _ request: ServiceRequest) throws(ServiceError) {
        let algorithm = tree.text("ApplyServerSideEncryptionByDefault", "SSEAlgorithm") ?? ""
        try Encryption.check(algorithm: algorithm)
        // Responses return these values in headers.
        for name in ["KMSMasterKeyID", "KMSDataEncryption"] {
            let text = tree.text("ApplyServerSideEncryptionByDefault", name) ?? ""
            guard HeaderText.isValid(text) else {
                throw .invalidArgument("\(name) must not contain control characters.", name: name, value: text)
            }
        }
        guard algorithm != "KMS" else { return }
        if let key = tree.text("ApplyServerSideEncryptionByDefault", "KMSMasterKeyID"), !key.isEmpty {
            throw .invalidArgument(
                "KMSMasterKeyID is not applicable if the algorithm is not KMS.", name: "KMSMasterKeyID", value: key)
        }
        // The service accepts empty key IDs and data algorithms and does not store them.
        for index in tree.children.indices {
            tree.children[index].children.removeAll { $0.name.hasPrefix("KMS") }
        }
    }
}

enum BucketTags {
    static let maximumCount = 20

    static func check(_ tree: inout XMLTree, _ service: Service, _ request: ServiceRequest) throws(ServiceError) {
        let tags = tree["TagSet"]?.all("Tag") ?? []
        let keys = tags.map { $0.text("Key") ?? "" }
        guard tags.count <= maximumCount else {
            throw ServiceError(
                status: 400, code: "TooManyTags", message: "The number of tags is more than \(maximumCount).",
                ec: "0016-00000602")
        }
        guard keys.allSatisfy({ (1...128).contains($0.utf8.count) }) else {
            throw ServiceError(
                status: 400, code: "InvalidTaggingKey", message: "The key of a tag is not valid.",
                ec: "0016-00000603")
        }
        guard tags.allSatisfy({ ($0.text("Value") ?? "").utf8.count <= 256 }) else {
            throw ServiceError(
                status: 400, code: "InvalidTag", message: "The tag you provided is invalid.", ec: "0016-00000601")
        }
        guard Set(keys).count == keys.count else {
            throw ServiceError(
                status: 400, code: "RepeatedTags", message: "Two tags have the same key.", ec: "0016-00000604")
        }
    }

    /// Returns the document without the named tags, or `nil` if no tags remain.
    static func removing(_ names: [String], from document: Data) -> Data? {
        guard var tree = try? XMLReader.read(document), var set = tree["TagSet"] else { return nil }
        set.children.removeAll { names.contains($0.text("Key") ?? "") }
        tree.children = [set]
        return set.children.isEmpty ? nil : tree.document
    }

    static func dictionary(_ document: Data?) -> [String: String] {
        let tags = document.flatMap { try? XMLReader.read($0) }?["TagSet"]?.all("Tag") ?? []
        return Dictionary(tags.map { ($0.text("Key") ?? "", $0.text("Value") ?? "") }) { first, _ in first }
    }
}

enum ResourceGroup {
    /// Replaces an empty resource group ID with the ID of the default resource group. Any ID that consists of `rg-`
    /// followed by letters and digits is accepted.
    static func complete(_ tree: inout XMLTree) throws(ServiceError) {
        let id = tree.text("ResourceGroupId") ?? ""
        let digits = id.dropFirst(3)
        guard id.isEmpty || id.hasPrefix("rg-") && !digits.isEmpty && digits.allSatisfy({ $0.isLetter || $0.isNumber })
        else {
            throw ServiceError(
                status: 400, code: "ResourceGroupIdPreCheckError",
                message: "The resource group id precheck error", ec: "0039-00000003")
        }
        tree.set("ResourceGroupId", id.isEmpty ? Service.defaultResourceGroup : id)
    }
}

enum ImageStyle {
    static func complete(
        _ tree: inout XMLTree, _ service: Service, _ request: ServiceRequest
    ) throws(ServiceError) {
        let name = request.query["styleName"] ?? ""
        guard (1...63).contains(name.utf8.count) else {
            throw .invalidArgument("The style's name is invalid.", name: "styleName", value: name)
        }
        let old = try service.bucket(request).properties.documents["style/\(name)"]
        let created = old.flatMap { try? XMLReader.read($0) }?.text("CreateTime")
        let now = HTTPDate.string(from: request.now)
        tree.children = [
            XMLTree(name: "Name", text: name), XMLTree(name: "Content", text: tree.text("Content") ?? ""),
            XMLTree(name: "Category", text: request.query["category"] ?? "image"),
            XMLTree(name: "CreateTime", text: created ?? now), XMLTree(name: "LastModifyTime", text: now),
        ]
    }
}

/// The required order of lifecycle actions. Each transition leads to a colder class than the one before, and the
/// expiration comes last.
enum LifecycleOrder {
    private static let classes = ["IA", "Archive", "ColdArchive", "DeepColdArchive"]

    static func check(_ rule: XMLTree) throws(ServiceError) {
        let actions = rule.children.filter { $0.name == "Expiration" || $0.name == "Transition" }
        let hasDays = actions.contains { $0["Days"] != nil }
        if hasDays, actions.contains(where: { $0["CreatedBeforeDate"] != nil || $0["Date"] != nil }) {
            throw ServiceError(
                status: 400, code: "InvalidRequest",
                message: "Found mixed 'Date' and 'Days' based Expiration and Transition actions.", ec: "0031-00000013")
        }
        try check(rule.all("Transition"), "Days", before: rule["Expiration"])
        try check(
            rule.all("NoncurrentVersionTransition"), "NoncurrentDays", before: rule["NoncurrentVersionExpiration"])
    }

    private static func check(
        _ transitions: [XMLTree], _ unit: String, before expiration: XMLTree?
    ) throws(ServiceError) {
        var times: [(rank: Int, days: Int)] = []
        for transition in transitions {
            let name = transition.text("StorageClass") ?? ""
            guard let rank = classes.firstIndex(of: name) else {
                throw .invalidArgument(
                    "Objects cannot transition to this storage class.", name: "StorageClass", value: name)
            }
            if let days = transition.text(unit).flatMap(Int.init) { times.append((rank, days)) }
        }
        times.sort { $0.rank < $1.rank }
        for (earlier, later) in zip(times, times.dropFirst()) where earlier.days >= later.days {
            throw .invalidArgument(
                "The transition to a colder class must come later.", name: unit, value: String(later.days))
        }
        if let end = expiration?.text(unit).flatMap(Int.init), let last = times.last, last.days >= end {
            throw .invalidArgument("The expiration must come after the transitions.", name: unit, value: String(end))
        }
    }
}

// Normalizes the order and repetition of elements as the service does.

enum TLSVersions {
    /// Removes duplicate TLS versions.
    ///
    /// - Throws: `MalformedXML` if TLS versions are enforced but none is named.
    static func complete(_ tree: inout XMLTree) throws(ServiceError) {
        guard let index = tree.children.firstIndex(where: { $0.name == "TLS" }) else { return }
        var versions: Set<String> = []
        tree.children[index].children.removeAll { $0.name == "TLSVersion" && !versions.insert($0.text).inserted }
        guard tree.text("TLS", "Enable") != "true" || !versions.isEmpty else { throw .malformedXML }
    }
}

enum InventoryFilter {
    /// Sorts the storage classes in an inventory filter.
    static func complete(_ tree: inout XMLTree) {
        guard let index = tree.children.firstIndex(where: { $0.name == "Filter" }),
            let classes = tree.children[index].text("StorageClass"), classes.contains(",")
        else { return }
        tree.children[index].set("StorageClass", classes.split(separator: ",").sorted().joined(separator: ","))
    }
}

/// A bucket policy in JSON.
enum BucketPolicy {
    static func check(_ body: Data) throws(ServiceError) {
        guard let policy = JSONValue(body)?.members, policy["Version"] == .text("1"),
            let statements = policy["Statement"]?.elements, !statements.isEmpty,
            statements.allSatisfy({ ["Allow", "Deny"].contains($0.members?["Effect"]?.string) })
        else {
            throw ServiceError(
                status: 400, code: "InvalidPolicyDocument", message: "The policy is not in the valid JSON format.",
                ec: "0033-00000001")
        }
    }

    /// Returns whether the policy unconditionally grants any permission to everyone.
    static func isPublic(_ body: Data) -> Bool {
        let statements = JSONValue(body)?.members?["Statement"]?.elements ?? []
        return statements.contains { statement in
            guard let members = statement.members, members["Effect"] == .text("Allow"), members["Condition"] == nil
            else { return false }
            // A statement without a principal applies to everyone.
            guard let principal = members["Principal"] else { return true }
            return principal == .text("*") || principal.elements?.contains(.text("*")) ?? false
        }
    }
}
