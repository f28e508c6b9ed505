import Foundation

/// The retention policy of a bucket (WORM). Objects cannot be overwritten or deleted during the retention period.
public struct WormConfiguration: XMLDocument {
    /// ID of the policy.
    public var id = ""
    /// State of the policy.
    public var state = State.inProgress
    /// Period in days for which objects cannot be overwritten or deleted.
    public var retentionDays: Int?
    /// Time at which the policy was initiated.
    public var creationDate: Date?
    /// Time at which the policy is deleted unless it is locked.
    public var expirationDate: Date?
    var unrecognized = UnrecognizedElements()

    /// Creates a policy without an ID.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .required("WormId", \.id), .required("State", \.state), .text("RetentionPeriodInDays", \.retentionDays),
        .text("CreationDate", \.creationDate), .text("ExpirationDate", \.expirationDate),
    ]

    /// A state of a retention policy.
    public struct State: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The policy can be aborted, or locked within one day.
        public static let inProgress: State = "InProgress"
        /// The policy can be extended, but not aborted or shortened.
        public static let locked: State = "Locked"
    }
}

/// The body of a request that sets a retention period.
struct RetentionPeriod: XMLDocument {
    var days = 1
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.required("RetentionPeriodInDays", \.days)]

    var problem: DocumentProblem? {
        let range = 1...25_550
        guard !range.contains(days) else { return nil }
        return DocumentProblem("RetentionPeriodInDays", "must be from 1 to 25550 (got \(days))")
    }
}

extension BucketSetting where Document == WormConfiguration, Access == ReadOnlySetting {
    /// The retention policy of the bucket. (GetBucketWorm)
    public static var worm: Self { .xml("BucketWorm", ["worm": nil], root: "WormConfiguration") }
}

extension Bucket {
    /// Creates a retention policy, and returns its ID. The service deletes the policy unless it is locked with
    /// ``completeWorm(_:)`` within one day. (InitiateBucketWorm)
    ///
    /// - Parameter days: Retention period, 1 to 25550 days.
    /// - Throws: ``OSSError``, with code ``OSSError/Code/refused`` if the bucket already has a policy.
    public func initiateWorm(days: Int) async throws -> String {
        var operation = Operation("InitiateBucketWorm", .post)
        operation.query = [("worm", nil)]
        operation.isIdempotent = false
        let response = try await client.send(
            RetentionPeriod(days: days), root: "InitiateWormConfiguration", operation)
        return try client.header("x-oss-worm-id", of: response, operation)
    }

    /// Locks a retention policy. A locked policy cannot be deleted or shortened. (CompleteBucketWorm)
    ///
    /// - Throws: ``OSSError``.
    public func completeWorm(_ id: String) async throws {
        var operation = Operation("CompleteBucketWorm", .post)
        operation.query = [("wormId", id)]
        operation.isIdempotent = false
        _ = try await client.perform(operation)
    }

    /// Extends the retention period of a locked policy. (ExtendBucketWorm)
    ///
    /// - Parameters:
    ///   - id: ID of the policy.
    ///   - days: New retention period, longer than the current one, at most 25550 days.
    /// - Throws: ``OSSError``.
    public func extendWorm(_ id: String, days: Int) async throws {
        var operation = Operation("ExtendBucketWorm", .post)
        operation.query = [("wormExtend", nil), ("wormId", id)]
        operation.isIdempotent = false
        try await client.send(RetentionPeriod(days: days), root: "ExtendWormConfiguration", operation)
    }

    /// Deletes a retention policy that is not locked. (AbortBucketWorm)
    ///
    /// - Throws: ``OSSError``.
    public func abortWorm() async throws {
        var operation = Operation("AbortBucketWorm", .delete)
        operation.query = [("worm", nil)]
        _ = try await client.perform(operation)
    }
}

