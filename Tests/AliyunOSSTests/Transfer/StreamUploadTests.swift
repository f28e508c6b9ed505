import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

@Suite("Uploading a sequence", .timeLimit(.minutes(3)))
struct StreamUploadTests {
    private static let partSize = 1 << 20

    private var options: UploadOptions {
        var options = UploadOptions()
        options.partSize = Int64(Self.partSize)
        return options
    }

    @Test(
        "An object is uploaded as it is read, also when the memory budget holds neither a part nor a window with another",
        arguments: [1, 8])
    func copying(count: Int) async throws {
        let service = try TestService {
            $0.memoryBudget = 1 << 20
            $0.readWindow = 1 << 20
        }
        let content = Data(pattern(3 * Self.partSize + 77))
        try service.server.put("from", content, in: "photos")
        try await withThrowingTaskGroup { group in
            for number in 0..<count {
                group.addTask { [options] in
                    let object = try await service.bucket.getObject("from")
                    let key = ObjectKey("to/\(number)")
                    return try await service.bucket.uploadObject(key, from: object.body, options: options).partCount
                }
            }
            for try await partCount in group { #expect(partCount == 4) }
        }
        for number in 0..<count {
            #expect(service.server.data(of: "to/\(number)", in: "photos") == content)
        }
    }
}
