import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Record of a folder transfer")
struct TransferRecordTests {
    private let scratch: ScratchDirectory
    private let identity = RecordIdentity(text: "http://h\nphotos\nprefix/\n/folder")

    init() throws { scratch = try ScratchDirectory() }

    private func open(_ file: String = "snapshot", _ identity: RecordIdentity? = nil) throws -> TransferRecord {
        try #require(try TransferRecord.open(identity ?? self.identity, at: .file(scratch[file])))
    }

    private func entry(_ key: String, size: Int64 = 1) -> FileRecord {
        FileRecord(
            key: ObjectKey(unchecked: key), size: size, modified: .init(seconds: 5, nanoseconds: 6),
            changed: .init(seconds: 8, nanoseconds: 9), inode: 7, remoteSize: size, eTag: "E\(size)")
    }

    /// Returns the entries that a run reads for the given keys.
    private func read(_ keys: [String], from file: String = "snapshot") throws -> [FileRecord?] {
        let record = try open(file)
        return keys.map { record.entry(for: ObjectKey(unchecked: $0)) }
    }

    @Test("Notes of a complete run are known in the next run, and no other files remain")
    func roundTrip() throws {
        let record = try open()
        for key in ["b", "a", "é/ü", "c"] { record.note(entry(key)) }
        record.finish(isComplete: true)
        #expect(scratch.names() == ["snapshot"])
        #expect(scratch.status("snapshot")?.permissions == 0o600)
        #expect(
            try read(["a", "aa", "b", "c", "d", "é/ü"]) == [entry("a"), nil, entry("b"), entry("c"), nil, entry("é/ü")])
        #expect(scratch.names() == ["snapshot"])
    }

    @Test(
        "The digest of the attributes is kept, and an entry without one is coded as before",
        arguments: [(false, 0), (true, 0), (false, 1), (true, .max)] as [(Bool, UInt64)])
    func attributes(isEncoded: Bool, digest: UInt64) throws {
        var entry = entry("a")
        (entry.isEncoded, entry.attributes) = (isEncoded, digest)
        let record = try open()
        record.note(entry)
        record.finish(isComplete: true)
        #expect(try read(["a"]) == [entry])
        var bytes: [UInt8] = []
        RecordCoding.append(entry, to: &bytes)
        // The length of the frame and of the key, the key, six numbers and the number of the inode precede the flags.
        let flags = 4 + 2 + 1 + 7 * 8
        #expect(bytes[flags] == (isEncoded ? 1 : 0) + (digest == 0 ? 0 : 2))
        #expect(bytes.count == flags + 1 + (digest == 0 ? 0 : 8) + entry.eTag.utf8.count + 8)
        #expect(digest != 0 || bytes[flags + 1] == UInt8(ascii: "E"))
    }

    @Test(
        "A complete run removes entries that are neither confirmed nor noted; other runs keep them",
        arguments: [true, false])
    func pruning(isComplete: Bool) throws {
        let first = try open()
        for key in ["a", "b", "c"] { first.note(entry(key)) }
        first.finish(isComplete: true)
        let second = try open()
        let known = try #require(second.entry(for: "b"))
        second.keep(known)
        second.note(entry("c", size: 9))
        second.finish(isComplete: isComplete)
        #expect(try read(["a", "b", "c"]) == [isComplete ? nil : entry("a"), entry("b"), entry("c", size: 9)])
    }

    @Test(
        "A complete run writes the record again only if an entry was not confirmed or the file is damaged",
        arguments: [
            (["a", "b", "c"], false, false), (["b", "c"], false, true), (["a", "b"], false, true), ([], false, true),
            (["a", "b", "c"], true, true),
        ])
    func rewriting(confirmed: [String], isDamaged: Bool, isRewritten: Bool) throws {
        let first = try open()
        for key in ["a", "b", "c"] { first.note(entry(key)) }
        first.finish(isComplete: true)
        if isDamaged { try scratch.write("snapshot", try scratch.content("snapshot") + Data("more".utf8)) }
        let inode = scratch.status("snapshot")?.inode
        let second = try open()
        for key in confirmed { second.keep(try #require(second.entry(for: ObjectKey(unchecked: key)))) }
        second.finish(isComplete: true)
        #expect((scratch.status("snapshot")?.inode != inode) == isRewritten)
        #expect(try read(["a", "b", "c"]) == ["a", "b", "c"].map { confirmed.contains($0) ? entry($0) : nil })
        #expect(scratch.names() == ["snapshot"])
    }

    @Test("An entry whose two sizes differ is not written, and removes the earlier entry of its key")
    func unequalSizes() throws {
        let first = try open()
        for key in ["equal", "unequal"] { first.note(entry(key)) }
        first.finish(isComplete: true)
        let second = try open()
        var unequal = entry("unequal")
        unequal.remoteSize += 1
        second.note(unequal)
        second.keep(try #require(second.entry(for: "equal")))
        second.finish(isComplete: true)
        let text = String(decoding: try scratch.content("snapshot"), as: UTF8.self)
        #expect(text.contains("equal") && !text.contains("unequal"))
    }

    @Test("A run that never ended loses none of its notes")
    func killed() throws {
        for round in 1...3 {
            // The run is not ended, as if the process had been killed.
            let record = try open()
            record.note(entry("k\(round)", size: Int64(round)))
            record.note(entry("same", size: Int64(round)))
        }
        #expect(
            try read(["k1", "k2", "k3", "same"])
                == [entry("k1", size: 1), entry("k2", size: 2), entry("k3", size: 3), entry("same", size: 3)])
    }

    @Test("Fifty thousand notes in any order are sorted in several chunks and read back in order")
    func many() async throws {
        let count = 50_000
        let record = try open()
        for number in 0..<count {
            let shuffled = (number * 7919) % count
            // Other tests also need the thread.
            if number.isMultiple(of: 200) { await Task.yield() }
            record.note(entry("k" + String(1_000_000 + shuffled), size: Int64(shuffled)))
        }
        #expect(count > 2 * RecordLog.chunkSize)
        #expect(scratch.names() == [".snapshot.lock", ".snapshot.log"])
        record.finish(isComplete: true)
        #expect(scratch.names() == ["snapshot"])
        let again = try open()
        var wrong = 0
        for number in 0..<count {
            let key = ObjectKey(unchecked: "k" + String(1_000_000 + number))
            if again.entry(for: key)?.size != Int64(number) { wrong += 1 }
            if number.isMultiple(of: 1000) { await Task.yield() }
        }
        #expect(wrong == 0)
    }

    @Test("Deleted files are removed from the record, even after an incomplete run", arguments: [true, false])
    func forgotten(isComplete: Bool) throws {
        let first = try open()
        for key in ["a", "b"] { first.note(entry(key)) }
        first.finish(isComplete: true)
        let second = try open()
        for key in ["a", "b"] { second.entry(for: ObjectKey(unchecked: key)).map { second.keep($0) } }
        second.forget("a")
        second.finish(isComplete: isComplete)
        #expect(try read(["a", "b"]) == [nil, entry("b")])
    }

    @Test("An unreadable snapshot file is not replaced")
    func unreadable() async throws {
        try scratch.write("snapshot", "somebody's, of more than twenty bytes")
        let disk = FaultyFileSystem()
        await disk.run {
            disk.add(.fail(EIO), to: .read, path: "snapshot")
            #expect(throws: OSSError.self) { try open() }
        }
        #expect(disk.unused.isEmpty)
        #expect(try String(contentsOfFile: scratch["snapshot"], encoding: .utf8).hasPrefix("somebody"))
    }

    @Test("Two transfers with the same snapshot file have one record each")
    func twoIdentities() throws {
        let other = RecordIdentity(text: "another")
        for (identity, size) in [(identity, Int64(1)), (other, 2), (identity, 3)] {
            let record = try open("snapshot", identity)
            #expect(record.entry(for: "k")?.size == (size == 3 ? 1 : nil))
            record.note(entry("k", size: size))
            record.finish(isComplete: true)
        }
        #expect(scratch.names() == ["snapshot", "snapshot.\(other.name(digits: 8))"])
        #expect(try open("snapshot", other).entry(for: "k")?.size == 2)
    }

    @Test("A file that is not a snapshot is rejected and not changed")
    func foreign() throws {
        try scratch.write("snapshot", "Dear Sir or Madam, here is a letter of more than twenty bytes")
        let error = #expect(throws: OSSError.self) { try open() }
        #expect(error?.code == .invalidArgument)
        #expect(try String(contentsOfFile: scratch["snapshot"], encoding: .utf8).hasPrefix("Dear Sir"))
        let missing = #expect(throws: OSSError.self) { try open("no/such/folder/snapshot") }
        #expect(missing?.code == .invalidArgument)
    }

    @Test("A snapshot in use by another run is rejected, and a record in the state directory is not used")
    func locked() throws {
        let first = try open()
        let error = #expect(throws: OSSError.self) { try open() }
        #expect(error?.message.contains("in use by another run") == true)
        withExtendedLifetime(first) {}
        let state = RecordLocation.stateDirectory(.path(scratch["state"]))
        let own = try #require(try TransferRecord.open(identity, at: state))
        #expect(try TransferRecord.open(identity, at: state) == nil)
        own.note(entry("a"))
        own.finish(isComplete: true)
        #expect(try TransferRecord.open(identity, at: state)?.entry(for: "a") == entry("a"))
        #expect(scratch.status("state/records")?.permissions == 0o700)
        #expect(try TransferRecord.open(identity, at: .stateDirectory(.none)) == nil)
    }

    @Test("A record with changed bytes never returns an entry that was not written", arguments: 0..<4)
    func damage(seed: Int) async throws {
        let record = try open()
        let entries = (0..<3).map { entry("key\($0)", size: Int64($0)) }
        for entry in entries { record.note(entry) }
        record.finish(isComplete: true)
        let whole = try Data(contentsOf: URL(fileURLWithPath: scratch["snapshot"]))
        var random = SeededRandom(seed: UInt64(seed))
        // After the magic bytes, because a file without them belongs to someone else.
        for position in RecordCoding.format.magic.count..<whole.count {
            await Task.yield()
            var bytes = whole
            switch seed {
            case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes = bytes.prefix(position)
            case 2: bytes[position] = UInt8.random(in: 0...255, using: &random)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
            }
            try bytes.write(to: URL(fileURLWithPath: scratch["snapshot"]))
            // A damaged identity makes it the record of another transfer.
            guard let record = try? open() else { continue }
            for entry in entries {
                let found = record.entry(for: entry.key)
                #expect(found == nil || found == entry, "position \(position)")
            }
            // Changed content is reported. A file that ends between two records is still a valid record.
            _ = record.entry(for: "zzz")
            #expect(bytes == whole || record.problem != nil || seed == 1, "position \(position)")
            record.finish(isComplete: false)
            for name in scratch.names() where name != "snapshot" { unlink(scratch[name]) }
        }
    }

    @Test("A record that is out of order counts as damaged from there on")
    func unsorted() throws {
        for keys in [["a", "c", "b", "d"], ["a", "c", "c", "d"]] {
            var bytes = RecordCoding.header(identity)
            for key in keys { RecordCoding.append(entry(key), to: &bytes) }
            try scratch.write("snapshot", bytes)
            let record = try open()
            #expect(["a", "c", "d"].map { record.entry(for: $0) } == [entry("a"), entry("c"), nil])
            #expect(record.problem?.contains("was damaged") == true)
            record.finish(isComplete: false)
        }
    }

    @Test("Every entry before the cut of a truncated log is read")
    func cutLog() async throws {
        let record = try open()
        for number in 0..<3 { record.note(entry("key\(number)", size: Int64(number))) }
        let log = try Data(contentsOf: URL(fileURLWithPath: scratch[".snapshot.log"]))
        record.finish(isComplete: true)
        unlink(scratch["snapshot"])
        for length in 0...log.count {
            await Task.yield()
            try log.prefix(length).write(to: URL(fileURLWithPath: scratch[".snapshot.log"]))
            let found = try read(["key0", "key1", "key2"])
            let known = found.prefix { $0 != nil }.count
            #expect(found[known...].allSatisfy { $0 == nil })
            #expect(length < log.count || known == 3)
            for (number, entry) in found.prefix(known).enumerated() { #expect(entry?.size == Int64(number)) }
            for name in scratch.names() { unlink(scratch[name]) }
        }
    }

    @Test("A record is synced before it is renamed, and its directory afterwards")
    func order() async throws {
        let disk = FaultyFileSystem()
        try await disk.run {
            let record = try open()
            record.note(entry("a"))
            record.finish(isComplete: true)
        }
        let calls = disk.calls
        let last = { (kind: FileSystemCall.Kind, path: String) in
            calls.lastIndex { $0.kind == kind && $0.path == path }
        }
        let written = try #require(last(.write, scratch[".snapshot.new"]))
        let synced = try #require(last(.synchronize, scratch[".snapshot.new"]))
        let renamed = try #require(last(.rename, scratch["snapshot"]))
        let folderSynced = try #require(calls.lastIndex { $0.kind == .synchronize && $0.path == scratch.path + "/" })
        #expect(written < synced && synced < renamed && renamed < folderSynced)
    }

    @Test("A record that cannot be synced does not replace the earlier one")
    func syncFails() async throws {
        let first = try open()
        first.note(entry("a"))
        first.finish(isComplete: true)
        let before = try scratch.content("snapshot")
        let disk = FaultyFileSystem()
        try await disk.run {
            let record = try open()
            disk.add(.fail(EIO), to: .synchronize, path: ".snapshot.new")
            record.note(entry("b"))
            record.finish(isComplete: true)
            #expect(record.problem?.contains("could not be written") == true)
        }
        #expect(disk.unused.isEmpty)
        #expect(try scratch.content("snapshot") == before)
    }

    @Test("A full disk loses the notes of this run and no earlier entry")
    func fullDisk() async throws {
        let first = try open()
        first.note(entry("a"))
        first.finish(isComplete: true)
        let disk = FaultyFileSystem()
        try await disk.run {
            let record = try open()
            disk.add(.fail(ENOSPC), to: .write, times: nil)
            record.note(entry("b"))
            record.note(entry("c"))
            record.finish(isComplete: true)
            #expect(record.problem?.contains("could not be written") == true)
        }
        #expect(disk.unused.isEmpty)
        #expect(try read(["a", "b"]) == [entry("a"), nil])
    }
}
