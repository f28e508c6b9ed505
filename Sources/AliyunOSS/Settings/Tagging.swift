/// A key and a value that mark a bucket or an object.
public struct ResourceTag: XMLDocument {
    /// Key, 1 to 128 bytes.
    public var key = ""
    /// Value, at most 256 bytes. Default: empty.
    public var value: String?
    var unrecognized = UnrecognizedElements()

    /// Creates a tag without a key, which the service refuses.
    public init() {}

    /// Creates a tag.
    public init(_ key: String, _ value: String) { (self.key, self.value) = (key, value) }

    static let elements: [XMLElement<Self>] = [.required("Key", \.key), .text("Value", \.value)]

    var problem: DocumentProblem? {
        if key.utf8.count > 128 {
            return DocumentProblem("Key", "must not exceed 128 bytes (got \(key.utf8.count))")
        }
        if let count = value?.utf8.count, count > 256 {
            return DocumentProblem("Value", "must not exceed 256 bytes (got \(count))")
        }
        return nil
    }
}

/// The tags of a bucket.
public struct Tagging: XMLDocument {
    /// The tags, with unique keys, at most 20.
    public var tags: [ResourceTag] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a list without tags.
    public init() {}

    /// Creates a list of tags.
    public init(_ tags: [ResourceTag]) { self.tags = tags }

    static let elements: [XMLElement<Self>] = [.parts("TagSet/Tag", \.tags, writesEmptyParent: true)]

    var problem: DocumentProblem? {
        if tags.count > 20 { return DocumentProblem("TagSet/Tag", "must occur at most 20 times (got \(tags.count))") }
        return Set(tags.map(\.key)).count < tags.count ? DocumentProblem("TagSet/Tag/Key", "must be unique") : nil
    }
}

extension Tagging: ExpressibleByDictionaryLiteral {
    /// Creates a list of tags from their keys and values.
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements.map { ResourceTag($0.0, $0.1) }) }
}

extension BucketSetting where Document == Tagging, Access == RemovableSetting {
    /// The tags of the bucket. (PutBucketTags, GetBucketTags, DeleteBucketTags)
    public static var tags: Self { .xml("BucketTags", ["tagging": nil], root: "Tagging") }
}

extension Bucket {
    /// Deletes some tags of the bucket. Tags that do not exist are ignored. (DeleteBucketTags)
    ///
    /// - Parameter keys: Keys of the tags. An empty list is an error, because the service would delete all tags.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if a key is empty or contains a comma.
    public func removeTags(_ keys: [String]) async throws {
        var operation = Operation("DeleteBucketTags", .delete)
        operation.query = [("tagging", keys.joined(separator: ","))]
        // The service separates the keys by commas, and deletes all tags if there is no key.
        guard !keys.isEmpty, keys.allSatisfy({ !$0.isEmpty && !$0.contains(",") }) else {
            let problem = "keys must not be empty or contain commas; to delete all tags, use remove(.tags)"
            throw client.describe(OSSError(.invalidArgument, problem), operation, attempts: 0)
        }
        _ = try await client.perform(operation)
    }
}
