/// The access control list of a bucket or an object, and its owner.
public struct AccessControlPolicy: XMLDocument {
    /// Access that is granted to everyone. Default: private.
    public var grant = AccessControl.private
    /// Owner, as reported by the service; `nil` in a new document.
    public var owner: Owner?
    var unrecognized = UnrecognizedElements()

    /// Creates a private access control list.
    public init() {}

    /// Creates an access control list.
    public init(_ grant: AccessControl) { self.grant = grant }

    static let elements: [XMLElement<Self>] = [
        .required("AccessControlList/Grant", \.grant), .part("Owner", \.owner),
    ]

    /// The owner of a bucket or an object.
    public struct Owner: XMLDocument {
        /// ID of the account.
        public var id: String?
        /// Name of the account; usually the same as the ID.
        public var displayName: String?
        var unrecognized = UnrecognizedElements()

        /// Creates an owner.
        public init() {}

        static let elements: [XMLElement<Self>] = [.text("ID", \.id), .text("DisplayName", \.displayName)]
    }
}

extension BucketSetting where Document == AccessControlPolicy, Access == PermanentSetting {
    /// The access control list of the bucket. Only ``AccessControlPolicy/grant`` can be changed. (PutBucketAcl,
    /// GetBucketAcl)
    public static var accessControl: Self {
        xml("BucketAcl", ["acl": nil], root: "AccessControlPolicy").with {
            $0.write = { (document, operation) throws(OSSError) in
                _ = try document.tree("AccessControlPolicy", at: "AccessControlPolicy")
                if document.grant == .default {
                    throw OSSError(
                        .invalidArgument,
                        "AccessControlPolicy/AccessControlList/Grant must not be default, which only objects can have")
                }
                // The header of the operation; the service ignores a body.
                operation.headers["x-oss-acl"] = document.grant.rawValue
            }
        }
    }
}
