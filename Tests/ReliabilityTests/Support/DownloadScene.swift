import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// A service with a large object, a folder to download it to, and a folder for the state of transfers.
struct DownloadScene {
    static let partSize = 100 << 10

    /// The bytes of the object `big`: five ranges and a remainder.
    let content = Data.pattern(5 * Self.partSize + 123)
    let service: TestService
    let folder: ScratchDirectory
    let state: ScratchDirectory

    init(_ configure: (inout BucketConfiguration) -> Void = { _ in }) throws {
        let state = try ScratchDirectory()
        self.state = state
        folder = try ScratchDirectory()
        service = try TestService {
            $0.stateDirectory = .path(state.path)
            configure(&$0)
        }
        try service.server.put("big", content, in: "photos")
    }

    /// Returns the `Range` header of the range with the given number, counted from 1.
    func range(_ number: Int) -> String {
        "bytes=\((number - 1) * Self.partSize)-\(min(number * Self.partSize, content.count) - 1)"
    }

    /// Returns a matcher for the requests for a range.
    func window(_ number: Int) -> MockFault.Matcher {
        MockFault.Matcher(operation: "GetObject", range: range(number))
    }

    func options(_ change: (inout DownloadOptions) -> Void = { _ in }) -> DownloadOptions {
        var options = DownloadOptions()
        options.multipartThreshold = Int64(Self.partSize)
        options.partSize = Int64(Self.partSize)
        change(&options)
        return options
    }

    @discardableResult
    func download(
        _ key: ObjectKey = "big", to name: String = "copy", _ change: (inout DownloadOptions) -> Void = { _ in }
    ) async throws -> DownloadResult {
        try await service.bucket.downloadObject(key, to: folder[name], options: options(change))
    }

    /// Makes a download fail after three of its six ranges.
    func interrupt(_ name: String = "copy", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", key: "big", skip: 3))
        let error = await failure { try await download(to: name) { $0.concurrency = 1 } }
        #expect(error?.code == .accessDenied, sourceLocation: sourceLocation)
        #expect(service.server.unusedFaults.isEmpty, sourceLocation: sourceLocation)
        #expect(temporaries.count == 1 && journals.count == 1, sourceLocation: sourceLocation)
    }

    /// Names of the temporary files in the folder.
    var temporaries: [String] { (try? folder.files().filter { $0.hasSuffix(".oss-partial") }) ?? ["?"] }

    var journals: [String] { (try? state.files().filter { $0.hasSuffix(".journal") }) ?? ["?"] }

    /// The number of records in the only journal: its header, and one for each completed range.
    var journalLines: Int {
        guard let name = journals.first, let data = try? state.read(name),
            let content = JournalCoding.read(
                [UInt8](data), header: ResumableDownload.self, record: ResumableDownload.CompletedRange.self)
        else { return 0 }
        return 1 + content.records.count
    }

    /// The `Range` headers of all downloads, in the order of the requests.
    var ranges: [String?] {
        service.server.requests.filter { $0.operation == "GetObject" }.map { $0.headers["Range"] }
    }

    /// Expects that an ended download leaves nothing except its file.
    func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(temporaries == [], sourceLocation: sourceLocation)
        #expect(journals == [], sourceLocation: sourceLocation)
    }
}
