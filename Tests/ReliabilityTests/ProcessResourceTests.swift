#if compiler(>=6.3) && os(Linux)
    import AliyunOSSTesting
    import TestKit
    import Foundation
    import Testing

    @testable import AliyunOSS

    /// Tests that affect an entire process. Each has its own process, because concurrent tests also use descriptors and
    /// threads.
    @Suite("Process resources", .timeLimit(.minutes(10)))
    struct ProcessResourceTests {
        @Test("G5: a process with a low file limit works within it or reports that the limit is the problem")
        func g5() async throws {
            let service = try TestService()
            let folder = try ScratchDirectory()
            for index in 0..<100 { try folder.write("tree/\(index % 7)/\(index)", Data.pattern(100 + index)) }
            await #expect(processExitsWith: .success) {
                [endpoint = service.server.endpoint as String, path = folder.path as String] in
                // Descriptors that the parent process left open do not matter here.
                let taken = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int($0) }
                let most = UInt(max(64, (taken.max() ?? 0) + 56))
                var limit = rlimit(rlim_cur: most, rlim_max: most)
                try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                var configuration = BucketConfiguration()
                configuration.stateDirectory = .none
                configuration.retry = RetryPolicy(maximumAttempts: 2, baseDelay: .milliseconds(1))
                // The server runs in a process that is busy with other tests.
                configuration.timeouts = HTTPTimeouts(connect: .seconds(120), idle: .seconds(120))
                let bucket = try Bucket(
                    "photos", endpoint: endpoint, region: "cn-hangzhou",
                    credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret),
                    configuration: configuration)
                let few = try await DirectoryTransfer(bucket, concurrency: 8).upload(from: path + "/tree", to: "few")
                try #require(few.isComplete && few.transferred.files == 100, "\(few.failures)")

                // The test uses almost all descriptors.
                var held: [Int32] = []
                while true {
                    let descriptor = open("/dev/null", O_RDONLY)
                    guard descriptor >= 0 else { break }
                    held.append(descriptor)
                }
                do {
                    var impatient = DirectoryTransfer(bucket, concurrency: 8)
                    impatient.options.outageLimit = .zero
                    let report = try await impatient.upload(from: path + "/tree", to: "none")
                    try #require(!report.isComplete)
                    for failure in report.failures { try #require("\(failure)".contains("Too many open files")) }
                } catch let error as OSSError {
                    try #require("\(error)".contains("Too many open files"))
                }
                for descriptor in held { close(descriptor) }
                let again = try await DirectoryTransfer(bucket, concurrency: 8).upload(
                    from: path + "/tree", to: "again")
                try #require(again.isComplete)
            }
            #expect(service.server.keys(in: "photos").count == 200)
        }

        @Test("G9: repeated creation and shutdown of buckets leaks no threads, descriptors or memory")
        func g9() async throws {
            let service = try TestService()
            await #expect(processExitsWith: .success) { [endpoint = service.server.endpoint as String] in
                func cycle() async throws {
                    let bucket = try Bucket(
                        "photos", endpoint: endpoint, region: "cn-hangzhou",
                        credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret))
                    try await bucket.putObject("k", "x")
                }
                for _ in 0..<100 { try await cycle() }
                let before = try Usage()
                for _ in 0..<1000 { try await cycle() }
                // Released sessions end asynchronously.
                try #require(
                    try await eventually {
                        let after = try Usage()
                        return after.descriptors <= before.descriptors + 8 && after.threads <= before.threads + 8
                    })
                try #require(try Usage().memory < before.memory + 24 << 20)
            }
            #expect(service.count("PutObject") == 1100)
        }

        /// The resources that this process uses.
        private struct Usage {
            var descriptors: Int
            var threads: Int
            var memory: Int

            init() throws {
                descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
                threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
                memory = try #require(residentBytes)
            }
        }

        @Test("G11: the thread sanitizer is part of the continuous integration checks")
        func g11() throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let script = try String(contentsOf: root.appendingPathComponent(".ci/run"), encoding: .utf8)
            #expect(script.contains("swift test --sanitize=thread"))
            for target in ["AliyunOSSTests", "AliyunOSSTestingTests"] {
                #expect(script.contains("--filter '^\(target)\\.'"))
            }
            #expect(script.contains("\nstep 'Thread sanitizer' thread_sanitizer\n"))
        }

        /// Runs in its own process, because the memory of the entire process is measured.
        @Test("D23: reading 512 MiB more slowly than the network delivers them uses less than 64 MiB of memory")
        func memory() async throws {
            await #expect(processExitsWith: .success) {
                let size = 512 << 20
                let service = try TestService()
                try service.server.put("large", Data(count: size), in: "photos")
                let before = try #require(residentBytes)
                var largest = before
                var consumed: Int64 = 0
                for try await chunk in try await service.bucket.getObject("large").body {
                    consumed += Int64(chunk.count)
                    // The reader is as slow as possible: it requests more only after it has consumed everything. The
                    // service has then sent exactly the consumed bytes, so no buffer holds any. With libcurl, it
                    // is still sending the response, which counts as sent from its start.
                    let sent = service.server.statistics.bytesSent
                    try #require(
                        TestTransport.isLibcurl || sent <= consumed + 1 << 20,
                        "\(sent) bytes were sent of which \(consumed) were consumed")
                    largest = max(largest, try #require(residentBytes))
                }
                try #require(consumed == Int64(size))
                try #require(largest - before < 64 << 20, "grew by \((largest - before) >> 20) MiB")
            }
        }
    }
#endif
