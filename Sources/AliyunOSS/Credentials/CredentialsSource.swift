/// A source of credentials that a configuration file or the environment specifies.
indirect enum CredentialsSource: Sendable, Equatable {
    case fixed(Credentials)
    /// The RAM role of the ECS instance; `nil` for the only role.
    case ecsRAMRole(String?, allowsV1: Bool)
    case assumeRole(RAMRole, with: CredentialsSource)
    case oidc(RAMRole, provider: String, tokenFile: String)
    case program(CredentialsProgram)
    case uri(String)

    /// Returns a provider of the credentials.
    ///
    /// - Parameter transport: Transport for requests; `nil` for the default of the source.
    func provider(transport: (any HTTPTransport)?) -> any CredentialsProvider {
        switch self {
        case .fixed(let credentials): StaticCredentialsProvider(credentials)
        case .ecsRAMRole(let role, let allowsV1): .ecsRAMRole(role, allowsV1: allowsV1, transport: transport)
        case .assumeRole(let role, let source):
            .assumeRole(role, with: source.provider(transport: transport), transport: transport)
        case .oidc(let role, let provider, let tokenFile):
            .oidc(role, provider: provider, tokenFile: tokenFile, transport: transport)
        case .program(let program): .program(program, timeout: .seconds(60))
        case .uri(let uri): .uri(uri, transport: transport)
        }
    }

    /// Returns the role of the ECS instance that the variables name or permit; `nil` if they disable the source.
    static func ecsRAMRole(_ role: String? = nil, _ environment: EnvironmentVariables) -> CredentialsSource? {
        guard !environment.isTrue("ALIBABA_CLOUD_ECS_METADATA_DISABLED") else { return nil }
        return .ecsRAMRole(
            role?.nonEmpty ?? environment["ALIBABA_CLOUD_ECS_METADATA"],
            allowsV1: environment["ALIBABA_CLOUD_IMDSV1_DISABLED"]?.lowercased() == "false")
    }

    /// Returns the identity of a pod in Container Service for Kubernetes (RRSA), or `nil` unless all variables that the
    /// cluster sets are present.
    static func oidc(_ environment: EnvironmentVariables) -> CredentialsSource? {
        guard let arn = environment["ALIBABA_CLOUD_ROLE_ARN"],
            let provider = environment["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"],
            let tokenFile = environment["ALIBABA_CLOUD_OIDC_TOKEN_FILE"]
        else { return nil }
        let role = RAMRole(arn, sessionName: nil, environment: environment)
        return .oidc(role, provider: provider, tokenFile: tokenFile)
    }
}

extension CredentialsSource: CustomStringConvertible {
    /// The kind of the source, without secrets.
    var description: String {
        switch self {
        case .fixed: "an access key"
        case .ecsRAMRole: "the RAM role of the ECS instance"
        case .assumeRole: "an assumed RAM role"
        case .oidc: "the OIDC token of the pod"
        case .program: "a program"
        case .uri: "the URI in ALIBABA_CLOUD_CREDENTIALS_URI"
        }
    }
}
