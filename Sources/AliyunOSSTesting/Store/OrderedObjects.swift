import Foundation

/// An index of objects and their versions, sorted by key in byte order.
///
/// The index consists of chunks of several hundred entries. A lookup is two binary searches, an insertion moves the end
/// of one chunk, and a listing can start anywhere. Keys are bytes because `String` treats the NFC and NFD forms of `é`
/// as equal.
struct OrderedObjects {
    struct Entry {
        let key: [UInt8]
        fileprivate(set) var versions: VersionChain

        /// Newest version, which may be a delete marker.
        var object: MockObject { versions.newest }
    }

    struct Position: Equatable {
        fileprivate var chunk: Int
        fileprivate var offset: Int
    }

    private static let chunkLimit = 512
    private var chunks: [[Entry]] = []
    /// Number of keys that have a current object.
    private(set) var count = 0

    /// Whether the index contains no versions and no delete markers.
    var isEmpty: Bool { chunks.isEmpty }

    /// Returns the newest version of a key, or `nil` if the key has no versions. The newest version may be a delete
    /// marker.
    subscript(key: [UInt8]) -> MockObject? {
        versions(of: key)?.newest
    }

    func versions(of key: [UInt8]) -> VersionChain? {
        let position = lowerBound(key)
        guard let entry = entry(at: position), entry.key == key else { return nil }
        return entry.versions
    }

    /// Adds a version as the newest version of a key, and returns the version that it replaces, or `nil` if it replaces
    /// none. A version with the ID `null` replaces the key's previous version with that ID.
    @discardableResult
    mutating func insert(_ object: MockObject, for key: [UInt8]) -> MockObject? {
        let entry = Entry(key: key, versions: VersionChain(object))
        guard !chunks.isEmpty else {
            chunks.append([entry])
            count = object.isDeleteMarker ? 0 : 1
            return nil
        }
        var position = lowerBound(key)
        if holds(key, at: position) {
            count += (object.isDeleteMarker ? 0 : 1) - (self.entry(at: position)?.versions.current == nil ? 0 : 1)
            return chunks[position.chunk][position.offset].versions.push(object)
        }
        if position.chunk == chunks.count {
            position = Position(chunk: chunks.count - 1, offset: chunks.last?.count ?? 0)
        }
        chunks[position.chunk].insert(entry, at: position.offset)
        count += object.isDeleteMarker ? 0 : 1
        let length = chunks[position.chunk].count
        if length > Self.chunkLimit {
            // Keys often arrive in order; the last chunk then stays nearly full instead of half empty.
            let isAppending = position.chunk == chunks.count - 1 && position.offset == length - 1
            let middle = isAppending ? length - 1 : length / 2
            let tail = Array(chunks[position.chunk][middle...])
            chunks[position.chunk].removeSubrange(middle...)
            chunks.insert(tail, at: position.chunk + 1)
        }
        return nil
    }

    /// Replaces the version that has the same ID as the given object.
    mutating func replace(with object: MockObject, for key: [UInt8]) {
        let position = lowerBound(key)
        guard holds(key, at: position) else { return }
        chunks[position.chunk][position.offset].versions.replace(with: object)
    }

    /// Removes and returns the version with the given ID, or the newest version if the ID is `nil`.
    @discardableResult
    mutating func remove(_ key: [UInt8], version: String? = nil) -> MockObject? {
        let position = lowerBound(key)
        guard var versions = entry(at: position).flatMap({ $0.key == key ? $0.versions : nil }),
            let object = version.map({ versions[$0] }) ?? versions.newest
        else { return nil }
        if versions.current != nil { count -= 1 }
        if versions.remove(object) {
            if versions.current != nil { count += 1 }
            chunks[position.chunk][position.offset].versions = versions
            return object
        }
        chunks[position.chunk].remove(at: position.offset)
        if chunks[position.chunk].isEmpty { chunks.remove(at: position.chunk) }
        return object
    }

    /// Returns the position of the first key that is not less than the bound.
    func lowerBound(_ bound: [UInt8]) -> Position {
        let chunk = partition(chunks.count) { index in
            chunks[index].last.map { precedes($0.key, bound) } ?? true
        }
        guard chunk < chunks.count else { return Position(chunk: chunk, offset: 0) }
        let offset = chunks[chunk].withUnsafeBufferPointer { entries in
            partition(entries.count) { precedes(entries[$0].key, bound) }
        }
        return Position(chunk: chunk, offset: offset)
    }

    func entry(at position: Position) -> Entry? {
        guard position.chunk < chunks.count, position.offset < chunks[position.chunk].count else { return nil }
        return chunks[position.chunk][position.offset]
    }

    private func holds(_ key: [UInt8], at position: Position) -> Bool {
        position.chunk < chunks.count && position.offset < chunks[position.chunk].count
            && chunks[position.chunk][position.offset].key == key
    }

    func position(after position: Position) -> Position {
        position.offset + 1 < chunks[position.chunk].count
            ? Position(chunk: position.chunk, offset: position.offset + 1)
            : Position(chunk: position.chunk + 1, offset: 0)
    }

    /// Keys that have a current object, in byte order.
    var keys: [[UInt8]] { chunks.flatMap { $0.filter { $0.versions.current != nil }.map(\.key) } }

    /// Calls a closure with every version and delete marker.
    func forEachVersion(_ body: (MockObject) -> Void) {
        for chunk in chunks {
            for entry in chunk {
                for age in 0..<entry.versions.count { body(entry.versions.version(at: age)) }
            }
        }
    }

    /// Returns the first index for which the predicate is false.
    private func partition(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Returns whether one key precedes another in byte order.
func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            let length = min(left.count, right.count)
            guard length > 0, let first = left.baseAddress, let second = right.baseAddress else {
                return left.count < right.count
            }
            let order = memcmp(first, second, length)
            return order == 0 ? left.count < right.count : order < 0
        }
    }
}
