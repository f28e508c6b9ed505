/// The rules by which the service copies the objects of a bucket to other buckets.
public struct ReplicationConfiguration: XMLDocument {
    /// The rules.
    public var rules: [Rule] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without rules.
    public init() {}

    static let elements: [XMLElement<Self>] = [.parts("Rule", \.rules)]

    var problem: DocumentProblem? { rules.isEmpty ? DocumentProblem("Rule", "must occur at least once") : nil }

    /// A rule for one destination.
    public struct Rule: XMLDocument {
        /// Destination of the copies.
        public var destination = Destination()
        /// RAM role with which the service copies objects that are encrypted with KMS.
        public var role: String?
        /// Whether objects that are encrypted with KMS are copied.
        public var kmsEncryptedObjects: SettingStatus?
        /// ID of the KMS key that encrypts the copies.
        public var replicaKMSKeyID: String?
        /// Whether objects are copied that existed before the rule. Default: enabled.
        public var historicalObjects: Switch?
        /// Whether the time of the copy is guaranteed (replication time control). Default: disabled.
        public var timeControl: Switch?
        /// ID of the rule. Default: an ID chosen by the service.
        public var id: String?
        /// Prefixes of the keys, at most 10. Default: all objects.
        public var prefixes: [String] = []
        /// Operations that are copied. Default: all.
        public var action: Action?
        /// State of the rule, as reported by the service.
        public var state: State?
        var unrecognized = UnrecognizedElements()

        /// Creates a rule without a destination, which the service refuses.
        public init() {}

        /// Creates a rule for all objects.
        public init(to destination: Destination) { self.destination = destination }

        static let elements: [XMLElement<Self>] = [
            .requiredPart("Destination", \.destination), .text("SyncRole", \.role),
            .text("SourceSelectionCriteria/SseKmsEncryptedObjects/Status", \.kmsEncryptedObjects),
            .text("EncryptionConfiguration/ReplicaKmsKeyID", \.replicaKMSKeyID),
            .text("HistoricalObjectReplication", \.historicalObjects), .text("RTC/Status", \.timeControl),
            .text("ID", \.id), .texts("PrefixSet/Prefix", \.prefixes), .text("Action", \.action),
            .text("Status", \.state),
        ]

        var problem: DocumentProblem? {
            prefixes.count <= 10
                ? nil : DocumentProblem("PrefixSet/Prefix", "must occur at most 10 times (got \(prefixes.count))")
        }
    }

    /// A bucket that receives copies.
    public struct Destination: XMLDocument {
        /// Name of the bucket.
        public var bucket = ""
        /// Region of the bucket, such as `oss-cn-beijing`.
        public var location = ""
        /// Network of the transfer. Default: internal.
        public var transferType: TransferType?
        var unrecognized = UnrecognizedElements()

        /// Creates a destination without a bucket, which the service refuses.
        public init() {}

        /// Creates a destination.
        public init(bucket: String, location: String, transferType: TransferType? = nil) {
            (self.bucket, self.location, self.transferType) = (bucket, location, transferType)
        }

        static let elements: [XMLElement<Self>] = [
            .required("Bucket", \.bucket), .required("Location", \.location), .text("TransferType", \.transferType),
        ]

        var problem: DocumentProblem? { .inBucketName(bucket, "Bucket") }
    }
}

extension ReplicationConfiguration {
    /// Whether a part of a rule applies.
    public struct Switch: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The part applies.
        public static let enabled: Switch = "enabled"
        /// The part does not apply.
        public static let disabled: Switch = "disabled"
    }

    /// The operations that are copied.
    public struct Action: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// New, changed and deleted objects.
        public static let all: Action = "ALL"
        /// New and changed objects.
        public static let put: Action = "PUT"
    }

    /// A state of a rule.
    public struct State: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The rule was added.
        public static let starting: State = "starting"
        /// Objects are copied.
        public static let doing: State = "doing"
        /// The rule was deleted.
        public static let closing: State = "closing"
    }

    /// A network for transfers between regions.
    public struct TransferType: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The network of the service.
        public static let `internal`: TransferType = "internal"
        /// Transfer acceleration.
        public static let accelerated: TransferType = "oss_acc"
    }
}

/// The regions to which the objects of a bucket can be copied.
public struct ReplicationLocations: XMLDocument {
    /// Regions, such as `oss-cn-beijing`.
    public var locations: [String] = []
    /// Regions with the networks that can be used.
    public var transferTypes: [TransferTypes] = []
    /// Regions with replication time control.
    public var timeControlLocations: [String] = []
    var unrecognized = UnrecognizedElements()

    /// Creates an empty list.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .texts("Location", \.locations),
        .parts("LocationTransferTypeConstraint/LocationTransferType", \.transferTypes),
        .texts("LocationRTCConstraint/Location", \.timeControlLocations),
    ]

    /// The networks that can be used for a region.
    public struct TransferTypes: XMLDocument {
        /// Region.
        public var location: String?
        /// Networks.
        public var types: [ReplicationConfiguration.TransferType] = []
        var unrecognized = UnrecognizedElements()

        /// Creates an empty list.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("Location", \.location), .texts("TransferTypes/Type", \.types),
        ]
    }
}
