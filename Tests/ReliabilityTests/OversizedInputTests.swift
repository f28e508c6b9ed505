import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Oversized input and full disks", .timeLimit(.minutes(5)))
struct OversizedInputTests {
    @Test(
        "J12: a file that is not a rule file is rejected by line number and its first characters, and not read to its end",
        arguments: [UInt8(ascii: "x"), 0, 0xFF, UInt8(ascii: "+")])
    func ruleFile(byte: UInt8) async throws {
        let folder = try ScratchDirectory()
        try folder.write("rules", Data("- a\n".utf8) + Data(repeating: byte, count: 30 << 20))
        var filter = TransferFilter()
        let disk = FaultyFileSystem()
        let error = await disk.run { await failure { try filter.add(rulesFromFile: folder["rules"]) } }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("rules: line 2 of the filter rules: '") == true)
        #expect(error?.message.contains("longer than 64 KiB") == true)
        #expect((error?.message.utf8.count ?? .max) < folder.path.utf8.count + 600)
        #expect(filter.rules.isEmpty)
        // The file is read in chunks of 64 KiB.
        #expect(disk.calls.count { $0.kind == .read } <= 3)
    }

    @Test("J12: a rule file with more than 4 MiB of lines is rejected")
    func longRuleFile() async throws {
        let folder = try ScratchDirectory()
        let line = "# \(String(repeating: "x", count: 1021))\n"
        try folder.write("rules", Data(String(repeating: line, count: 4097).utf8))
        var filter = TransferFilter()
        let error = await failure { try filter.add(rulesFromFile: folder["rules"]) }
        #expect(error?.message.contains("line 4097 of the filter rules: the rules are longer than 4 MiB") == true)
        try folder.write("rules", Data(String(repeating: line, count: 4000).utf8) + Data("- a\n".utf8))
        try filter.add(rulesFromFile: folder["rules"])
        #expect(filter.rules.map(\.description) == ["- a"])
        let missing = await failure { try filter.add(rulesFromFile: folder["none"]) }
        #expect(missing?.code == .fileSystem)
    }

    @Test("J12: a file that is not a credentials file is rejected without reading it to its end")
    func credentialsFile() async throws {
        let folder = try ScratchDirectory()
        try folder.write("credentials", Data(repeating: UInt8(ascii: "x"), count: (1 << 20) + 1))
        for path in [folder["credentials"], "/dev/zero"] {
            let error = await failure { _ = try await CredentialsFileProvider(path: path).credentials() }
            #expect(error?.code == .credentialsUnavailable)
            #expect(error?.message.contains("larger than 1 MiB") == true)
        }
    }

    @Test("J12: text from a server or a file is truncated in errors, even if it is a single character")
    func quoted() {
        let zalgo = "e" + String(repeating: "\u{301}", count: 100_000)
        #expect(zalgo.onOneLine.utf8.count <= 2048)
        #expect(zalgo.excerpt.utf8.count < 170 && zalgo.excerpt.hasSuffix("…"))
        #expect("a\r\nb".excerpt == "a b")
        let error = OSSError(
            refusal: HTTPResponse(
                status: 403, headers: ["x-oss-request-id": zalgo, "x-oss-ec": zalgo],
                body: Data("<Error><Code>\(zalgo)</Code><Message>\(zalgo)</Message></Error>".utf8)))
        #expect("\(error)".utf8.count < 12 << 10)
    }

    @Test(
        "J13: a full disk leaves no empty snapshot, log or lock, whichever call fails first",
        arguments: [FileSystemCall.Kind.create, .write, .synchronize])
    func fullDisk(kind: FileSystemCall.Kind) async throws {
        let service = try TestService()
        let source = try ScratchDirectory()
        for name in ["a", "b"] { try source.write(name, Data(name.utf8)) }
        for call in 0..<50 {
            let place = try ScratchDirectory()
            let disk = FaultyFileSystem()
            disk.add(.fail(ENOSPC), to: kind, skip: call, times: nil)
            var options = DirectoryTransfer.Options()
            options.snapshotPath = place["snap"]
            let transfer = DirectoryTransfer(service.bucket, options: options)
            let outcome = await disk.run {
                await Result { try await transfer.upload(from: source.path, to: "x\(call)") }
            }
            switch outcome {
            case .success(let report): #expect(report.transferred.files == 2)
            case .failure(let error): #expect((error as? OSSError)?.code == .fileSystem)
            }
            let left = try place.contents()
            #expect(left.values.allSatisfy { !$0.isEmpty }, "\(call): \(left)")
            #expect(Set(left.keys).isSubset(of: ["snap", ".snap.log"]), "\(call): \(left.keys)")
            // Earlier records are valid, and an unstarted one leaves nothing behind.
            if case .failure = outcome { #expect(left.isEmpty, "\(call): \(left.keys)") }
            guard disk.unused.isEmpty else {
                #expect(call > 0 && left.keys.sorted() == ["snap"])
                return
            }
        }
        Issue.record("the run makes more calls than expected")
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
