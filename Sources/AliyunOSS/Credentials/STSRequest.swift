import Foundation
import OSSPrimitives

/// A request to STS for the credentials of a role, without the parts that differ in each attempt.
struct STSRequest: Sendable {
    private let role: RAMRole
    private let action: String
    var endpoint: String { role.endpoint }
    /// Parameters of the form, without those of the signature.
    private let form: [String: String]
    /// Credentials that sign the request; `nil` if a token in the form authenticates it.
    private let signer: Credentials?

    /// Creates a request that is signed with the credentials of a RAM user or of another role. (AssumeRole)
    init(assuming role: RAMRole, with signer: Credentials) {
        self.role = role
        self.signer = signer
        action = "AssumeRole"
        var form = Self.form(of: role)
        form["ExternalId"] = role.externalID
        form["AccessKeyId"] = signer.accessKeyID
        form["SecurityToken"] = signer.securityToken
        form["SignatureMethod"] = "HMAC-SHA1"
        form["SignatureVersion"] = "1.0"
        self.form = form
    }

    /// Creates a request with the token of an OIDC provider. It has no signature. (AssumeRoleWithOIDC)
    init(assuming role: RAMRole, provider: String, token: String) {
        self.role = role
        signer = nil
        action = "AssumeRoleWithOIDC"
        var form = Self.form(of: role)
        form["OIDCProviderArn"] = provider
        form["OIDCToken"] = token
        self.form = form
    }

    private static func form(of role: RAMRole) -> [String: String] {
        var form = [
            "RoleArn": role.arn, "RoleSessionName": role.sessionName,
            "DurationSeconds": "\(role.duration.components.seconds)",
        ]
        form["Policy"] = role.policy
        return form
    }

    /// Returns the HTTP request of one attempt. STS accepts a nonce only once.
    func attempt(to endpoint: CredentialsURL, at date: Date, nonce: String) -> HTTPRequest {
        let query = [
            "Action": action, "Format": "JSON", "SignatureNonce": nonce,
            "Timestamp": ISO8601.extended(date).replacing(".000Z", with: "Z"), "Version": "2015-04-01",
        ]
        var form = form
        if let signer {
            let signed = RPCSignature.stringToSign(method: "POST", parameters: query.merging(form) { $1 })
            form["Signature"] = RPCSignature.signature(of: signed, secret: signer.accessKeySecret)
        }
        return HTTPRequest(
            method: .post, url: "\(endpoint.endpoint)/?\(RPCSignature.query(query))",
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            // The secrets are in the body, because proxies log URLs.
            body: .data(Data(RPCSignature.query(form).utf8)))
    }

    /// Returns the credentials in a response.
    ///
    /// - Throws: ``OSSError`` with the error code of STS. Its message is omitted, because it can repeat the signed text
    ///   of the request with the security token.
    func credentials(in response: HTTPResponse, from service: String, now: Date) throws(OSSError) -> Credentials {
        if response.status == 200 {
            return try CredentialsDocument.credentials(
                in: response.body, from: service, isTemporary: true, now: now)
        }
        let refusal = try? JSONDecoder().decode(Refusal.self, from: response.body)
        guard let code = refusal?.code.flatMap(CredentialsDocument.identifier) else {
            throw CredentialsService.refusal(response, from: service)
        }
        throw OSSError(
            .credentialsUnavailable,
            "\(service) refused to issue credentials for \(role.arn.excerpt): \(code); \(Self.remedy(for: code))",
            serviceError: OSSError.ServiceError(
                status: response.status, code: code, message: "",
                requestID: refusal?.requestID.flatMap(CredentialsDocument.identifier)))
    }

    /// Whether an error says that STS does not accept the credentials that signed the request, so that others may help.
    static func rejectsSigner(_ error: OSSError) -> Bool {
        guard let code = error.serviceError?.code else { return false }
        return code.hasPrefix("InvalidAccessKeyId") || code.hasPrefix("InvalidSecurityToken")
    }

    private static func remedy(for code: String) -> String {
        switch code {
        case _ where code.hasPrefix("NoPermission"):
            "check the trust policy of the role, and that the caller has the permission sts:AssumeRole"
        case _ where code.hasPrefix("InvalidAccessKeyId") || code.hasPrefix("SignatureDoesNotMatch"):
            "check the access key that assumes the role"
        case _ where code.hasPrefix("InvalidSecurityToken"): "renew the credentials that assume the role"
        case _ where code.hasPrefix("EntityNotExist"): "check the ARN of the role"
        case _ where code.hasPrefix("InvalidTimeStamp"): "set the clock of this machine"
        case _ where code.hasPrefix("AuthenticationFail"):
            "check that the OIDC provider has the issuer and the client ID of the token, and that the token is valid"
        default: "see https://api.aliyun.com/troubleshoot"
        }
    }

    private struct Refusal: Decodable {
        var code: String?
        var requestID: String?

        enum CodingKeys: String, CodingKey {
            case code = "Code"
            case requestID = "RequestId"
        }
    }
}

/// The signature of the RPC services of Aliyun, such as STS (version 1.0).
enum RPCSignature {
    /// Returns the text to sign: the method and the percent-encoded parameters, which are encoded once more.
    static func stringToSign(method: String, parameters: [String: String]) -> String {
        "\(method)&%2F&\(PercentEncoding.encode(query(parameters)))"
    }

    /// Returns the signature of a text, in Base64.
    static func signature(of text: String, secret: String) -> String {
        Data(HMAC<SHA1>.authenticationCode(for: Data(text.utf8), key: Data("\(secret)&".utf8))).base64EncodedString()
    }

    /// Returns parameters as a query, sorted by name. The encoding of a form, in which a space is `+`, would not match
    /// the signature.
    static func query(_ parameters: [String: String]) -> String {
        parameters.sorted { $0.key < $1.key }
            .map { "\(PercentEncoding.encode($0.key))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}
