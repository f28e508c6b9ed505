/// A RAM role and the parameters of a session that assumes it.
///
/// ```swift
/// var role: RAMRole = "acs:ram::123456789012:role/backup"
/// role.duration = .seconds(900)
/// let bucket = try Bucket("photos", region: "cn-hangzhou", credentials: .assumeRole(role))
/// ```
///
/// Invalid values are reported when the role is first assumed, as ``OSSError`` with code
/// ``OSSError/Code/credentialsUnavailable``.
public struct RAMRole: Sendable, Hashable, ExpressibleByStringLiteral {
    /// ARN of the role, such as `acs:ram::123456789012:role/backup`.
    public var arn: String
    /// Name of the session in audit logs: 2 to 64 letters, digits, `.`, `@`, `-` and `_`. Default: `aliyun-oss-swift`.
    public var sessionName = "aliyun-oss-swift"
    /// Lifetime of the credentials, rounded down to seconds: at least 900 seconds, and at most the maximum session
    /// duration of the role. Default: 3,600 seconds.
    public var duration = Duration.seconds(3600)
    /// Policy, as JSON text, that further restricts the permissions of the role. Default: none.
    public var policy: String?
    /// External ID that the trust policy of the role requires. It is not sent with an OIDC token. Default: none.
    public var externalID: String?
    /// URL of STS, which must use HTTPS. Default: `https://sts.aliyuncs.com`.
    ///
    /// The URL in a region is `https://sts.cn-hangzhou.aliyuncs.com`, and in a VPC without internet access
    /// `https://sts-vpc.cn-hangzhou.aliyuncs.com`.
    public var endpoint = "https://sts.aliyuncs.com"

    /// Creates a role with the default parameters.
    public init(_ arn: String) { self.arn = arn }

    /// Creates a role with the default parameters.
    public init(stringLiteral arn: String) { self.init(arn) }
}

extension RAMRole {
    /// Creates a role from the values in a configuration file. An empty value counts as missing and is replaced by the
    /// environment variable for it, if there is one, or else by the default.
    init(
        _ arn: String, sessionName: String?, seconds: Int? = nil, policy: String? = nil, externalID: String? = nil,
        stsRegion: String? = nil, usesVPC: Bool? = nil, environment: EnvironmentVariables
    ) {
        self.init(arn)
        if let name = sessionName?.nonEmpty ?? environment["ALIBABA_CLOUD_ROLE_SESSION_NAME"] {
            self.sessionName = name
        }
        if let seconds, seconds != 0 { duration = .seconds(seconds) }
        self.policy = policy?.nonEmpty
        self.externalID = externalID?.nonEmpty
        guard let region = stsRegion?.nonEmpty ?? environment["ALIBABA_CLOUD_STS_REGION"] else { return }
        let isInVPC = usesVPC == true || environment.isTrue("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED")
        endpoint = "https://sts\(isInVPC ? "-vpc" : "").\(region).aliyuncs.com"
    }

    /// Checks the parameters, so that a mistake is reported without a request.
    func validate() throws(OSSError) {
        func check(_ holds: Bool, _ rule: @autoclosure () -> String) throws(OSSError) {
            guard holds else { throw OSSError(.credentialsUnavailable, "the RAM role cannot be assumed: \(rule())") }
        }
        try check(
            arn.hasPrefix("acs:ram:") && arn.contains(":role/"),
            "'\(arn.excerpt)' is not the ARN of a role, such as acs:ram::123456789012:role/backup")
        try check(
            (2...64).contains(sessionName.utf8.count) && sessionName.utf8.allSatisfy(Self.isSessionNameByte),
            "the session name '\(sessionName.excerpt)' must be 2 to 64 letters, digits, '.', '@', '-' and '_'")
        let seconds = duration.components.seconds
        try check(seconds >= 900, "the duration must be at least 900 seconds (got \(seconds))")
    }

    private static func isSessionNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: ".@-_".utf8.contains(byte)
        }
    }
}

/// Environment variables, of which an empty one counts as not set.
struct EnvironmentVariables: Sendable {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    subscript(name: String) -> String? { values[name]?.nonEmpty }

    /// Returns whether a variable is set to `true`, in any case.
    func isTrue(_ name: String) -> Bool { values[name]?.lowercased() == "true" }
}

extension String {
    /// The text, or `nil` if it is empty.
    var nonEmpty: String? { isEmpty ? nil : self }
}
