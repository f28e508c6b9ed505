import Foundation

/// The metadata service of an ECS instance, which issues credentials of the RAM role that is attached to the instance.
struct MetadataService: Sendable {
    /// Lifetime of an access token, in seconds.
    private static let tokenLifetime = "60"

    var endpoint = "http://100.100.100.200"
    /// Name of the role; `nil` for the one that the service names.
    let role: String?
    /// Whether to continue without an access token (V1) if the service does not issue one.
    let allowsV1: Bool
    let transport: any HTTPTransport
    var maximumAttempts = 3

    /// Fetches the current credentials of the role.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``, or `CancellationError`.
    func fetch() async throws -> Credentials {
        // The service has only this protocol, on an address that is local to the machine.
        let url = try CredentialsURL(endpoint, of: "the ECS metadata service", allowsPlainHTTP: true)
        let service = CredentialsService(
            name: "the ECS metadata service at \(url.endpoint)", transport: transport,
            timeouts: HTTPTimeouts(connect: .seconds(2), response: .seconds(2), idle: .seconds(2), total: .seconds(5)),
            maximumAttempts: maximumAttempts)
        let token = try await token(from: service, url)
        let base = "\(url.endpoint)/latest/meta-data/ram/security-credentials/"
        let name: String
        if let role {
            name = try Self.roleName(role, from: "the configuration")
        } else {
            let response = try await get(base, from: service, token)
            name = try Self.roleName(Self.line(response.body), from: service.name)
        }
        let response = try await get(base + name, from: service, token)
        return try CredentialsDocument.credentials(
            in: response.body, from: service.name, isTemporary: true, now: Date())
    }

    private func token(from service: CredentialsService, _ url: CredentialsURL) async throws -> String? {
        do {
            let response = try await service.send {
                HTTPRequest(
                    method: .put, url: "\(url.endpoint)/latest/api/token",
                    headers: ["X-aliyun-ecs-metadata-token-ttl-seconds": Self.tokenLifetime])
            }
            guard response.status == 200 else { throw CredentialsService.refusal(response, from: service.name) }
            let token = Self.line(response.body)
            // A page of a captive portal contains spaces or `<`.
            guard (1...1024).contains(token.utf8.count), token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                !token.contains("<")
            else { throw OSSError(.credentialsUnavailable, "\(service.name) returned an invalid access token") }
            return token
        } catch let error as OSSError {
            if allowsV1, !Self.isUnreachable(error) { return nil }
            throw error
        }
    }

    private func get(_ url: String, from service: CredentialsService, _ token: String?) async throws -> HTTPResponse {
        let response = try await service.send {
            var request = HTTPRequest(method: .get, url: url)
            request.headers["X-aliyun-ecs-metadata-token"] = token
            return request
        }
        switch response.status {
        case 200: return response
        case 404:
            throw OSSError(
                .credentialsUnavailable,
                "\(service.name) has no credentials of \(role.map { "the RAM role \($0.excerpt)" } ?? "a RAM role"); "
                    + "attach the role to the instance")
        default: throw CredentialsService.refusal(response, from: service.name)
        }
    }

    private static func isUnreachable(_ error: OSSError) -> Bool {
        (error.underlying as? HTTPTransportError)?.kind == .connectionFailed
    }

    private static func line(_ body: Data) -> String {
        String(decoding: body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Returns the name of a role if it can be part of a URL.
    private static func roleName(_ text: String, from source: String) throws(OSSError) -> String {
        guard let name = CredentialsDocument.identifier(text) else {
            throw OSSError(
                .credentialsUnavailable, "\(source) returned no valid name of a RAM role; specify the name")
        }
        return name
    }
}
