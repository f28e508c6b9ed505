/// One page of a listing of versions: keys in byte order, the versions of each from the newest on, and groups of keys
/// as in ``ListingPage``.
struct VersionListingPage {
    struct Version {
        var key: [UInt8]
        var object: MockObject
        var isLatest: Bool
    }

    enum Item {
        case version(Version)
        case prefix([UInt8])
    }

    var items: [Item] = []
    /// The last version or common prefix, when there is more.
    var next: (key: [UInt8], version: String?)?

    /// Collects a page.
    ///
    /// - Parameters:
    ///   - marker: Only keys that sort after it are listed, and with a version marker the rest of its own versions.
    ///   - versionMarker: The last version of the marker's key that has been listed.
    init(
        _ objects: borrowing OrderedObjects, prefix: [UInt8], delimiter: [UInt8], marker: [UInt8],
        versionMarker: String?, limit: Int
    ) {
        var position = objects.lowerBound(precedes(prefix, marker) ? marker : prefix)
        var last: (key: [UInt8], version: String?) = ([], nil)
        while let entry = objects.entry(at: position), entry.key.starts(with: prefix) {
            if let group = ListingPage.group(entry.key, prefix.count, delimiter) {
                if precedes(marker, group) {
                    guard items.count < limit else {
                        next = last
                        return
                    }
                    items.append(.prefix(group))
                    last = (group, nil)
                }
                position = objects.lowerBound(group + [0xFF])
                continue
            }
            var age = 0
            if entry.key == marker {
                age = versionMarker.map { Self.firstAge(after: $0, in: entry.versions) } ?? entry.versions.count
            }
            while age < entry.versions.count {
                guard items.count < limit else {
                    next = last
                    return
                }
                let object = entry.versions.version(at: age)
                items.append(.version(Version(key: entry.key, object: object, isLatest: age == 0)))
                last = (entry.key, object.versionID)
                age += 1
            }
            position = objects.position(after: position)
        }
    }

    /// Where a listing goes on after a version, which may have been deleted since it was listed.
    private static func firstAge(after id: String, in versions: VersionChain) -> Int {
        let ages = 0..<versions.count
        if let age = ages.first(where: { versions.version(at: $0).versionID == id }) { return age + 1 }
        guard let sequence = VersionID.sequence(of: id) else { return 0 }
        return ages.first { versions.version(at: $0).attributes.sequence < sequence } ?? versions.count
    }
}
