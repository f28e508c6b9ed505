import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of one transfer that four processes share, as four machines would.
@Suite("Shared transfers with --partition")
struct PartitionCommandTests {
    private typealias Report = [String: Any]

    private static let count = 4

    /// Creates the content of a folder and a bucket that are to be made equal.
    private static let source = Dictionary(
        uniqueKeysWithValues: (0..<120).map { ("d\($0 % 7)/file \($0)", Data("new \($0)".utf8)) })
    /// Some files are equal, some differ, and some exist on one side only.
    private static let destination: [String: Data] = {
        var files = source.filter { $0.key.hasPrefix("d1/") || $0.key.hasPrefix("d2/") }
        for key in files.keys where key.hasPrefix("d2/") { files[key] = Data("older".utf8) }
        for number in 0..<50 { files["gone/\(number)"] = Data("gone \(number)".utf8) }
        return files
    }()

    /// Runs all partitions concurrently.
    private func together(
        _ fixture: OSSMirrorFixture, _ arguments: [String]
    ) async throws -> [(index: Int, outcome: Program.Outcome)] {
        try await withThrowingTaskGroup(of: (index: Int, outcome: Program.Outcome).self) { group in
            for index in 1...Self.count {
                let words = arguments + ["--partition", "\(index)/\(Self.count)", "--json"]
                group.addTask { (index, try await fixture.run(words)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }
        }
    }

    private func number(_ name: String, _ part: String, in report: Report) -> Int? {
        (report[name] as? Report)?[part] as? Int
    }

    private func expectSums(_ reports: [Report], equal whole: Report) throws {
        for name in ["transferred", "deleted", "unchanged", "skipped", "failed"] {
            for part in ["files", "bytes"] {
                let parts = try reports.map { try #require(number(name, part, in: $0)) }
                #expect(parts.reduce(0, +) == number(name, part, in: whole), "\(name).\(part): \(parts)")
            }
        }
        #expect(reports.allSatisfy { (number("transferred", "files", in: $0) ?? 0) > 0 })
        #expect(reports.allSatisfy { (number("deleted", "files", in: $0) ?? 0) > 0 })
    }

    @Test("Four concurrent partial uploads form one upload, and each deletes only its own objects")
    func up() async throws {
        let single = try await OSSMirrorFixture.with { fixture in
            try fixture.put(Self.destination)
            try fixture.folder.write(Self.written)
            let outcome = try await fixture.run(
                "up", "site", "oss://demo", "--delete", "--max-delete", "100%", "--json")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(Set(fixture.server.keys(in: "demo")) == Set(Self.source.keys))
            return outcome
        }
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Self.destination)
            try fixture.folder.write(Self.written)
            let outcomes = try await together(
                fixture, ["up", "site", "oss://demo", "--delete", "--max-delete", "100%"])
            for outcome in outcomes { #expect(outcome.outcome.status == 0, "\(outcome)") }
            #expect(Set(fixture.server.keys(in: "demo")) == Set(Self.source.keys))
            for (key, content) in Self.source { #expect(fixture.server.data(of: key, in: "demo") == content) }
            // No object was sent twice.
            let sent = fixture.server.requests.filter { $0.operation == "PutObject" }.compactMap(\.key)
            #expect(Set(sent).count == sent.count)
            try expectSums(try outcomes.map { try $0.outcome.json() }, equal: try single.json())
        }
    }

    @Test("A single partition transfers and deletes only its own objects", arguments: 1...count)
    func alone(index: Int) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Self.destination)
            try fixture.folder.write(Self.written)
            let outcome = try await fixture.run(
                "up", "site", "oss://demo", "--delete", "--max-delete", "100%", "--partition", "\(index)/\(Self.count)")
            #expect(outcome.status == 0, "\(outcome)")
            for key in Set(Self.source.keys).union(Self.destination.keys) {
                let isOwn = Self.partition(of: key) == index
                #expect(
                    fixture.server.data(of: key, in: "demo") == (isOwn ? Self.source : Self.destination)[key], "\(key)")
            }
        }
    }

    @Test("Four concurrent partial downloads form one download")
    func down() async throws {
        let written = Dictionary(uniqueKeysWithValues: Self.destination.map { ("copy/" + $0.key, $0.value) })
        let single = try await OSSMirrorFixture.with { fixture in
            try fixture.put(Self.source)
            try fixture.folder.write(written)
            let outcome = try await fixture.run(
                "down", "oss://demo", "copy", "--delete", "--max-delete", "100%", "--json")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try fixture.folder.contents(in: "copy") == Self.source)
            return outcome
        }
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Self.source)
            try fixture.folder.write(written)
            let outcomes = try await together(
                fixture, ["down", "oss://demo", "copy", "--delete", "--max-delete", "100%"])
            for outcome in outcomes { #expect(outcome.outcome.status == 0, "\(outcome)") }
            #expect(try fixture.folder.contents(in: "copy") == Self.source)
            #expect(!fixture.folder.exists("copy/gone"))
            let fetched = fixture.server.requests.filter { $0.operation == "GetObject" }.compactMap(\.key)
            #expect(Set(fetched).count == fetched.count)
            try expectSums(try outcomes.map { try $0.outcome.json() }, equal: try single.json())
        }
    }

    @Test("No partition empties the destination for an empty source", arguments: [true, false])
    func emptySource(isUpload: Bool) async throws {
        try await OSSMirrorFixture.with { fixture in
            try FileManager.default.createDirectory(
                atPath: fixture.folder["empty"], withIntermediateDirectories: true)
            if isUpload {
                try fixture.put(Self.destination)
            } else {
                try fixture.folder.write(Dictionary(uniqueKeysWithValues: Self.destination.map { ("copy/" + $0, $1) }))
            }
            let places = isUpload ? ["up", "empty", "oss://demo"] : ["down", "oss://demo/empty", "copy"]
            let outcomes = try await together(fixture, places + ["--delete", "--max-delete", "100%"])
            for outcome in outcomes {
                #expect(outcome.outcome.status == 3, "\(outcome)")
                #expect(number("deleted", "files", in: try outcome.outcome.json()) == 0)
            }
            if isUpload {
                #expect(Set(fixture.server.keys(in: "demo")) == Set(Self.destination.keys))
            } else {
                #expect(try fixture.folder.contents(in: "copy") == Self.destination)
            }
        }
    }

    private static let written = Dictionary(uniqueKeysWithValues: source.map { ("site/" + $0.key, $0.value) })

    /// Returns the partition of a key, computed with the 64-bit FNV-1a hash and the finalizer of MurmurHash3.
    private static func partition(of key: String) -> Int {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in key.utf8 {
            hash ^= UInt64(byte)
            hash = hash.multipliedReportingOverflow(by: 1_099_511_628_211).partialValue
        }
        for factor: UInt64 in [18_397_679_294_719_823_053, 14_181_476_777_654_086_739] {
            hash = (hash ^ (hash >> 33)).multipliedFullWidth(by: factor).low
        }
        return Int((hash ^ (hash >> 33)) % UInt64(count)) + 1
    }
}
