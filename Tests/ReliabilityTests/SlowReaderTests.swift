#if compiler(>=6.2) && os(Linux)
    import AliyunOSSTesting
    import Foundation
    import Testing

    @testable import AliyunOSS

    /// The ids and outcomes are those of `Docs/Scenarios.md`.
    @Suite("Slow readers")
    struct SlowReaderTests {
        /// In a process of its own, because it is the memory of the process that is measured.
        @Test("D23: reading 512 MiB slower than they could come costs less than 64 MiB of memory")
        func memory() async throws {
            await #expect(processExitsWith: .success) {
                let size = 512 << 20
                let service = try FaultyService()
                try service.server.put("large", Data(count: size), in: "photos")
                let before = try residentBytes()
                var largest = before
                var consumed: Int64 = 0
                for try await chunk in try await service.bucket.getObject("large").body {
                    consumed += Int64(chunk.count)
                    // The reader is as slow as can be: it never asks for more before it has looked at everything. What
                    // the service has sent by then is what was consumed, so nothing waits in any buffer.
                    let sent = service.server.statistics.bytesSent
                    try #require(
                        sent <= consumed + 1 << 20, "\(sent) bytes were sent of which \(consumed) were consumed")
                    largest = max(largest, try residentBytes())
                }
                try #require(consumed == Int64(size))
                try #require(largest - before < 64 << 20, "grew by \((largest - before) >> 20) MiB")
            }
        }
    }

    /// How much of the process is in memory now.
    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(fields.dropFirst().first.flatMap { Int($0) }) * sysconf(Int32(_SC_PAGESIZE))
    }
#endif
