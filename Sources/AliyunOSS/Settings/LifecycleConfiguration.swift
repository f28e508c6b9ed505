import Foundation

/// Rules by which the service deletes the objects of a bucket, or moves them to a cheaper storage class, as they age.
///
/// ```swift
/// var rule = LifecycleConfiguration.Rule(id: "logs", prefix: "logs/")
/// rule.transitions = [.init(days: 30, to: .infrequentAccess)]
/// rule.expiration = .init(days: 365)
/// try await bucket.set(.lifecycle, to: LifecycleConfiguration(rules: [rule]))
/// ```
public struct LifecycleConfiguration: XMLDocument {
    /// The rules, 1 to 1000.
    public var rules: [Rule] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without rules.
    public init() {}

    /// Creates a configuration.
    public init(rules: [Rule]) { self.rules = rules }

    static let elements: [XMLElement<Self>] = [.parts("Rule", \.rules)]

    var problem: DocumentProblem? {
        guard (1...1000).contains(rules.count) else {
            return DocumentProblem("Rule", "must occur 1 to 1000 times (got \(rules.count))")
        }
        let ids = rules.compactMap(\.id)
        guard Set(ids).count == ids.count else { return DocumentProblem("Rule/ID", "must be unique") }
        return nil
    }
}

extension LifecycleConfiguration {
    /// A rule for the objects with a prefix and with tags.
    public struct Rule: XMLDocument {
        /// Whether the rule applies. Default: enabled.
        public var status = SettingStatus.enabled
        /// Age at which incomplete multipart uploads are aborted.
        public var abortMultipartUpload: UploadExpiration?
        /// Time of the first access, as set by the service, for rules that depend on the last access.
        public var accessTimeBase: Date?
        /// Moves of noncurrent versions to another storage class.
        public var noncurrentVersionTransitions: [NoncurrentVersionTransition] = []
        /// Further conditions on the objects.
        public var filter: Filter?
        /// ID of the rule, unique in the configuration, at most 255 bytes. Default: an ID chosen by the service.
        public var id: String?
        /// Prefix of the keys. Default: all objects.
        public var prefix: String?
        /// Age at which the objects are deleted.
        public var expiration: Expiration?
        /// Moves of the objects to another storage class.
        public var transitions: [Transition] = []
        /// Tags that an object must have for the rule to apply. Default: none.
        public var tags: [ResourceTag] = []
        /// Age at which noncurrent versions are deleted, in days since they became noncurrent; at least 1.
        public var noncurrentVersionExpirationDays: Int?
        var unrecognized = UnrecognizedElements()

        /// Creates an enabled rule for all objects, without an action.
        public init() {}

        /// Creates an enabled rule without an action.
        public init(id: String?, prefix: String? = nil) { (self.id, self.prefix) = (id, prefix) }

        static let elements: [XMLElement<Self>] = [
            .required("Status", \.status), .part("AbortMultipartUpload", \.abortMultipartUpload),
            .seconds("AtimeBase", \.accessTimeBase),
            .parts("NoncurrentVersionTransition", \.noncurrentVersionTransitions), .part("Filter", \.filter),
            .text("ID", \.id), .text("Prefix", \.prefix), .part("Expiration", \.expiration),
            .parts("Transition", \.transitions), .parts("Tag", \.tags),
            .text("NoncurrentVersionExpiration/NoncurrentDays", \.noncurrentVersionExpirationDays),
        ]

        var problem: DocumentProblem? {
            if let days = noncurrentVersionExpirationDays, days < 1 {
                return DocumentProblem(
                    "NoncurrentVersionExpiration/NoncurrentDays", "must be at least 1 (got \(days))")
            }
            if let count = id?.utf8.count, count > 255 {
                return DocumentProblem("ID", "must not exceed 255 bytes (got \(count))")
            }
            if filter?.hasSize == true, movesSmallFiles {
                return DocumentProblem("Filter", "must not have a size together with AllowSmallFile")
            }
            return nil
        }
    }

    /// An age or a date after which objects are deleted. Exactly one property must be set.
    public struct Expiration: XMLDocument {
        /// Time before which the objects must have been modified, at midnight UTC.
        public var createdBefore: Date?
        /// Number of days since the last modification, at least 1.
        public var days: Int?
        /// Whether delete markers without older versions are removed.
        public var expiredObjectDeleteMarker: Bool?
        /// Time at which the objects are deleted, at midnight UTC.
        public var date: Date?
        var unrecognized = UnrecognizedElements()

        /// Creates an expiration without a time.
        public init() {}

