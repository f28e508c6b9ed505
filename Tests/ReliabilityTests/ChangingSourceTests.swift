import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of a single-request upload of a file that another program changes during the upload.
@Suite("Uploads of changing files", .timeLimit(.minutes(10)))
struct ChangingSourceTests {
    private static let checksumHeader = "x-oss-hash-crc64ecma"
    private static let partSize = UploadFixture.partSize
    private let old = Data("old".utf8)

    /// The way in which the file is stored.
    enum Call: CaseIterable {
        case uploadObject, putPath, putSlice, folder
    }

    @Test(
        "A file that changes during a single-request upload is not stored, and the old object remains",
        arguments: Call.allCases)
    func torn(call: Call) async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let content = Data.pattern(1 << 20)
        try folder.write("up/source", content)
        try service.server.put("up/source", old, in: "photos")
        let path = folder["up/source"]
        // The change occurs just before the first read and does not alter the size.
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
                    options.updateMode = .always
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

    enum Change: String, CaseIterable {
        case grow, shrink, rewrite, touch, replace

        /// Changes a file as other programs do, and ensures that its time changes. A change within one clock tick might
        /// not.
        func perform(on path: String) async throws {
            let url = URL(fileURLWithPath: path)
            let before = try OpenFile.reading(path).status()
            #expect(
                try await eventually {
                    switch self {
                    case .grow, .rewrite:
                        let file = try FileHandle(forWritingTo: url)
                        if self == .grow { try file.seekToEnd() }
                        try file.write(contentsOf: Data("other".utf8))
                        try file.close()
                    case .shrink: truncate(path, off_t(before.size / 3))
                    case .touch: utimes(path, nil)
                    case .replace: try Data.pattern(Int(before.size), seed: 2).write(to: url, options: .atomic)
                    }
                    return try OpenFile.reading(path).status().hasChanged(from: before)
                })
        }
    }

    @Test(
        "C5: a file that changes while its parts are being sent is an error, and no object becomes visible",
        arguments: Change.allCases, [2, 5])
    func c5(change: Change, request: Int) async throws {
        let upload = try UploadFixture()
        let path = upload.folder["source"]
        upload.credentials.beforeEachRequest { if $0 == request { try await change.perform(on: path) } }
        let error = await failure { try await upload.upload() }
        #expect(error?.code == .sourceChanged, "\(error as Any)")
        #expect(error?.key == "k")
        #expect(upload.service.count("CompleteMultipartUpload") == 0)
        #expect(upload.stored == nil)
        try upload.expectNothingLeft()
    }

    @Test("C5: a file that changes while its upload waits for a permit is not sent")
    func c5Waiting() async throws {
        let upload = try UploadFixture()
        let turn = AsyncSemaphore(1)
        let path = upload.folder["source"]
        let source = try UploadSource(path: path)
        let waiting = try await turn.withPermit {
            let waiting = Task {
                await failure {
                    try await upload.service.bucket.upload(source, to: "k", options: UploadOptions(), slots: turn)
                }
            }
            #expect(try await eventually { turn.waiterCount == 1 })
            try await Change.grow.perform(on: path)
            return waiting
        }
        #expect(await waiting.value?.code == .sourceChanged)
        #expect(upload.service.count() == 0)
    }

    @Test("C6: a file that ends early is an error, and no short part is accepted", arguments: [false, true])
    func c6(isReallyShorter: Bool) async throws {
        let upload = try UploadFixture()
        let disk = FaultyFileSystem()
        let path = upload.folder["source"]
        if isReallyShorter {
            upload.credentials.beforeEachRequest { if $0 == 3 { try await Change.shrink.perform(on: path) } }
        } else {
            disk.add(.short(0), to: .read, path: "/source", skip: TestTransport.isLibcurl ? 2 : 4, times: nil)
        }
        let error = await failure { try await disk.run { try await upload.upload() } }
        // The error code depends on what the file system reports about the file.
        #expect(error?.code == (isReallyShorter ? .sourceChanged : .fileSystem), "\(error as Any)")
        #expect(disk.unused.isEmpty)
        let parts = upload.service.server.requests.filter { $0.operation == "UploadPart" }
        #expect(parts.allSatisfy { $0.status != 200 || $0.bodyLength == Self.partSize })
        #expect(upload.stored == nil)
        try upload.expectNothingLeft()
    }

    @Test(
        "C7: a change that alters neither size nor times is detected when the file is read again",
        arguments: [false, true], [false, true])
    func c7(rereads: Bool, hidesChecksums: Bool) async throws {
        let upload = try UploadFixture()
        if hidesChecksums { upload.service.server.add(.header(Self.checksumHeader, nil), times: .max) }
        // On a disk, the kernel may write the page back, after which the next change would be detected.
        let memory = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : upload.folder.path
        let folder = try ScratchDirectory(in: memory)
        try folder.write("source", upload.content)
        let options = upload.options { $0.rereadsSource = rereads }
        func send() async throws -> TransferResult {
            try await upload.service.bucket.uploadObject("k", from: folder["source"], options: options)
        }
        let descriptor = open(folder["source"], O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        let map = try #require(
            mmap(nil, upload.content.count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
        defer { munmap(map, upload.content.count) }
        // A page that was already written through a mapping can be written again without changing the file's times.
        map.storeBytes(of: upload.content[7], toByteOffset: 7, as: UInt8.self)
        let address = UInt(bitPattern: map)
        let other = ~upload.content[7]
        upload.credentials.beforeEachRequest { number in
            guard number == 4 else { return }
            UnsafeMutableRawPointer(bitPattern: address)?.storeBytes(of: other, toByteOffset: 7, as: UInt8.self)
        }
        if rereads {
            let error = await failure { try await send() }
            #expect(error?.code == .sourceChanged)
            #expect(error?.message.contains("no longer contains the uploaded bytes") == true, "\(error as Any)")
            #expect(upload.stored == nil)
        } else {
            #expect(try await send().integrity == (hidesChecksums ? .lengthOnly : .checksum))
            #expect(upload.stored == upload.content)
        }
        #expect(try folder.read("source") != upload.content)
        try upload.expectNothingLeft()
    }
}
