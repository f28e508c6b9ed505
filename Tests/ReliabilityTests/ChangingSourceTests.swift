import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

/// A file that goes up in one request, and into which somebody writes meanwhile.
@Suite("Uploads of a file that changes")
struct ChangingSourceTests {
    private let old = Data("old".utf8)

    /// How the file is stored.
    enum Call: CaseIterable {
        case uploadObject, putPath, putSlice, folder
    }

    @Test("It is not stored: the object that was there stays", arguments: Call.allCases)
    func torn(call: Call) async throws {
        let service = try FaultyService()
        let folder = try Scratch()
        let content = Data.pattern(1 << 20)
        try folder.write("up/source", content)
        try service.server.put("up/source", old, in: "photos")
        let path = folder["up/source"]
        // Right before it is read for the first time; what is sent is of the same size.
        let meanwhile = Meanwhile(.read, "source") {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.write(contentsOf: Data.pattern(1 << 19, seed: 2))
            try file.close()
        }
        let error = await meanwhile.run {
            await failure { () async throws -> Void in
                switch call {
                case .uploadObject: try await service.bucket.uploadObject("up/source", from: path)
                case .putPath: try await service.bucket.putObject("up/source", .file(path))
                case .putSlice:
                    try await service.bucket.putObject("up/source", .file(path, offset: 0, length: 1 << 19))
                case .folder:
                    var options = DirectoryTransfer.Options()
                    options.update = .always
                    let report = try await DirectoryTransfer(service.bucket, options: options)
                        .upload(from: folder["up"], to: "up")
                    #expect(report.failures.count == 1)
                    throw try #require(report.failures.first?.error)
                }
            }
        }
        #expect(meanwhile.hasHappened)
        #expect(error?.code == .sourceChanged, "\(error as Any)")
        #expect(error?.message.contains("changed while it was being uploaded") == true, "\(error as Any)")
        #expect(service.stored("up/source") == old)

        try await service.bucket.uploadObject("up/source", from: path)
        #expect(service.stored("up/source") == (try folder.read("up/source")))
    }
}
