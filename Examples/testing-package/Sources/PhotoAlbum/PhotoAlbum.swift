import AliyunOSS
import Foundation

/// An album of photos, each of which is an object under a prefix of a bucket.
///
/// The bucket is a parameter, so that tests can pass one of a mock server.
public struct PhotoAlbum: Sendable {
    private let bucket: Bucket
    private let prefix: String

    /// Creates an album. Albums with the same name in a bucket have the same photos.
    public init(_ name: String, in bucket: Bucket) {
        self.bucket = bucket
        prefix = "albums/\(name)/"
    }

    /// Stores a photo, and replaces an earlier one of the same name.
    public func add(_ photo: Data, named name: String) async throws {
        let options = PutObjectOptions(contentType: "image/jpeg")
        try await bucket.putObject(ObjectKey(prefix + name), .data(photo), options: options)
    }

    /// Returns a photo, or `nil` if the album has none of this name.
    public func photo(named name: String) async throws -> Data? {
        do {
            return try await bucket.getObject(ObjectKey(prefix + name)).body.collect()
        } catch let error as OSSError where error.code == .notFound {
            return nil
        }
    }

    /// Returns the names of the photos, sorted.
    public func names() async throws -> [String] {
        var names: [String] = []
        for try await object in bucket.listObjects(prefix: prefix) {
            names.append(String(object.key.rawValue.dropFirst(prefix.count)))
        }
        return names
    }
}
