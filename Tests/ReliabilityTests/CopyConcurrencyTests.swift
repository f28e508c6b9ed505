import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

@Suite("Concurrency of copies")
struct CopyConcurrencyTests {
    private static let limit = 4

    /// How many requests the service has when more objects are copied at once than may be, and it answers none of them.
    private func requestsInFlight(_ operation: String, _ service: FaultyService) async throws -> Int {
        try service.store("source")
        let pieces = TransferContext(
            multipartThreshold: 1, partSize: nil, concurrency: Self.limit, interruptionPolicy: .discard,
            slots: AsyncSemaphore(Self.limit))
        service.server.add(.neverAnswer, when: .operation(operation), times: .max)
        defer { service.server.faults.removeAll() }
        func unanswered() -> Int {
            service.server.requests.count { $0.operation == operation && $0.status == 0 }
        }
        return try await withThrowingTaskGroup { group in
            for number in 0...Self.limit {
                group.addTask {
                    let key = ObjectKey(unchecked: "copy\(number)")
                    _ = try? await service.bucket.copy(
                        "source", in: nil, ifMatch: nil, to: key, attributes: nil, pieces)
                }
            }
            let isSettled = try await eventually {
                let count = unanswered()
                return count > Self.limit || count == Self.limit && pieces.slots.waiterCount > 0
            }
            #expect(isSettled)
            let inFlight = unanswered()
            group.cancelAll()
            return inFlight
        }
    }

    @Test("Objects that are copied in one request each are no more at once than may be in the air")
    func atOnce() async throws {
        #expect(try await requestsInFlight("CopyObject", try FaultyService()) == Self.limit)
    }

    @Test("Parts of several objects are no more at once than may be in the air")
    func parts() async throws {
        let service = try FaultyService()
        // There need not be so many bytes: none of them is looked at.
        service.server.add(
            .header("Content-Length", String(1 << 30)), when: .operation("HeadObject"), times: .max)
        #expect(try await requestsInFlight("UploadPartCopy", service) == Self.limit)
    }
}