/// The retention of single objects in a bucket, which must be enabled when the bucket is created or before it has
/// objects.
public struct ObjectWormConfiguration: XMLDocument {
    /// Whether objects can have a retention of their own. Only `Enabled` is permitted.
    public var status = SettingStatus.enabled
    /// Retention of new objects that have none of their own. Default: none.
    public var defaultRetention: DefaultRetention?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without a default retention.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .required("ObjectWormEnabled", \.status), .part("Rule/DefaultRetention", \.defaultRetention),
    ]

    var problem: DocumentProblem? {
        status == .enabled
            ? nil : DocumentProblem("ObjectWormEnabled", "must be Enabled (got '\(status.rawValue.excerpt)')")
    }

    /// A retention period. Exactly one of ``days`` and ``years`` must be set.
    public struct DefaultRetention: XMLDocument {
        /// Mode of the retention. Default: governance.
        public var mode = Mode.governance
        /// Period in days, 1 to 36500.
        public var days: Int?
        /// Period in years, 1 to 100.
        public var years: Int?
        var unrecognized = UnrecognizedElements()

        /// Creates a retention without a period.
        public init() {}

        /// Creates a retention.
        public init(_ mode: Mode, days: Int) { (self.mode, self.days) = (mode, days) }

        static let elements: [XMLElement<Self>] = [
            .required("Mode", \.mode), .text("Days", \.days), .text("Years", \.years),
        ]

        var problem: DocumentProblem? {
            guard (days == nil) != (years == nil) else { return DocumentProblem("", "must have either Days or Years") }
            if let days, !(1...36_500).contains(days) {
                return DocumentProblem("Days", "must be from 1 to 36500 (got \(days))")
            }
            if let years, !(1...100).contains(years) {
                return DocumentProblem("Years", "must be from 1 to 100 (got \(years))")
            }
            return nil
        }
    }

    /// A mode of retention.
    public typealias Mode = RetentionMode
}

/// The objects of a bucket that cannot be overwritten.
public struct OverwriteConfiguration: XMLDocument {
    /// The rules, at least one.
    public var rules: [Rule] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without rules.
    public init() {}

    /// Creates a configuration.
    public init(rules: [Rule]) { self.rules = rules }

    static let elements: [XMLElement<Self>] = [.parts("Rule", \.rules)]

    var problem: DocumentProblem? { rules.isEmpty ? DocumentProblem("Rule", "must occur at least once") : nil }

    /// A rule for objects with a prefix and a suffix.
    public struct Rule: XMLDocument {
        /// ID of the rule. Default: an ID chosen by the service.
        public var id: String?
        /// Action, of which the service knows only `forbid`. Default: `forbid`.
        public var action = "forbid"
        /// Prefix of the keys. Default: all objects.
        public var prefix: String?
        /// Suffix of the keys. Default: all objects.
        public var suffix: String?
        /// Users and roles to which the rule applies, as ARNs or IDs. Default: all.
        public var principals: [String] = []
        var unrecognized = UnrecognizedElements()

        /// Creates a rule for all objects and users.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("ID", \.id), .required("Action", \.action), .text("Prefix", \.prefix), .text("Suffix", \.suffix),
            .texts("Principals/Principal", \.principals),
        ]
    }
}

extension BucketSetting where Document == ObjectWormConfiguration, Access == PermanentSetting {
    /// The retention of single objects. (PutBucketObjectWormConfiguration, GetBucketObjectWormConfiguration)
    public static var objectWorm: Self {
        .xml("BucketObjectWormConfiguration", ["objectWorm": nil], root: "ObjectWormConfiguration")
    }
}

extension BucketSetting where Document == OverwriteConfiguration, Access == RemovableSetting {
    /// The objects that cannot be overwritten. (PutBucketOverwriteConfig, GetBucketOverwriteConfig,
    /// DeleteBucketOverwriteConfig)
    public static var overwrite: Self {
        .xml("BucketOverwriteConfig", ["overwriteConfig": nil], root: "OverwriteConfiguration")
    }
}
