import Foundation

/// The versioning state of a bucket.
public struct VersioningConfiguration: XMLDocument {
    /// State; `nil` if versioning was never enabled.
    public var status: Status?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without a state, which the service refuses.
    public init() {}

    /// Creates a configuration.
    public init(_ status: Status) { self.status = status }

    static let elements: [XMLElement<Self>] = [.text("Status", \.status)]

    var problem: DocumentProblem? {
        status?.rawValue ?? "" == "" ? DocumentProblem("Status", "must be Enabled or Suspended") : nil
    }

    /// Whether a bucket stores the versions of its objects.
    public struct Status: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Overwritten and deleted objects remain as noncurrent versions.
        public static let enabled: Status = "Enabled"
        /// New objects have the version ID `null`. Existing versions remain.
        public static let suspended: Status = "Suspended"
    }
}

/// The default encryption of the objects of a bucket.
public struct ServerSideEncryptionRule: XMLDocument {
    /// Algorithm. Default: AES-256 with keys that the service manages.
    public var algorithm = Algorithm.aes256
    /// ID of the master key in KMS. Only for ``EncryptionAlgorithm/kms``. Default: the key that the service manages.
    public var masterKeyID: String?
    /// Algorithm with which data is encrypted. Only for ``EncryptionAlgorithm/kms``. Default: AES-256.
    public var dataEncryption: Algorithm?
    var unrecognized = UnrecognizedElements()

    /// Creates a rule for AES-256.
    public init() {}

    /// Creates a rule.
    public init(_ algorithm: Algorithm, masterKeyID: String? = nil) {
        (self.algorithm, self.masterKeyID) = (algorithm, masterKeyID)
    }

    static let elements: [XMLElement<Self>] = [
        .required("ApplyServerSideEncryptionByDefault/SSEAlgorithm", \.algorithm),
        .text("ApplyServerSideEncryptionByDefault/KMSMasterKeyID", \.masterKeyID),
        .text("ApplyServerSideEncryptionByDefault/KMSDataEncryption", \.dataEncryption),
    ]

    var problem: DocumentProblem? {
        guard algorithm != .kms else { return nil }
        let values = [("KMSMasterKeyID", masterKeyID), ("KMSDataEncryption", dataEncryption?.rawValue)]
        return values.first { !($0.1 ?? "").isEmpty }.map { name, _ in
            DocumentProblem(
                "ApplyServerSideEncryptionByDefault/\(name)", "requires the algorithm KMS (got \(algorithm))")
        }
    }

    /// An encryption algorithm of the service.
    public typealias Algorithm = EncryptionAlgorithm
}

/// The party that pays for requests and traffic.
public struct RequestPaymentConfiguration: XMLDocument {
    /// Payer. Default: the owner of the bucket.
    public var payer = Payer.bucketOwner
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration in which the owner of the bucket pays.
    public init() {}

    /// Creates a configuration.
    public init(_ payer: Payer) { self.payer = payer }

    static let elements: [XMLElement<Self>] = [.required("Payer", \.payer)]

    /// A party that can pay.
    public struct Payer: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The owner of the bucket.
        public static let bucketOwner: Payer = "BucketOwner"
        /// The sender of the request, who must agree to it in each request.
        public static let requester: Payer = "Requester"
    }
}

/// Acceleration of transfers over long distances.
public struct TransferAccelerationConfiguration: XMLDocument {
    /// Whether acceleration endpoints can be used. A change takes up to 30 minutes. Default: `false`.
    public var isEnabled = false
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without acceleration.
    public init() {}

    /// Creates a configuration.
    public init(isEnabled: Bool) { self.isEnabled = isEnabled }

    static let elements: [XMLElement<Self>] = [.required("Enabled", \.isEnabled)]
}

/// Tracking of the last access to each object, for lifecycle rules.
public struct AccessMonitorConfiguration: XMLDocument {
    /// Whether accesses are tracked. Default: disabled.
    public var status = SettingStatus.disabled
    /// Whether a copy of an object has the access time of its source.
    public var allowsCopy: Bool?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without tracking.
    public init() {}

    /// Creates a configuration.
    public init(_ status: SettingStatus) { self.status = status }

    static let elements: [XMLElement<Self>] = [.required("Status", \.status), .text("AllowCopy", \.allowsCopy)]
}

/// Reading of archived objects without restoring them.
public struct ArchiveDirectReadConfiguration: XMLDocument {
    /// Whether archived objects can be read directly, which is billed. Default: `false`.
    public var isEnabled = false
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without direct reading.
    public init() {}

    /// Creates a configuration.
    public init(isEnabled: Bool) { self.isEnabled = isEnabled }

