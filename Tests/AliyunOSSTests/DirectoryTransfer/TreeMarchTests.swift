import Testing

@testable import AliyunOSS

@Suite("Merging two sides")
struct TreeMarchTests {
    private func march(_ local: [LocalTree.Element], _ remote: [String]) async throws -> [String] {
        let tree = RemoteTree(listing: .of(remote), prefix: "")
        var found: [String] = []
        for try await difference in TreeMarch(source: Elements(local), destination: tree) {
            found.append(difference.mark)
        }
        return found
    }

    private func march(names local: [String], _ remote: [String]) async throws -> [String] {
        try await march(local.map { .entry(.named($0)) }, remote)
    }

    @Test("Entries on one side and on both are returned in the order of their keys")
    func differences() async throws {
        #expect(try await march(names: ["a", "b", "d"], ["b", "c", "d", "e"]) == ["<a", "=b", ">c", "=d", ">e"])
        #expect(try await march(names: [], ["a"]) == [">a"])
        #expect(try await march(names: ["a"], []) == ["<a"])
        #expect(try await march(names: [], []).isEmpty)
    }

    @Test("Keys are compared as bytes, so two Unicode spellings of a letter are two keys")
    func spellings() async throws {
        #expect(try await march(names: ["e\u{301}"], ["\u{E9}"]) == ["<e\u{301}", ">\u{E9}"])
        #expect(try await march(names: ["\u{FFFF}"], ["\u{10000}"]) == ["<\u{FFFF}", ">\u{10000}"])
    }

    @Test("Random sets are divided like set operations divide them", arguments: 0..<50)
    func random(seed: Int) async throws {
        var generator = SplitMix(seed: UInt64(seed))
        let alphabet = ["a", "b", "/", "!", "0", "é", "🗂", "."]
        func keys() -> Set<ObjectKey> {
            Set(
                (0..<40).map { _ in
                    let letters = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                        alphabet.randomElement(using: &generator) ?? "a"
                    }
                    return ObjectKey(unchecked: letters.joined())
                })
        }
        let (local, remote) = (keys(), keys())
        let expected = local.union(remote).sorted().map { key in
            (local.contains(key) ? remote.contains(key) ? "=" : "<" : ">") + key.rawValue
        }
        #expect(try await march(names: local.sorted().map(\.rawValue), remote.sorted().map(\.rawValue)) == expected)
    }

    @Test("An unreadable entry is passed on and takes no part in the comparison")
    func asides() async throws {
        let path = try RelativePath("x".utf8)
        let local: [LocalTree.Element] = [
            .unusable(path, OSSError(.fileSystem, "no")), .entry(.named("a")),
            .unusable(path, OSSError(.fileSystem, "no")), .unusable(path, OSSError(.fileSystem, "no")),
            .entry(.named("b")), .unusable(path, OSSError(.fileSystem, "no")),
        ]
        #expect(
            try await march(local, ["b", "c"]) == [
                "!fileSystem", "<a", "!fileSystem", "!fileSystem", "=b", "!fileSystem", ">c",
            ])
    }

    @Test("A folder counts as inhabited only if the other side has something below it")
    func inhabited() async throws {
        func marks(_ local: [String], _ remote: [String]) async throws -> [String] {
            let tree = RemoteTree(listing: .of(remote, size: 0), prefix: "")
            var marks: [String] = []
            let march = TreeMarch(
                source: Elements(local.map { TreeElement.entry(LocalEntry.named($0)) }), destination: tree)
            for try await difference in march {
                if case .destinationOnly(let object, true) = difference { marks.append(object.key.rawValue) }
            }
            return marks
        }
        #expect(try await marks(["a/b", "c"], ["a/", "b/", "c/"]) == ["a/"])
        #expect(try await marks(["a.txt", "a0/b"], ["a/"]) == [])
    }

    @Test("A listing that is out of order throws an error")
    func remoteDisorder() async {
        await #expect { try await march(names: [], ["b", "a"]) } throws: { ($0 as? OSSError)?.code == .invalidResponse }
    }

    @Test("A key that is listed twice in a row counts once")
    func duplicates() async throws {
        #expect(try await march(names: ["a"], ["a", "a", "b", "b"]) == ["=a", ">b"])
    }

    @Test("A listed key outside the prefix throws an error")
    func foreignKey() async {
        let tree = RemoteTree(listing: .of(["photos/a", "photos2/b"]), prefix: "photos/")
        await #expect {
            for try await _ in tree {}
        } throws: {
            ($0 as? OSSError)?.code == .invalidResponse
        }
    }
}

extension TreeDifference {
    fileprivate var mark: String {
        switch self {
        case .sourceOnly(let entry, _): "<\(entry.key)"
        case .destinationOnly(let entry, _): ">\(entry.key)"
        case .both(let entry, _): "=\(entry.key)"
        case .unusableSource(_, let error), .unusableDestination(_, let error): "!\(error.code)"
        }
    }
}

extension LocalEntry {
    static func named(_ name: String) -> LocalEntry {
        LocalEntry(
            key: ObjectKey(unchecked: name), path: RelativePath.path(of: Array(name.utf8), in: nil),
            content: .emptyFolder)
    }
}

extension RemoteListing {
    static func of(_ keys: [String], size: Int64 = 1) -> RemoteListing {
        RemoteListing {
            var keys = keys[...]
            return {
                keys.popFirst().map {
                    RemoteEntry(key: ObjectKey(unchecked: $0), size: size, eTag: "", type: "Normal")
                }
            }
        }
    }
}

/// Returns an array as an asynchronous sequence.
struct Elements<Element: Sendable>: AsyncSequence {
    let elements: [Element]

    init(_ elements: [Element]) { self.elements = elements }

    func makeAsyncIterator() -> Iterator { Iterator(elements: elements[...]) }

    struct Iterator: AsyncIteratorProtocol {
        var elements: ArraySlice<Element>

        mutating func next() async -> Element? { elements.popFirst() }
    }
}
