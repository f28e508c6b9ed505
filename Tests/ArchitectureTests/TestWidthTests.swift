import CTestWidth
import Foundation
import Synchronization
import Testing

@Suite("Number of concurrent tests")
struct TestWidthTests {
    private static let width = ProcessInfo.processInfo.environment[OSS_TEST_WIDTH].flatMap { Int($0) }
    private static let running = Mutex(0)

    @Test("swift test bounds the number of concurrent tests")
    func isSet() throws {
        #expect(try #require(Self.width) > 0)
    }

    #if compiler(>=6.3)  // Older versions of Swift Testing do not know the bound.
        @Test("Swift Testing respects the bound", arguments: 0..<200)
        func isKept(_: Int) async throws {
            let atOnce = Self.running.withLock { running in
                running += 1
                return running
            }
            defer { Self.running.withLock { $0 -= 1 } }
            for _ in 0..<100 { await Task.yield() }
            #expect(atOnce <= (try #require(Self.width)))
        }
    #endif
}
