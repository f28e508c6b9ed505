/// The tables that describe the objects of a bucket and their changes.
public struct MetadataTables: XMLDocument {
    /// Type of the bucket that contains the tables: `oss`.
    public var tableBucketType: String?
    /// ARN of the bucket that contains the tables.
    public var tableBucketARN: String?
    /// Namespace of the tables.
    public var namespace: String?
    /// Table of changes.
    public var journal: Journal?
    /// Table of objects.
    public var inventory: Inventory?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("MetadataConfigurationResult/DestinationResult/TableBucketType", \.tableBucketType),
        .text("MetadataConfigurationResult/DestinationResult/TableBucketArn", \.tableBucketARN),
        .text("MetadataConfigurationResult/DestinationResult/TableNamespace", \.namespace),
        .part("MetadataConfigurationResult/JournalTableConfigurationResult", \.journal),
        .part("MetadataConfigurationResult/InventoryTableConfigurationResult", \.inventory),
    ]

    /// A table of changes.
    public struct Journal: XMLDocument {
        /// State of the table.
        public var status: Status?
        /// Name of the table.
        public var name: String?
        /// ARN of the table.
        public var arn: String?
        /// Deletion of old records.
        public var expiration: MetadataConfiguration.RecordExpiration?
        /// Encryption of the table.
        public var encryption: MetadataConfiguration.Encryption?
        /// Error; `nil` if there is none.
        public var error: Failure?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("TableStatus", \.status), .text("TableName", \.name), .text("TableArn", \.arn),
            .part("RecordExpiration", \.expiration), .part("EncryptionConfiguration", \.encryption),
            .part("Error", \.error),
        ]
    }

    /// A table of objects.
    public struct Inventory: XMLDocument {
        /// Whether the table is maintained.
        public var state: MetadataConfiguration.Switch?
        /// State of the table.
        public var status: Status?
        /// Name of the table.
        public var name: String?
        /// ARN of the table.
        public var arn: String?
        /// Encryption of the table.
        public var encryption: MetadataConfiguration.Encryption?
        /// Error; `nil` if there is none.
        public var error: Failure?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("ConfigurationState", \.state), .text("TableStatus", \.status), .text("TableName", \.name),
            .text("TableArn", \.arn), .part("EncryptionConfiguration", \.encryption), .part("Error", \.error),
        ]
    }

    /// The reason for which a table could not be created.
    public struct Failure: XMLDocument {
        /// Error code.
        public var code: String?
        /// Message.
        public var message: String?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [.text("ErrorCode", \.code), .text("ErrorMessage", \.message)]
    }

    /// A state of a table.
    public struct Status: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The table is being created.
        public static let creating: Status = "CREATING"
        /// Existing objects are being added.
        public static let backfilling: Status = "BACKFILLING"
        /// The table can be queried.
        public static let active: Status = "ACTIVE"
        /// The table could not be created.
        public static let failed: Status = "FAILED"
    }
}

/// The metadata tables to create for a bucket.
public struct MetadataConfiguration: XMLDocument {
    /// Table of changes.
    public var journal = JournalTable()
    /// Table of objects.
    public var inventory: InventoryTable?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration with a table of changes.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .requiredPart("JournalTableConfiguration", \.journal), .part("InventoryTableConfiguration", \.inventory),
    ]

    /// The configuration of a table of changes.
    public struct JournalTable: XMLDocument {
        /// Deletion of old records.
        public var expiration: RecordExpiration?
        /// Encryption of a new table.
        public var encryption: Encryption?
        var unrecognized = UnrecognizedElements()

        /// Creates a configuration with the default values of the service.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .part("RecordExpiration", \.expiration), .part("EncryptionConfiguration", \.encryption),
        ]
    }

    /// The configuration of a table of objects.
    public struct InventoryTable: XMLDocument {
        /// Whether the table is maintained. Default: enabled.
        public var state = Switch.enabled
        /// Encryption of a new table.
        public var encryption: Encryption?
        var unrecognized = UnrecognizedElements()

        /// Creates an enabled table.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .required("ConfigurationState", \.state), .part("EncryptionConfiguration", \.encryption),
        ]
    }

    /// The deletion of old records.
    public struct RecordExpiration: XMLDocument {
        /// Whether old records are deleted. Default: enabled.
        public var state = Switch.enabled
        /// Age of the records in days, at least 7.
        public var days: Int?
        var unrecognized = UnrecognizedElements()

        /// Creates an enabled deletion without an age.
        public init() {}

        static let elements: [XMLElement<Self>] = [.required("Expiration", \.state), .text("Days", \.days)]

        var problem: DocumentProblem? {
            guard let days, days < 7 else { return nil }
            return DocumentProblem("Days", "must be at least 7 (got \(days))")
        }
    }

    /// The encryption of a table.
    public struct Encryption: XMLDocument {
        /// Algorithm: `AES256` or `oss:kms`.
        public var algorithm: String?
        /// ARN of the KMS key.
        public var kmsKeyARN: String?
        var unrecognized = UnrecognizedElements()

        /// Creates an encryption without an algorithm.
        public init() {}

        static let elements: [XMLElement<Self>] = [.text("SseAlgorithm", \.algorithm), .text("KmsKeyArn", \.kmsKeyARN)]
    }

    /// Whether a part of the configuration applies.
    public struct Switch: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The part applies.
        public static let enabled: Switch = "ENABLED"
        /// The part does not apply.
        public static let disabled: Switch = "DISABLED"
    }
}

extension BucketSetting where Document == MetadataTables, Access == CreatedSetting {
    /// The metadata tables of the bucket. (GetBucketMetadataConfiguration, DeleteBucketMetadataConfiguration)
    public static var metadataTables: Self {
        .xml(
            "BucketMetadataConfiguration", ["metadataConfiguration": nil],
            root: "GetBucketMetadataConfigurationResult")
    }
}

extension Bucket {
    /// Creates metadata tables for the bucket. (CreateBucketMetadataConfiguration)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the configuration is invalid.
    public func createMetadataTables(_ configuration: MetadataConfiguration) async throws {
        var operation = Operation("CreateBucketMetadataConfiguration", .post)
        operation.query = [("metadataConfiguration", nil)]
        operation.isIdempotent = false
        try await client.send(configuration, root: "MetadataConfiguration", operation)
    }

    /// Changes the table of objects. (UpdateBucketMetadataInventoryTableConfiguration)
    ///
    /// - Throws: ``OSSError``.
    public func updateMetadataInventoryTable(_ table: MetadataConfiguration.InventoryTable) async throws {
        var operation = Operation("UpdateBucketMetadataInventoryTableConfiguration", .put)
        operation.query = [("metadataInventoryTable", nil)]
        try await client.send(table, root: "InventoryTableConfiguration", operation)
    }

    /// Changes the table of changes. (UpdateBucketMetadataJournalTableConfiguration)
    ///
    /// - Throws: ``OSSError``.
    public func updateMetadataJournalTable(_ table: MetadataConfiguration.JournalTable) async throws {
        var operation = Operation("UpdateBucketMetadataJournalTableConfiguration", .put)
        operation.query = [("metadataJournalTable", nil)]
        try await client.send(table, root: "JournalTableConfiguration", operation)
    }
}
