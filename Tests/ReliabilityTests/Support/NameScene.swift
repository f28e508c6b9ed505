import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// A service, and a folder for downloads in a folder that they must not touch.
struct NameScene {
    let service: TestService
    let parent: ScratchDirectory
    /// Path of the download folder.
    var target: String { parent["target"] }

    init(_ configure: (inout BucketConfiguration) -> Void = { _ in }) throws {
        service = try TestService(configure)
        parent = try ScratchDirectory()
        for name in ["x", "evil", "etc/x"] { try parent.write(name, Data("outside".utf8)) }
    }

    /// Stores objects whose content is their key.
    func store(_ keys: [String]) throws {
        for key in keys { try service.server.put(key, Data(key.utf8), in: "photos") }
    }

    func transfer(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        configure(&options)
        return DirectoryTransfer(service.bucket, options: options)
    }

    /// The keys of the bucket, printable and sorted.
    var keys: [String] { service.server.keys(in: "photos").map { ScratchDirectory.printable($0.utf8) }.sorted() }

    /// Contents of the download folder.
    var entries: [String] { ScratchDirectory.printableEntries(at: target) }

    /// Keys of the downloaded objects.
    var fetched: [String] {
        service.server.requests.filter { $0.operation == "GetObject" }.map {
            ScratchDirectory.printable(($0.key ?? "").utf8)
        }
        .sorted()
    }

    /// Expects that nothing outside the folder was created, changed or removed.
    func expectOutsideUntouched(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let outside = ScratchDirectory.printableEntries(at: parent.path).filter { !$0.hasPrefix("target/") }
        #expect(outside == ["etc/", "etc/x", "evil", "x"], sourceLocation: sourceLocation)
        for name in ["x", "evil", "etc/x"] {
            #expect(try parent.read(name) == Data("outside".utf8), sourceLocation: sourceLocation)
        }
    }

    /// Expects that the content of each file is the key of its object.
    func expectContents(of paths: [String], under prefix: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        for path in paths {
            #expect(
                FileManager.default.contents(atPath: target + "/" + path) == Data((prefix + path).utf8),
                sourceLocation: sourceLocation)
        }
    }
}

extension TransferReport {
    /// The failures as `key code`, printable and sorted.
    var problems: [String] {
        failures.map { ScratchDirectory.printable(($0.key?.rawValue ?? $0.path).utf8) + " \($0.error.code)" }.sorted()
    }
}

extension TransferPlan {
    /// Returns the planned action for each file as `kind key (reason)`, printable and sorted.
    func summary(_ isIncluded: (TransferAction) -> Bool = { _ in true }) async throws -> [String] {
        var lines: [String] = []
        for try await action in self where isIncluded(action) {
            lines.append(
                "\(action.kind) " + ScratchDirectory.printable((action.key?.rawValue ?? action.path).utf8)
                    + " (\(action.reason))")
        }
        return lines.sorted()
    }
}
