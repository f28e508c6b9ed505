import Foundation

/// A report about the objects of a bucket that the service writes regularly.
public struct InventoryConfiguration: XMLDocument {
    /// ID of the report, unique in the bucket.
    public var id = ""
    /// Whether the report is written. Default: `true`.
    public var isEnabled = true
    /// Destination of the report.
    public var destination = Destination()
    /// Frequency of the report. Default: daily.
    public var schedule = Schedule()
    /// Conditions on the objects. Default: all objects.
    public var filter: Filter?
    /// Versions in the report. Default: the current versions.
    public var versions = Versions.current
    /// Fields in addition to the bucket and the key.
    public var fields: [Field] = []
    /// Report about changes only; `nil` if there is none.
    public var incremental: Incremental?
    var unrecognized = UnrecognizedElements()

    /// Creates a daily report without an ID and a destination.
    public init() {}

    /// Creates a daily report with a destination.
    public init(id: String, destination: Destination) { (self.id, self.destination) = (id, destination) }

    static let elements: [XMLElement<Self>] = [
        .required("Id", \.id), .required("IsEnabled", \.isEnabled),
        .requiredPart("Destination/OSSBucketDestination", \.destination), .requiredPart("Schedule", \.schedule),
        .part("Filter", \.filter), .required("IncludedObjectVersions", \.versions),
        .texts("OptionalFields/Field", \.fields), .part("IncrementalInventory", \.incremental),
    ]
}

extension InventoryConfiguration {
    /// The bucket to which reports are written.
    public struct Destination: XMLDocument {
        /// Format of the report. Default: CSV, compressed with gzip.
        public var format = Format.csv
        /// ID of the account that owns the bucket.
        public var accountID: String?
        /// ARN of the RAM role with which the report is written, such as `acs:ram::174649:role/inventory`.
        public var roleARN: String?
        /// Bucket as an ARN, such as `acs:oss:::reports`.
        public var bucket = ""
        /// Prefix of the keys of the report. Default: none.
        public var prefix: String?
        /// Whether the report is encrypted with keys that the service manages; `nil` if it is not. Not with ``kmsKeyID``.
        public var ossEncryption: OSSEncryption?
        /// ID of the KMS key that encrypts the report; `nil` if it is not encrypted with KMS.
        public var kmsKeyID: String?
        var unrecognized = UnrecognizedElements()

        /// Creates a destination without a bucket, which the service refuses.
        public init() {}

        /// Creates a destination in a bucket, given by its name.
        public init(bucket: String, prefix: String? = nil, accountID: String, roleARN: String) {
            self.bucket = "acs:oss:::\(bucket)"
            (self.prefix, self.accountID, self.roleARN) = (prefix, accountID, roleARN)
        }

        static let elements: [XMLElement<Self>] = [
            .required("Format", \.format), .text("AccountId", \.accountID), .text("RoleArn", \.roleARN),
            .required("Bucket", \.bucket), .text("Prefix", \.prefix),
            .part("Encryption/SSE-OSS", \.ossEncryption), .text("Encryption/SSE-KMS/KeyId", \.kmsKeyID),
        ]

        var problem: DocumentProblem? {
            guard ossEncryption != nil, kmsKeyID != nil else { return nil }
            return DocumentProblem("Encryption", "must not have both SSE-OSS and SSE-KMS")
        }
    }

    /// Encryption with keys that the service manages. It has no properties.
    public struct OSSEncryption: XMLDocument {
        var unrecognized = UnrecognizedElements()

        /// Creates the value.
        public init() {}

        static let elements: [XMLElement<Self>] = []
    }

    /// The frequency of reports.
    public struct Schedule: XMLDocument {
        /// Frequency. Default: daily.
        public var frequency = Frequency.daily
        /// Day of the month, 1 to 31. Only for ``Frequency/monthly``.
        public var dayOfMonth: Int?
        /// Whether the configuration is deleted after the report. Only for ``Frequency/once``.
        public var deletesItself: Bool?
        var unrecognized = UnrecognizedElements()

        /// Creates a daily schedule.
        public init() {}

        /// Creates a schedule.
        public init(_ frequency: Frequency) { self.frequency = frequency }

        static let elements: [XMLElement<Self>] = [
            .required("Frequency", \.frequency), .text("DayOfMonth", \.dayOfMonth),
            .text("AutoDelete", \.deletesItself),
        ]

        var problem: DocumentProblem? {
            guard let dayOfMonth, !(1...31).contains(dayOfMonth) else { return nil }
            return DocumentProblem("DayOfMonth", "must be from 1 to 31 (got \(dayOfMonth))")
        }
    }

    /// Conditions on the objects in a report.
    public struct Filter: XMLDocument {
        /// Earliest time of the last modification, to the second.
        public var modifiedAfter: Date?
        /// Latest time of the last modification, to the second.
        public var modifiedBefore: Date?
        /// Minimum size in bytes.
        public var minimumSize: Int64?
        /// Maximum size in bytes.
        public var maximumSize: Int64?
        /// Storage classes, separated by commas. Default: all.
        public var storageClasses: String?
        /// Prefix of the keys.
        public var prefix: String?
        var unrecognized = UnrecognizedElements()

