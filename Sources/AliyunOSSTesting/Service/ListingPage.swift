/// One page of a listing: keys in byte order, those that share a prefix up to the delimiter rolled up into one.
struct ListingPage {
    enum Item {
        case object(OrderedObjects.Entry)
        case prefix([UInt8])
    }

    var items: [Item] = []
    /// The last key or common prefix, when there is more.
    var next: [UInt8]?
    /// Whether the answer says that there is more although it does not say where.
    private var hidesNext = false
    var isTruncated: Bool { next != nil || hidesNext }

    /// Collects a page; each step is a step in the index or a search in it, so a page costs the same in any bucket.
    ///
    /// - Parameter marker: Only what sorts after it is listed. A marker inside a group skips the rest of the group.
    init(_ objects: borrowing OrderedObjects, prefix: [UInt8], delimiter: [UInt8], marker: [UInt8], limit: Int) {
        var position = objects.lowerBound(precedes(prefix, marker) ? marker : prefix)
        var last: [UInt8] = []
        while let entry = objects.entry(at: position), entry.key.starts(with: prefix) {
            if entry.key == marker || entry.object.isDeleteMarker {
                position = objects.position(after: position)
                continue
            }
            if let group = Self.group(entry.key, prefix.count, delimiter) {
                if precedes(marker, group) {
                    guard items.count < limit else {
                        next = last
                        return
                    }
                    items.append(.prefix(group))
                    last = group
                }
                // No UTF-8 has the byte 0xFF: this is the end of the group.
                position = objects.lowerBound(group + [0xFF])
            } else {
                guard items.count < limit else {
                    next = last
                    return
                }
                items.append(.object(entry))
                last = entry.key
                position = objects.position(after: position)
            }
        }
    }

    /// The prefix of a key up to and including the first delimiter after a length.
    static func group(_ key: [UInt8], _ start: Int, _ delimiter: [UInt8]) -> [UInt8]? {
        guard let first = delimiter.first else { return nil }
        var index = start
        while index + delimiter.count <= key.count {
            if key[index] == first, key[index...].starts(with: delimiter) {
                return Array(key[..<(index + delimiter.count)])
            }
            index += 1
        }
        return nil
    }
}

extension ListingPage {
    /// Whether a fault would change the page.
    func canBe(_ fault: MockFault.ListingFault) -> Bool {
        switch fault {
        case .duplicated: return !items.isEmpty
        case .unsorted:
            // Objects and common prefixes are written apart.
            let objects = items.count { if case .object = $0 { true } else { false } }
            return objects > 1 || items.count - objects > 1
        case .endless, .withoutMarker: return true
        }
    }

    /// Makes the page wrong in the way a fault asks for.
    mutating func spoil(_ fault: MockFault.ListingFault) {
        switch fault {
        case .duplicated: if let first = items.first { items.insert(first, at: 0) }
        case .unsorted: items.reverse()
        case .endless: next = lastName
        case .withoutMarker:
            next = nil
            hidesNext = true
        }
    }

    private var lastName: [UInt8] {
        switch items.last {
        case .object(let entry)?: entry.key
        case .prefix(let prefix)?: prefix
        case nil: []
        }
    }
}
