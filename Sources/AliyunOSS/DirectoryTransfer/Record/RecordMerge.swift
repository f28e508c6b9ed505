/// Several streams of records in order of their keys as one. Of those with the same key, that of the last stream counts.
struct RecordMerge {
    private var sources: [() -> FileRecord?]
    private var heads: [FileRecord?]

    /// - Parameter sources: The streams, the oldest first.
    init(_ sources: [() -> FileRecord?]) {
        self.sources = sources
        heads = sources.map { $0() }
    }

    /// The next record, without taking it.
    var first: ObjectKey? {
        var smallest: ObjectKey?
        for case let head? in heads where smallest.map({ head.key.compare(with: $0) < 0 }) ?? true {
            smallest = head.key
        }
        return smallest
    }

    /// Takes the next record.
    mutating func next() -> FileRecord? {
        if heads.count == 1 {
            defer { heads[0] = heads[0] == nil ? nil : sources[0]() }
            return heads[0]
        }
        guard let key = first else { return nil }
        var newest: FileRecord?
        for index in heads.indices where heads[index].map({ $0.key == key }) ?? false {
            newest = heads[index]
            heads[index] = sources[index]()
        }
        return newest
    }
}