        /// Creates an expiration after a number of days.
        public init(days: Int) { self.days = days }

        static let elements: [XMLElement<Self>] = [
            .text("CreatedBeforeDate", \.createdBefore), .text("Days", \.days),
            .text("ExpiredObjectDeleteMarker", \.expiredObjectDeleteMarker), .text("Date", \.date),
        ]

        var problem: DocumentProblem? {
            let count = [createdBefore != nil, days != nil, expiredObjectDeleteMarker != nil, date != nil].count { $0 }
            return .inTimes(count, days: days, hasOthers: unrecognized != UnrecognizedElements())
        }
    }

    /// An age or a date after which incomplete multipart uploads are aborted. Exactly one property must be set.
    public struct UploadExpiration: XMLDocument {
        /// Number of days since the start of the upload, at least 1.
        public var days: Int?
        /// Time before which the uploads must have been started, at midnight UTC.
        public var createdBefore: Date?
        /// Time at which the uploads are aborted, at midnight UTC.
        public var date: Date?
        var unrecognized = UnrecognizedElements()

        /// Creates an expiration without a time.
        public init() {}

        /// Creates an expiration after a number of days.
        public init(days: Int) { self.days = days }

        static let elements: [XMLElement<Self>] = [
            .text("Days", \.days), .text("CreatedBeforeDate", \.createdBefore), .text("Date", \.date),
        ]

        var problem: DocumentProblem? {
            let count = [createdBefore != nil, days != nil, date != nil].count { $0 }
            return .inTimes(count, days: days, hasOthers: unrecognized != UnrecognizedElements())
        }
    }

    /// A move of objects to another storage class.
    public struct Transition: XMLDocument {
        /// Time before which the objects must have been modified, at midnight UTC.
        public var createdBefore: Date?
        /// Number of days since the last modification or access; not negative. Either this or ``createdBefore`` must be
        /// set.
        public var days: Int?
        /// Storage class to which the objects are moved. Default: infrequent access.
        public var storageClass = StorageClass.infrequentAccess
        /// Whether the days count from the last access instead of the last modification. It requires
        /// ``BucketSetting/accessMonitor``.
        public var isAccessTime: Bool?
        /// Whether an object returns to standard storage when it is read. Only with ``isAccessTime``.
        public var returnsToStandardWhenVisited: Bool?
        /// Whether objects smaller than 64 KB are moved, too. It cannot be combined with a size in ``Rule/filter``.
        public var allowsSmallFiles: Bool?
        var unrecognized = UnrecognizedElements()

        /// Creates a move to infrequent access, without a time.
        public init() {}

        /// Creates a move after a number of days.
        public init(days: Int, to storageClass: StorageClass) { (self.days, self.storageClass) = (days, storageClass) }

        static let elements: [XMLElement<Self>] = [
            .text("CreatedBeforeDate", \.createdBefore), .text("Days", \.days),
            .required("StorageClass", \.storageClass), .text("IsAccessTime", \.isAccessTime),
            .text("ReturnToStdWhenVisit", \.returnsToStandardWhenVisited), .text("AllowSmallFile", \.allowsSmallFiles),
        ]

        var problem: DocumentProblem? {
            if createdBefore != nil, days != nil {
                return DocumentProblem("", "must not have both Days and CreatedBeforeDate")
            }
            if createdBefore == nil, days == nil, unrecognized == UnrecognizedElements() {
                return DocumentProblem("", "must have Days or CreatedBeforeDate")
            }
            if let days, days < 0 { return DocumentProblem("Days", "must not be negative (got \(days))") }
            return .inReturn(returnsToStandardWhenVisited, isAccessTime)
        }
    }

    /// A move of noncurrent versions to another storage class.
    public struct NoncurrentVersionTransition: XMLDocument {
        /// Whether the days count from the last access. It requires ``BucketSetting/accessMonitor``.
        public var isAccessTime: Bool?
        /// Whether a version returns to standard storage when it is read. Only with ``isAccessTime``.
        public var returnsToStandardWhenVisited: Bool?
        /// Whether versions smaller than 64 KB are moved, too.
        public var allowsSmallFiles: Bool?
        /// Number of days since the version became noncurrent, at least 1. Default: 1.
        public var days = 1
        /// Storage class to which the versions are moved. Default: infrequent access.
        public var storageClass = StorageClass.infrequentAccess
        var unrecognized = UnrecognizedElements()

        /// Creates a move to infrequent access after one day.
        public init() {}

        /// Creates a move after a number of days.
        public init(days: Int, to storageClass: StorageClass) { (self.days, self.storageClass) = (days, storageClass) }

