/// The versions of one key, delete markers among them. There is always at least one.
///
/// Nearly every key has just one, for which this is a reference and an empty array that costs nothing.
struct VersionChain {
    private(set) var newest: MockObject
    /// From the oldest on, so that a write appends.
    private var older: [MockObject] = []

    init(_ object: MockObject) {
        newest = object
    }

    /// What a request without a version id sees; `nil` when that is a delete marker.
    var current: MockObject? { newest.isDeleteMarker ? nil : newest }

    var count: Int { older.count + 1 }

    subscript(id: String) -> MockObject? {
        newest.versionID == id ? newest : older.first { $0.versionID == id }
    }

    /// A version by age: 0 is the newest.
    func version(at age: Int) -> MockObject {
        age == 0 ? newest : older[older.count - age]
    }

    /// Puts a version on top. A null version takes the place of the one before it, which is returned.
    mutating func push(_ object: MockObject) -> MockObject? {
        guard object.isNullVersion else {
            older.append(newest)
            newest = object
            return nil
        }
        if newest.isNullVersion {
            defer { newest = object }
            return newest
        }
        let replaced = older.firstIndex(where: \.isNullVersion).map { older.remove(at: $0) }
        older.append(newest)
        newest = object
        return replaced
    }

    /// Puts a version in the place of one with the same id.
    mutating func replace(with object: MockObject) {
        if newest.versionID == object.versionID {
            newest = object
        } else if let index = older.firstIndex(where: { $0.versionID == object.versionID }) {
            older[index] = object
        }
    }

    /// Removes an older version, or the newest when there is an older one to follow it. Returns whether it could.
    mutating func remove(_ object: MockObject) -> Bool {
        if object === newest {
            guard let next = older.popLast() else { return false }
            newest = next
            return true
        }
        older.removeAll { $0 === object }
        return true
    }
}
