import Foundation

/// A query of the metadata index of a bucket.
public struct MetaQuery: XMLDocument {
    /// Number of objects per request, 1 to 100. Default: chosen by the service.
    public var pageSize: Int64?
    /// Condition in JSON for the basic mode, or a text for the semantic mode.
    public var query = ""
    /// Field by which the objects are sorted, such as `Size`.
    public var sort: String?
    /// Direction of the sort: `asc` or `desc`.
    public var order: String?
    /// Aggregations to compute in place of listing objects.
    public var aggregations: [Aggregation] = []
    /// Start of the page. The listing sets it.
    var nextToken: String?
    /// Types of media for the semantic mode: `image`, `video`, `audio`, `document`.
    public var mediaTypes: [String] = []
    /// Condition in JSON for the semantic mode.
    public var simpleQuery: String?
    var unrecognized = UnrecognizedElements()

    /// Creates a query without a condition.
    public init() {}

    /// Creates a query, for example `{"Field": "Size","Value": "1048576","Operation": "gt"}`.
    public init(_ query: String) { self.query = query }

    static let elements: [XMLElement<Self>] = [
        .text("MaxResults", \.pageSize), .required("Query", \.query), .text("Sort", \.sort), .text("Order", \.order),
        .parts("Aggregations/Aggregation", \.aggregations), .text("NextToken", \.nextToken),
        .texts("MediaTypes/MediaType", \.mediaTypes), .text("SimpleQuery", \.simpleQuery),
    ]

    var problem: DocumentProblem? {
        if let pageSize, !(1...100).contains(pageSize) {
            return DocumentProblem("MaxResults", "must be from 1 to 100 (got \(pageSize))")
        }
        guard let order, order != "asc", order != "desc" else { return nil }
        return DocumentProblem("Order", "must be asc or desc (got '\(order.excerpt)')")
    }

    /// An aggregation over the objects that meet the condition, and its result.
    public struct Aggregation: XMLDocument {
        /// Field, such as `Size`.
        public var field: String?
        /// Operation: `min`, `max`, `average`, `sum`, `count`, `distinct` or `group`.
        public var operation: String?
        /// Result, a number in the unit of the field.
        public var value: Double?
        /// Result of the operation `group`.
        public var groups: [Group] = []
        var unrecognized = UnrecognizedElements()

        /// Creates an aggregation without a field.
        public init() {}

        /// Creates an aggregation.
        public init(_ operation: String, of field: String) { (self.operation, self.field) = (operation, field) }

        static let elements: [XMLElement<Self>] = [
            .text("Field", \.field), .text("Operation", \.operation), .text("Value", \.value),
            .parts("Groups/Group", \.groups),
        ]
    }

    /// A group of objects with the same value.
    public struct Group: XMLDocument {
        /// Value of the field.
        public var value: String?
        /// Number of objects.
        public var count: Int64?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty group.
        public init() {}

        static let elements: [XMLElement<Self>] = [.text("Value", \.value), .text("Count", \.count)]
    }

    /// A mode of the index.
    public struct Mode: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Search by metadata.
        public static let basic: Mode = "basic"
        /// Search by the meaning of the content.
        public static let semantic: Mode = "semantic"
    }
}

/// A page of the result of a query.
public struct MetaQueryPage: PagedDocument {
    var nextToken: String?
    /// Objects that meet the condition.
    public var items: [MetaQueryObject] = []
    /// Results of the aggregations.
    public var aggregations: [MetaQuery.Aggregation] = []
    var isTruncated: Bool? { nil }
    var unrecognized = UnrecognizedElements()

    /// Creates an empty page.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("NextToken", \.nextToken), .parts("Files/File", \.items),
        .parts("Aggregations/Aggregation", \.aggregations),
    ]
}

/// The state of the metadata index of a bucket.
public struct MetaQueryStatus: XMLDocument {
    /// Time at which the index was created.
    public var creationDate: Date?
    /// Time of the last change.
    public var updateDate: Date?
    /// State, such as `Ready`, `Running` or `Failed`.
    public var state = ""
    /// Phase, such as `FullScanning` or `IncrementalScanning`.
    public var phase: String?
    /// Mode of the index.
    public var mode: MetaQuery.Mode?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("CreateTime", \.creationDate), .text("UpdateTime", \.updateDate), .required("State", \.state),
        .text("Phase", \.phase), .text("MetaQueryMode", \.mode),
    ]
}

extension BucketSetting where Document == MetaQueryStatus, Access == ReadOnlySetting {
    /// The state of the metadata index; `nil` if the bucket has none. (GetMetaQueryStatus)
    public static var metaQueryStatus: Self { .xml("MetaQueryStatus", ["metaQuery": nil], root: "MetaQueryStatus") }
}

extension Bucket {
    /// Creates the metadata index of the bucket. (OpenMetaQuery)
    ///
    /// - Parameter mode: Mode of the index. Default: chosen by the service, which is basic.
    /// - Throws: ``OSSError``.
    public func openMetaQuery(mode: MetaQuery.Mode? = nil) async throws {
        var operation = Self.metaQuery("OpenMetaQuery", "add", mode)
        operation.isIdempotent = false
        _ = try await client.perform(operation)
    }

    /// Deletes the metadata index of the bucket. (CloseMetaQuery)
    ///
    /// - Throws: ``OSSError``.
    public func closeMetaQuery() async throws {
        _ = try await client.perform(Self.metaQuery("CloseMetaQuery", "delete", nil))
    }

    /// Lists the objects that meet a condition. The pages contain the results of aggregations. (DoMetaQuery)
    ///
    /// - Parameters:
    ///   - query: Condition.
    ///   - mode: Mode of the index. Default: chosen by the service, which is basic.
    public nonisolated func queryObjects(
        _ query: MetaQuery, mode: MetaQuery.Mode? = nil
    ) -> PagedSequence<MetaQueryObject, MetaQueryPage> {
        PagedSequence(elements: \.items) { [client] progress in
            var query = query
            query.nextToken = progress.marker?.key.rawValue
            let operation = try client.adding(
                query, root: "MetaQuery", to: Self.metaQuery("DoMetaQuery", "query", mode))
            let page: MetaQueryPage = try await client.document(operation, root: "MetaQuery")
            do throws(OSSError) {
                try progress.advance(to: page.nextMarker())
            } catch {
                throw client.reject(error, operation)
            }
            return page
        }
    }

    /// Performs an action on the metadata index, such as one on data sets, and returns the body of the response.
    /// (DoMetaQueryAction)
    ///
    /// - Parameters:
    ///   - action: Name of the action, such as `createDataset`.
    ///   - body: Body of the request, in the format of the action. Default: none.
    ///   - isIdempotent: Whether the request can be sent again after a lost response. Default: `false`.
    /// - Throws: ``OSSError``.
    public func performMetaQueryAction(
        _ action: String, body: [UInt8] = [], isIdempotent: Bool = false
    ) async throws -> [UInt8] {
        var operation = Operation("DoMetaQueryAction", .post)
        operation.query = [("metaQuery", nil), ("action", action)]
        return try await client.perform(operation, body: body, isIdempotent: isIdempotent)
    }

    private static func metaQuery(_ name: String, _ action: String, _ mode: MetaQuery.Mode?) -> Operation {
        var operation = Operation(name, .post)
        operation.query = [("metaQuery", nil), ("comp", action)]
        operation.addQuery("mode", ifPresent: mode?.rawValue)
        return operation
    }
}
