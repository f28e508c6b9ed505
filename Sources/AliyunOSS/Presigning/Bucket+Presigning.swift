import Foundation
import OSSPrimitives

extension Bucket {
    /// Returns a presigned request, which anyone can send without credentials until it expires.
    ///
    /// ```swift
    /// let link = try await bucket.presignedURL(for: .get("report.pdf"), expiresIn: .minutes(15))
    /// let form = try await bucket.presignedURL(for: .put("scan.png", contentType: "image/png"), expiresIn: .hours(1))
    /// print(link.url, form.url, form.headers)   // the headers must be sent with the request
    /// ```
    ///
    /// No request is sent, except by a credentials provider or a signer that needs one.
    ///
    /// - Parameters:
    ///   - request: The request to presign.
    ///   - validity: Period for which the URL is valid, at least one second and, with V4, at most seven days; rounded
    ///     up to seconds. A URL that was signed with temporary credentials expires with them.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``, or ``OSSError/Code/credentialsUnavailable``,
    ///   including if the provider is anonymous.
    public nonisolated func presignedURL(
        for request: OSSRequest, expiresIn validity: Duration
    ) async throws -> PresignedRequest {
        try await client.presign(request, for: validity)
    }

    /// Returns a presigned request that expires at a date.
    ///
    /// - Parameters:
    ///   - request: The request to presign.
    ///   - expiration: Time at which the URL expires, rounded down to seconds; with V4, at most seven days from now. A
    ///     URL that was signed with temporary credentials expires with them.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``, or ``OSSError/Code/credentialsUnavailable``,
    ///   including if the provider is anonymous.
    public nonisolated func presignedURL(
        for request: OSSRequest, expiresAt expiration: Date
    ) async throws -> PresignedRequest {
        try await client.presign(request, until: expiration)
    }
}

extension OSSService {
    /// Returns a presigned request for the service, or for ``OSSRequest/bucket`` if it is set, which anyone can send
    /// without credentials until it expires.
    ///
    /// - Parameters:
    ///   - request: The request to presign.
    ///   - validity: Period for which the URL is valid, at least one second and, with V4, at most seven days, as in
    ///     ``Bucket/presignedURL(for:expiresIn:)``.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` or ``OSSError/Code/credentialsUnavailable``.
    public func presignedURL(
        for request: OSSRequest, expiresIn validity: Duration
    ) async throws -> PresignedRequest {
        try await client.presign(request, for: validity)
    }

    /// Returns a presigned request for the service, or for ``OSSRequest/bucket`` if it is set, which expires at a date.
    ///
    /// - Parameters:
    ///   - request: The request to presign.
    ///   - expiration: Time at which the URL expires, as in ``Bucket/presignedURL(for:expiresAt:)``.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` or ``OSSError/Code/credentialsUnavailable``.
    public func presignedURL(
        for request: OSSRequest, expiresAt expiration: Date
    ) async throws -> PresignedRequest {
        try await client.presign(request, until: expiration)
    }
}

extension Client {
    fileprivate func presign(_ request: OSSRequest, for validity: Duration) async throws -> PresignedRequest {
        try await presign(request, at: now, seconds: signer.checkedSeconds(of: validity))
    }

    fileprivate func presign(_ request: OSSRequest, until expiration: Date) async throws -> PresignedRequest {
        let now = now
        return try await presign(request, at: now, seconds: signer.seconds(until: expiration, from: now))
    }

    /// Returns a presigned request that is valid from a date for a number of seconds.
    private func presign(
        _ request: OSSRequest, at date: Date, seconds: Int64
    ) async throws -> PresignedRequest {
        let operation = try extended(Operation(request))
        try check(operation)
        var signable = signable(operation)
        signable.removeSignature()
        var end = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down) + TimeInterval(seconds))
        do {
            if let remote = configuration.signer {
                let signature = try await remote.signature(
                    of: signable, at: date, validFor: Int(seconds), before: configuration.deadline.map { .now + $0 })
                for (name, value) in signature.query.sorted(by: { $0.key < $1.key }) {
                    signable.query.append((name, value))
                }
            } else if let credentials = try await fetchCredentials(operation, attempts: 0, before: nil) {
                try signer.presign(&signable, credentials: credentials, at: date, validFor: .seconds(seconds))
                end = min(end, credentials.expiration ?? end)
            } else {
                throw OSSError.noCredentialsToSignWith
            }
        } catch let error as OSSError {
            throw describe(error, operation, attempts: 0)
        }
        guard let url = URL(string: url(of: signable, request.target)) else {
            throw describe(OSSError(.invalidArgument, "the request has no valid URL"), operation, attempts: 0)
        }
        let headers = Dictionary(signable.headers.map { ($0.name, $0.value) }) { $0 + ", " + $1 }
        var presigned = PresignedRequest(request.method, url: url, headers: headers)
        presigned.expiration = end
        return presigned
    }
}
