#if compiler(>=6.2) && os(Linux)
    import Foundation
    import TestKit
    import Testing

    @testable import AliyunOSSTesting

    @Suite("Mock idle connections")
    struct IdleConnectionsTests {
        /// Runs in its own process, because both ends of the connections would leave other tests without descriptors.
        /// `OSS_TEST_CONNECTIONS=9000` sets the number of connections; each needs two descriptors and a thread.
        @Test("With thousands of idle connections the server stays responsive, uses little memory and stops cleanly")
        func idleConnections() async throws {
            await #expect(processExitsWith: .success) {
                let server = try MockOSSServer(.init(buckets: ["photos"]))
                let wanted = ProcessInfo.processInfo.environment["OSS_TEST_CONNECTIONS"].flatMap { Int($0) } ?? 2000
                // As many as the limit permits, minus descriptors for the rest of the process.
                let count = min(wanted, (DescriptorLimit.raised() - 400) / 2)
                try #require(count > 100)
                let before = try #require(residentBytes)
                var clients: [RawClient] = []
                for _ in 0..<count { clients.append(try RawClient(server)) }
                while server.statistics.openConnections < count { await Task.yield() }
                try #require(try server.request("GET", "/photos").status == 200)
                let after = try #require(residentBytes)
                try #require((after - before) / count < 64 * 1024)
                for client in [clients[0], clients[count / 2], clients[count - 1]] {
                    try #require(try client.request("GET", "/photos").status == 200)
                }

                clients.removeLast(count / 2)
                while server.statistics.openConnections > clients.count { await Task.yield() }
                try #require(try server.request("GET", "/photos").status == 200)
                server.shutDown()
                try #require(server.statistics.openConnections == 0)
                for client in clients { try #require(client.readToEnd().isEmpty) }
            }
        }
    }
#endif