    static let elements: [XMLElement<Self>] = [.required("Enabled", \.isEnabled)]
}

/// The resource group of a bucket.
public struct BucketResourceGroupConfiguration: XMLDocument {
    /// ID of the resource group, such as `rg-aekz`; empty for the default group.
    public var resourceGroupID: String? = ""
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration for the default resource group.
    public init() {}

    /// Creates a configuration.
    public init(_ resourceGroupID: String) { self.resourceGroupID = resourceGroupID }

    static let elements: [XMLElement<Self>] = [.text("ResourceGroupId", \.resourceGroupID)]
}

/// A limit on the size of a bucket.
public struct QuotaConfiguration: XMLDocument {
    /// Maximum total size of the objects, in bytes, greater than 0.
    public var storageQuota: Int64?
    /// Action when the limit is reached.
    public var mode: Mode?
    /// Total size of the objects, in bytes, as reported by the service.
    public var currentUsage: Int64?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without a limit, which the service refuses.
    public init() {}

    /// Creates a configuration.
    public init(storageQuota: Int64, mode: Mode) { (self.storageQuota, self.mode) = (storageQuota, mode) }

    static let elements: [XMLElement<Self>] = [
        .text("StorageQuota", \.storageQuota), .text("Mode", \.mode), .text("CurrentUsage", \.currentUsage),
    ]

    var problem: DocumentProblem? {
        guard let storageQuota, storageQuota > 0 else {
            return DocumentProblem(
                "StorageQuota", "must be greater than 0 (got \(storageQuota.map(String.init) ?? "none"))")
        }
        return nil
    }

    /// An action when the limit is reached.
    public struct Mode: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Further objects are refused.
        public static let strict: Mode = "Strict"
        /// The owner of the bucket is warned.
        public static let warn: Mode = "Warn"
    }
}

extension BucketSetting where Document == VersioningConfiguration, Access == PermanentSetting {
    /// The versioning state of the bucket. (PutBucketVersioning, GetBucketVersioning)
    public static var versioning: Self {
        .xml("BucketVersioning", ["versioning": nil], root: "VersioningConfiguration")
    }
}

extension BucketSetting where Document == ServerSideEncryptionRule, Access == RemovableSetting {
    /// The default encryption of new objects. (PutBucketEncryption, GetBucketEncryption, DeleteBucketEncryption)
    public static var encryption: Self {
        .xml("BucketEncryption", ["encryption": nil], root: "ServerSideEncryptionRule")
    }
}

extension BucketSetting where Document == RequestPaymentConfiguration, Access == PermanentSetting {
    /// The party that pays for requests and traffic. (PutBucketRequestPayment, GetBucketRequestPayment)
    public static var requestPayment: Self {
        .xml("BucketRequestPayment", ["requestPayment": nil], root: "RequestPaymentConfiguration")
    }
}

extension BucketSetting where Document == TransferAccelerationConfiguration, Access == PermanentSetting {
    /// Acceleration of transfers over long distances. (PutBucketTransferAcceleration, GetBucketTransferAcceleration)
    public static var transferAcceleration: Self {
        .xml(
            "BucketTransferAcceleration", ["transferAcceleration": nil], root: "TransferAccelerationConfiguration")
    }
}

extension BucketSetting where Document == AccessMonitorConfiguration, Access == PermanentSetting {
    /// Tracking of the last access to each object. (PutBucketAccessMonitor, GetBucketAccessMonitor)
    public static var accessMonitor: Self {
        .xml("BucketAccessMonitor", ["accessmonitor": nil], root: "AccessMonitorConfiguration")
    }
}

extension BucketSetting where Document == ArchiveDirectReadConfiguration, Access == PermanentSetting {
    /// Reading of archived objects without restoring them. (PutBucketArchiveDirectRead, GetBucketArchiveDirectRead)
    public static var archiveDirectRead: Self {
        .xml("BucketArchiveDirectRead", ["bucketArchiveDirectRead": nil], root: "ArchiveDirectReadConfiguration")
    }
}

extension BucketSetting where Document == BucketResourceGroupConfiguration, Access == PermanentSetting {
    /// The resource group of the bucket. (PutBucketResourceGroup, GetBucketResourceGroup)
    public static var resourceGroup: Self {
        .xml("BucketResourceGroup", ["resourceGroup": nil], root: "BucketResourceGroupConfiguration")
    }
}

extension BucketSetting where Document == QuotaConfiguration, Access == RemovableSetting {
    /// The limit on the size of the bucket. (PutBucketStorageQuota, GetBucketStorageQuota, DeleteBucketStorageQuota)
    public static var storageQuota: Self { .xml("BucketStorageQuota", ["quota": nil], root: "QuotaConfiguration") }
}
