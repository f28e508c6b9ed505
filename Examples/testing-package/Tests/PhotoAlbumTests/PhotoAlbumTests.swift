import AliyunOSS
import AliyunOSSTesting
import Foundation
import PhotoAlbum
import Testing

/// Each test has a server of its own, on a free port, so all tests run in parallel.
@Suite("Photo album")
struct PhotoAlbumTests {
    let server: MockOSSServer
    let album: PhotoAlbum

    init() throws {
        server = try MockOSSServer(.init(accessKeys: [.init(id: "test-id", secret: "test-secret")]))
        var configuration = BucketConfiguration()
        configuration.retry.baseDelay = .milliseconds(1)  // Tests need no pause before a retry.
        album = PhotoAlbum("spring", in: try server.bucket("photos", configuration: configuration))
    }

    @Test("A photo is stored under the prefix of its album, and can be read and listed")
    func add() async throws {
        let photo = Data("a photo".utf8)
        try await album.add(photo, named: "cherry.jpg")
        #expect(server.data(of: "albums/spring/cherry.jpg", in: "photos") == photo)
        #expect(try await album.photo(named: "cherry.jpg") == photo)
        #expect(try await album.names() == ["cherry.jpg"])
    }

    @Test("Photos of other albums are not listed")
    func otherAlbum() async throws {
        try server.put("albums/spring-2025/tulip.jpg", Data("another photo".utf8), in: "photos")
        #expect(try await album.names().isEmpty)
    }

    @Test("A missing photo is nil")
    func missing() async throws {
        #expect(try await album.photo(named: "missing.jpg") == nil)
    }

    @Test("A photo is stored although the service is unavailable at first")
    func unavailable() async throws {
        server.add(.respond(status: 503, code: "ServiceUnavailable"), when: .operation("PutObject"), times: 2)
        try await album.add(Data("a photo".utf8), named: "cherry.jpg")
        #expect(server.data(of: "albums/spring/cherry.jpg", in: "photos") == Data("a photo".utf8))
        #expect(server.requests.count == 3)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A photo that was damaged on its way is an error, and not returned")
    func damaged() async throws {
        try server.put("albums/spring/cherry.jpg", Data("a photo".utf8), in: "photos")
        server.add(.corruptBody(at: 3), when: .operation("GetObject"), times: .max)
        let error = await #expect(throws: OSSError.self) { try await album.photo(named: "cherry.jpg") }
        #expect(error?.code == .checksumMismatch)
    }

    @Test("A photo that may not be read is an error, and not a missing photo")
    func denied() async throws {
        server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("GetObject"))
        let error = await #expect(throws: OSSError.self) { try await album.photo(named: "cherry.jpg") }
        #expect(error?.code == .accessDenied)
    }
}