        static let elements: [XMLElement<Self>] = [
            .text("IsAccessTime", \.isAccessTime), .text("ReturnToStdWhenVisit", \.returnsToStandardWhenVisited),
            .text("AllowSmallFile", \.allowsSmallFiles), .required("NoncurrentDays", \.days),
            .required("StorageClass", \.storageClass),
        ]

        var problem: DocumentProblem? {
            if days < 1 { return DocumentProblem("NoncurrentDays", "must be at least 1 (got \(days))") }
            return .inReturn(returnsToStandardWhenVisited, isAccessTime)
        }
    }

    /// Conditions on the objects of a rule, in addition to the prefix and the tags.
    public struct Filter: XMLDocument {
        /// Objects to which the rule does not apply.
        public var exclusions: [Exclusion] = []
        /// Size in bytes that the objects must exceed.
        public var sizeGreaterThan: Int64?
        /// Size in bytes that the objects must not reach.
        public var sizeLessThan: Int64?
        var unrecognized = UnrecognizedElements()

        /// Creates a filter without conditions.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .parts("Not", \.exclusions), .text("ObjectSizeGreaterThan", \.sizeGreaterThan),
            .text("ObjectSizeLessThan", \.sizeLessThan),
        ]

        var problem: DocumentProblem? {
            let minimum = sizeGreaterThan ?? 0
            if minimum < 0 { return DocumentProblem("ObjectSizeGreaterThan", "must not be negative (got \(minimum))") }
            if let sizeLessThan, sizeLessThan <= minimum {
                return DocumentProblem("ObjectSizeLessThan", "must be greater than \(minimum) (got \(sizeLessThan))")
            }
            return nil
        }

        fileprivate var hasSize: Bool { sizeGreaterThan != nil || sizeLessThan != nil }

        /// Objects with a prefix and a tag.
        public struct Exclusion: XMLDocument {
            /// Tag of the objects. Default: any.
            public var tag: ResourceTag?
            /// Prefix of the keys. Default: that of the rule.
            public var prefix: String?
            var unrecognized = UnrecognizedElements()

            /// Creates an exclusion without conditions.
            public init() {}

            static let elements: [XMLElement<Self>] = [.part("Tag", \.tag), .text("Prefix", \.prefix)]
        }
    }
}

extension LifecycleConfiguration.Rule {
    fileprivate var movesSmallFiles: Bool {
        transitions.contains { $0.allowsSmallFiles != nil }
            || noncurrentVersionTransitions.contains { $0.allowsSmallFiles != nil }
    }
}

extension DocumentProblem {
    /// Returns the problem of a return to standard storage, which requires that the days count from the last access.
    fileprivate static func inReturn(_ returnsWhenVisited: Bool?, _ isAccessTime: Bool?) -> DocumentProblem? {
        guard returnsWhenVisited == true, isAccessTime != true else { return nil }
        return DocumentProblem("ReturnToStdWhenVisit", "requires IsAccessTime")
    }

    /// Returns the problem of an expiration, of whose times exactly one must be set.
    fileprivate static func inTimes(_ count: Int, days: Int?, hasOthers: Bool) -> DocumentProblem? {
        if count > 1 || count == 0 && !hasOthers {
            return DocumentProblem("", "must have exactly one time (got \(count))")
        }
        if let days, days < 1 { return DocumentProblem("Days", "must be at least 1 (got \(days))") }
        return nil
    }
}

/// Whether a setting or a rule applies.
public struct SettingStatus: ExtensibleName, XMLText {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The setting or the rule applies.
    public static let enabled: SettingStatus = "Enabled"
    /// The setting or the rule does not apply.
    public static let disabled: SettingStatus = "Disabled"
}

extension BucketSetting where Document == LifecycleConfiguration, Access == RemovableSetting {
    /// The lifecycle rules of the bucket. (PutBucketLifecycle, GetBucketLifecycle, DeleteBucketLifecycle)
    public static var lifecycle: Self {
        .xml("BucketLifecycle", ["lifecycle": nil], root: "LifecycleConfiguration")
    }

    /// The lifecycle rules of the bucket, of which several with the same action may apply to one object.
    /// (PutBucketLifecycle, GetBucketLifecycle, DeleteBucketLifecycle)
    public static var overlappingLifecycle: Self {
        lifecycle.with {
            let write = $0.write
            $0.write = { (document, operation) throws(OSSError) in
                try write(document, &operation)
                operation.headers["x-oss-allow-same-action-overlap"] = "true"
            }
        }
    }
}