        /// Creates a filter without conditions.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .seconds("LastModifyBeginTimeStamp", \.modifiedAfter), .seconds("LastModifyEndTimeStamp", \.modifiedBefore),
            .text("LowerSizeBound", \.minimumSize), .text("UpperSizeBound", \.maximumSize),
            .text("StorageClass", \.storageClasses), .text("Prefix", \.prefix),
        ]

        var problem: DocumentProblem? {
            if let modifiedAfter, let modifiedBefore, modifiedBefore < modifiedAfter {
                return DocumentProblem("LastModifyEndTimeStamp", "must not precede LastModifyBeginTimeStamp")
            }
            if let minimumSize, minimumSize < 0 {
                return DocumentProblem("LowerSizeBound", "must not be negative (got \(minimumSize))")
            }
            if let maximumSize, maximumSize < minimumSize ?? 0 {
                return DocumentProblem(
                    "UpperSizeBound", "must be at least \(minimumSize ?? 0) (got \(maximumSize))")
            }
            return nil
        }
    }

    /// A report about changes only.
    public struct Incremental: XMLDocument {
        /// Whether the report is written. Default: `true`.
        public var isEnabled = true
        /// Interval between reports, in seconds; greater than 0.
        public var interval: Int?
        /// Fields of the report.
        public var fields: [Field] = []
        var unrecognized = UnrecognizedElements()

        /// Creates a report without fields.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .required("IsEnabled", \.isEnabled), .text("Schedule/Frequency", \.interval),
            .texts("OptionalFields/Field", \.fields),
        ]

        var problem: DocumentProblem? {
            guard let interval, interval < 1 else { return nil }
            return DocumentProblem("Schedule/Frequency", "must be greater than 0 (got \(interval))")
        }
    }
}

extension InventoryConfiguration {
    /// A file format of reports.
    public struct Format: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// CSV files compressed with gzip.
        public static let csv: Format = "CSV"
        /// Parquet files.
        public static let parquet: Format = "Parquet"
    }

    /// A frequency of reports.
    public struct Frequency: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// One report each day.
        public static let daily: Frequency = "Daily"
        /// One report each week.
        public static let weekly: Frequency = "Weekly"
        /// One report each month.
        public static let monthly: Frequency = "Monthly"
        /// A single report.
        public static let once: Frequency = "Once"
    }

    /// The versions of objects in a report.
    public struct Versions: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Current and noncurrent versions.
        public static let all: Versions = "All"
        /// Current versions.
        public static let current: Versions = "Current"
    }

    /// A field of a report. Incremental reports have further fields, such as `RecordType`, `RecordTimestamp` and
    /// `Requester`.
    public struct Field: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Size in bytes.
        public static let size: Field = "Size"
        /// Time of the last modification.
        public static let lastModified: Field = "LastModifiedDate"
        /// ETag.
        public static let eTag: Field = "ETag"
        /// Storage class.
        public static let storageClass: Field = "StorageClass"
        /// Whether the object was stored by a multipart upload.
        public static let isMultipartUploaded: Field = "IsMultipartUploaded"
        /// Encryption.
        public static let encryptionStatus: Field = "EncryptionStatus"
        /// Time of the move to a colder storage class.
        public static let transitionTime: Field = "TransitionTime"
        /// Access control list.
        public static let accessControl: Field = "ObjectAcl"
        /// Number of tags.
        public static let tagCount: Field = "TaggingCount"
        /// Type of the object.
        public static let objectType: Field = "ObjectType"
        /// CRC-64.
        public static let crc64: Field = "Crc64"
    }
}

/// A page of a listing of inventory configurations.
struct InventoryPage: PagedDocument {
    var items: [InventoryConfiguration] = []
    var isTruncated: Bool? = false
    var nextToken: String?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .parts("InventoryConfiguration", \.items), .text("IsTruncated", \.isTruncated),
        .text("NextContinuationToken", \.nextToken),
    ]
}

extension BucketSetting where Document == InventoryConfiguration, Access == RemovableSetting {
    /// A report about the objects of the bucket. An existing report must be deleted before another one with the same ID
    /// is stored. (PutBucketInventory, GetBucketInventory, DeleteBucketInventory)
    ///
    /// - Parameter id: ID of the report, which must equal ``InventoryConfiguration/id``.
    public static func inventory(_ id: String) -> Self {
        xml("BucketInventory", ["inventory": nil, "inventoryId": id], root: "InventoryConfiguration").with {
            $0.echo = DocumentEcho("Id", id)
            $0.isIdempotent = false
            let write = $0.write
            $0.write = { (document, operation) throws(OSSError) in
                guard document.id == id else {
                    throw OSSError(
                        .invalidArgument,
                        "InventoryConfiguration/Id must be '\(id.excerpt)' (got '\(document.id.excerpt)')")
                }
                try write(document, &operation)
            }
        }
    }
}

extension Bucket {
    /// Lists the inventory configurations of the bucket. (ListBucketInventory)
    public nonisolated func listInventories()
        -> PagedSequence<InventoryConfiguration, [InventoryConfiguration]>
    {
        client.list(InventoryPage.self, root: "ListInventoryConfigurationsResult") {
            var operation = Operation("ListBucketInventory", .get)
            operation.query = [("inventory", nil)]
            operation.addQuery("continuation-token", ifPresent: $0)
            return operation
        }
    }
}
