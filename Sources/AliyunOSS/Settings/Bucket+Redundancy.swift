import Foundation

/// A task that changes the redundancy of a bucket from one zone to several.
public struct RedundancyTransition: XMLDocument {
    /// Progress in percent.
    public var percentage: Int?
    /// Estimated remaining time, in hours.
    public var remainingHours: Int64?
    /// Name of the bucket.
    public var bucket: String?
    /// ID of the task.
    public var id = ""
    /// State of the task.
    public var status: Status?
    /// Time at which the task was created.
    public var creationDate: Date?
    /// Time at which the task was started.
    public var startDate: Date?
    /// Time at which the task ended.
    public var endDate: Date?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("ProcessPercentage", \.percentage), .text("EstimatedRemainingTime", \.remainingHours),
        .text("Bucket", \.bucket), .required("TaskId", \.id), .text("Status", \.status),
        .text("CreateTime", \.creationDate), .text("StartTime", \.startDate), .text("EndTime", \.endDate),
    ]

    /// A state of a task.
    public struct Status: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The task has not been started.
        public static let queueing: Status = "Queueing"
        /// The task is running.
        public static let processing: Status = "Processing"
        /// The task is complete.
        public static let finished: Status = "Finished"
    }
}

/// A page of a listing of redundancy tasks.
struct RedundancyTransitionPage: PagedDocument {
    var nextToken: String?
    var items: [RedundancyTransition] = []
    var isTruncated: Bool?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .text("NextContinuationToken", \.nextToken), .parts("BucketDataRedundancyTransition", \.items),
        .text("IsTruncated", \.isTruncated),
    ]
}

extension Bucket {
    /// Creates a task that changes the redundancy of the bucket, and returns its ID.
    /// (CreateBucketDataRedundancyTransition)
    ///
    /// - Parameter target: New redundancy. Default: `ZRS`, the only change that the service permits.
    /// - Throws: ``OSSError``.
    public func createRedundancyTransition(to target: String = "ZRS") async throws -> String {
        var operation = Operation("CreateBucketDataRedundancyTransition", .post)
        operation.query = [("redundancyTransition", nil), ("x-oss-target-redundancy-type", target)]
        operation.isIdempotent = false
        let task: RedundancyTransition = try await client.document(operation, root: "BucketDataRedundancyTransition")
        return task.id
    }

    /// Returns a task that changes the redundancy of the bucket. (GetBucketDataRedundancyTransition)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if there is no such task.
    public func redundancyTransition(_ id: String) async throws -> RedundancyTransition {
        var operation = Operation("GetBucketDataRedundancyTransition", .get)
        operation.query = [("redundancyTransition", nil), ("x-oss-redundancy-transition-taskid", id)]
        return try await client.document(
            operation, root: "BucketDataRedundancyTransition", echo: DocumentEcho("TaskId", id))
    }

    /// Deletes a task that has not been started. (DeleteBucketDataRedundancyTransition)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if there is no such task.
    public func deleteRedundancyTransition(_ id: String) async throws {
        var operation = Operation("DeleteBucketDataRedundancyTransition", .delete)
        operation.query = [("redundancyTransition", nil), ("x-oss-redundancy-transition-taskid", id)]
        _ = try await client.perform(operation)
    }

    /// Lists the tasks that change the redundancy of the bucket. (ListBucketDataRedundancyTransition)
    public nonisolated func listRedundancyTransitions()
        -> PagedSequence<RedundancyTransition, [RedundancyTransition]>
    {
        client.listRedundancyTransitions("ListBucketDataRedundancyTransition")
    }
}

extension Client {
    func listRedundancyTransitions(_ name: String) -> PagedSequence<RedundancyTransition, [RedundancyTransition]> {
        list(RedundancyTransitionPage.self, root: "ListBucketDataRedundancyTransition") {
            var operation = Operation(name, .get)
            operation.query = [("redundancyTransition", nil)]
            operation.addQuery("continuation-token", ifPresent: $0)
            return operation
        }
    }
}
