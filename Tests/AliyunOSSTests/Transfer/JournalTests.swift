import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Journal")
struct JournalTests {
    private typealias TestJournal = Journal<String, Int>

    private let folder: ScratchDirectory

    init() throws {
        folder = try ScratchDirectory()
    }

    private func open() throws -> TestJournal {
        try #require(try TestJournal("test", identity: ["a"], in: .path(folder.path)))
    }

    private var file: String {
        get throws { "transfers/" + (try #require(folder.names(in: "transfers").first)) }
    }

    @Test("A header and the records after it are read back until the journal is removed")
    func roundTrip() throws {
        do {
            let journal = try open()
            #expect(journal.previous == nil)
            try journal.begin("first")
            try journal.add(1)
            try journal.add(2)
        }
        let journal = try open()
        #expect(journal.previous?.header == "first")
        #expect(journal.previous?.records == [1, 2])
        journal.remove()
        #expect(folder.names(in: "transfers").isEmpty)
    }

    @Test("A replaced header remains valid until the new one is complete, wherever the write is interrupted")
    func replacing() throws {
        let before: Int
        do {
            let journal = try open()
            try journal.begin("without a name")
            before = try folder.content(file).count
            try journal.replace("with a name")
        }
        let whole = try folder.content(file)
        for length in before...whole.count {
            try folder.write(file, Array(whole.prefix(length)))
            chmod(folder[try file], 0o600)
            let journal = try open()
            #expect(journal.previous?.header == (length == whole.count ? "with a name" : "without a name"))
            // The truncated record is removed, so that later records can be read.
            try journal.add(7)
            let content = JournalCoding.read(try folder.content(file), header: String.self, record: Int.self)
            #expect(content?.records == [7])
        }
    }

    @Test("Starting again discards the header and the records")
    func beginning() throws {
        do {
            let journal = try open()
            try journal.begin("first")
            try journal.add(1)
            try journal.begin("second")
        }
        let previous = try open().previous
        #expect(previous?.header == "second")
        #expect(previous?.records == [])
    }

    @Test("Journals and their folder are accessible only to their owner")
    func permissions() throws {
        let journal = try open()
        #expect(folder.status("transfers")?.permissions == 0o700)
        #expect(folder.status(try file)?.permissions == 0o600)
        withExtendedLifetime(journal) {}
    }

    @Test("A journal has one user at a time")
    func lock() throws {
        let journal = try open()
        #expect(try TestJournal("test", identity: ["a"], in: .path(folder.path)) == nil)
        #expect(try TestJournal("test", identity: ["b"], in: .path(folder.path)) != nil)
        withExtendedLifetime(journal) {}
    }
}
