import OSSPrimitives

// What documents name several times or in any order, and the service once and in one order.

enum TLSVersions {
    /// - Throws: `MalformedXML` when versions are to be enforced and none is named.
    static func complete(_ tree: inout XMLTree) throws(ServiceError) {
        guard let index = tree.children.firstIndex(where: { $0.name == "TLS" }) else { return }
        var versions: Set<String> = []
        tree.children[index].children.removeAll { $0.name == "TLSVersion" && !versions.insert($0.text).inserted }
        guard tree.text("TLS", "Enable") != "true" || !versions.isEmpty else { throw .malformedXML }
    }
}

enum InventoryFilter {
    /// The storage classes of a filter are a set, which is shown in order.
    static func complete(_ tree: inout XMLTree) {
        guard let index = tree.children.firstIndex(where: { $0.name == "Filter" }),
            let classes = tree.children[index].text("StorageClass"), classes.contains(",")
        else { return }
        tree.children[index].set("StorageClass", classes.split(separator: ",").sorted().joined(separator: ","))
    }
}
