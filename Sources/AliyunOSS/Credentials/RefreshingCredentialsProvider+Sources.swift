import Foundation
import Synchronization

extension CredentialsProvider where Self == RefreshingCredentialsProvider {
    /// Returns a provider of the credentials of the RAM role that is attached to the ECS instance.
    ///
    /// The credentials come from the metadata service of the instance, with an access token (V2). A proxy in the
    /// environment is not used, if the transport is not specified.
    ///
    /// - Parameters:
    ///   - role: Name of the role. Default: the role of the instance, which takes one more request.
    ///   - allowsV1: Whether to request the credentials without a token if the service does not issue one. Default:
    ///     `false`.
    ///   - endpoint: URL of the metadata service. Default: `http://100.100.100.200`.
    ///   - transport: Transport for the requests. Default: a transport that all providers share.
    public static func ecsRAMRole(
        _ role: String? = nil, allowsV1: Bool = false, endpoint: String = "http://100.100.100.200",
        transport: (any HTTPTransport)? = nil
    ) -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider {
            let service = MetadataService(
                endpoint: endpoint, role: role, allowsV1: allowsV1,
                transport: transport ?? CredentialsTransport.direct)
            return try await service.fetch()
        }
    }

    /// Returns a provider that assumes a RAM role with other credentials. (AssumeRole of STS)
    ///
    /// - Parameters:
    ///   - role: Role to assume, and the parameters of the session.
    ///   - source: Source of the credentials that assume the role. Default: the environment.
    ///   - transport: Transport for the requests. Default: a transport that all providers share.
    public static func assumeRole(
        _ role: RAMRole, with source: any CredentialsProvider = .environment, transport: (any HTTPTransport)? = nil
    ) -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider {
            try role.validate()
            guard let signer = try await source.credentials() else {
                throw OSSError(
                    .credentialsUnavailable, "a RAM role cannot be assumed anonymously; specify a source of credentials"
                )
            }
            do {
                return try await STSRequest(assuming: role, with: signer).send(transport)
            } catch let error as OSSError where STSRequest.rejectsSigner(error) {
                await source.invalidate(signer)
                throw error
            }
        }
    }

    /// Returns a provider that assumes a RAM role with the token of an OIDC provider. (AssumeRoleWithOIDC of STS)
    ///
    /// - Parameters:
    ///   - role: Role to assume, and the parameters of the session.
    ///   - provider: ARN of the OIDC provider, such as `acs:ram::123456789012:oidc-provider/ack-rrsa`.
    ///   - tokenFile: Path of the file with the token. It is read for each request to STS, because the cluster replaces
    ///     the token.
    ///   - transport: Transport for the requests. Default: a transport that all providers share.
    public static func oidc(
        _ role: RAMRole, provider: String, tokenFile: String, transport: (any HTTPTransport)? = nil
    ) -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider {
            try role.validate()
            let token = try OIDCToken.read(tokenFile)
            return try await STSRequest(assuming: role, provider: provider, token: token).send(transport)
        }
    }

    /// A provider for a pod in Container Service for Kubernetes that has a RAM role (RRSA). It reads the role, the OIDC
    /// provider and the path of the token from the variables that the cluster sets: `ALIBABA_CLOUD_ROLE_ARN`,
    /// `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE`.
    public static var oidc: RefreshingCredentialsProvider {
        let source = CredentialsSource.oidc(EnvironmentVariables(ProcessInfo.processInfo.environment))
        guard case .oidc(let role, let provider, let tokenFile) = source else {
            return RefreshingCredentialsProvider {
                throw OSSError(
                    .credentialsUnavailable,
                    "no OIDC identity: set ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and "
                        + "ALIBABA_CLOUD_OIDC_TOKEN_FILE in the environment, or enable RRSA for the pod")
            }
        }
        return .oidc(role, provider: provider, tokenFile: tokenFile)
    }

    /// Returns a provider that gets credentials from a URI, such as that of a local credentials service.
    ///
    /// The response is a JSON object with `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`.
    ///
    /// - Parameters:
    ///   - uri: URL, which messages repeat without its path and query.
    ///   - allowsPlainHTTP: Whether an unencrypted connection to another machine is permitted. Default: `false`.
    ///   - transport: Transport for the requests. Default: a transport that all providers share.
    public static func uri(
        _ uri: String, allowsPlainHTTP: Bool = false, transport: (any HTTPTransport)? = nil
    ) -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider {
            let url = try CredentialsURL(uri, of: "the credentials service", allowsPlainHTTP: allowsPlainHTTP)
            let service = CredentialsService(
                name: "the credentials service at \(url.endpoint)",
                transport: transport
                    ?? (url.endpoint.isLoopback ? CredentialsTransport.direct : CredentialsTransport.proxied))
            let response = try await service.send { HTTPRequest(method: .get, url: url.text) }
            guard response.status == 200 else { throw CredentialsService.refusal(response, from: service.name) }
            return try CredentialsDocument.credentials(
                in: response.body, from: service.name, isTemporary: true, now: Date())
        }
    }

    /// Returns a provider that runs a program, which prints credentials as JSON.
    ///
    /// The output is an object with `AccessKeyId` and `AccessKeySecret`, and optionally `SecurityToken` and
    /// `Expiration`, or with the names that the aliyun command-line tool expects (`access_key_id`, `access_key_secret`,
    /// `sts_token`, `expiration`). It has at most 64 KiB. Without an expiration, the program runs again after the
    /// service rejects the credentials. The program gets the environment of this process but none of its descriptors;
    /// its standard error is discarded. Only macOS and Linux can start programs.
    ///
    /// - Parameters:
    ///   - path: Path of the program, or its name, which is searched for in `PATH`.
    ///   - arguments: Arguments of the program, without expansion by a shell.
    ///   - timeout: Maximum duration, after which the program and its child processes are killed. Default: 60 seconds.
    public static func process(
        _ path: String, _ arguments: [String] = [], timeout: Duration = .seconds(60)
    ) -> RefreshingCredentialsProvider {
        .program(CredentialsProgram([path] + arguments), timeout: timeout)
    }

    static func program(_ program: CredentialsProgram, timeout: Duration) -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider { try await BlockingWork.run { try program.credentials(limit: timeout) } }
    }
}

extension STSRequest {
    /// Sends the request and returns the credentials in the response.
    fileprivate func send(_ transport: (any HTTPTransport)?) async throws -> Credentials {
        let url = try CredentialsURL(endpoint, of: "STS")
        let service = CredentialsService(
            name: "STS at \(url.endpoint)", transport: transport ?? CredentialsTransport.proxied)
        let response = try await service.send { attempt(to: url, at: Date(), nonce: UUID().uuidString) }
        return try credentials(in: response, from: service.name, now: Date())
    }
}

/// The token of an OIDC provider in a file.
private enum OIDCToken {
    private static let maximumSize = 64 << 10

    static func read(_ path: String) throws(OSSError) -> String {
        let bytes: [UInt8]
        do {
            let file = try OpenFile.reading(path)
            // A pipe without a writer would block every request for credentials.
            guard try file.status().kind == .regular else { throw FileError("read a token from", path, code: EINVAL) }
            bytes = try file.contents(atMost: maximumSize + 1)
        } catch {
            throw OSSError(.credentialsUnavailable, "the OIDC token file cannot be used: \(error)", underlying: error)
        }
        let token = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty, bytes.count <= maximumSize, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw OSSError(
                .credentialsUnavailable,
                "the OIDC token file '\(path)' does not contain a token; check that the cluster mounts it")
        }
        return token
    }
}
