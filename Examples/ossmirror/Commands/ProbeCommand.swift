import AliyunOSS
import Foundation

/// The command `probe`, which checks the credentials, the connection, the clock and the rights for a bucket, and says
/// what to do about each problem.
struct ProbeCommand: Command {
    let remote: RemoteAddress
    let connection: ConnectionArguments
    let isJSON: Bool
    let isReadOnly: Bool

    init(_ scanned: ScannedArguments) throws(UsageError) {
        remote = try scanned.address(0)
        connection = try ConnectionArguments(scanned)
        (isJSON, isReadOnly) = (scanned.has("--json"), scanned.has("--read-only"))
    }

    func run() async throws -> Int32 {
        let connection = try Connection.located(connection, bucket: remote.bucket)
        var report = ProbeReport(remote, connection)
        let provider = Connection.provider(connection)
        let isSigned = await checkCredentials(provider, &report)
        try Task.checkCancellation()
        let isReachable = try await checkEndpoint(connection, &report)
        if isSigned, isReachable {
            var configuration = try Connection.configuration(connection)
            configuration.retry.maximumAttempts = 2
            let bucket = try Connection.bucket(remote.bucket, connection, provider, configuration)
            try await checkBucket(bucket, connection, &report)
            try await checkRights(bucket, &report)
        }
        if isJSON {
            try JSONOutput.print(report)
        } else {
            for line in report.lines { try StandardStream.output.resultLine(Printable.line(line)) }
        }
        return report.succeeded ? ExitStatus.success : ExitStatus.failure
    }

    // MARK: Credentials

    /// Returns whether there are credentials to sign requests with.
    private func checkCredentials(_ provider: any CredentialsProvider, _ report: inout ProbeReport) async -> Bool {
        let source = (provider as? any CustomStringConvertible)?.description ?? "a provider"
        do {
            guard let credentials = try await provider.credentials() else {
                report.warn("credentials", "none: requests are anonymous", "set OSS_ACCESS_KEY_ID")
                return true
            }
            var text = "\(Self.abbreviated(credentials.accessKeyID)) from \(source)"
            if credentials.securityToken != nil { text += ", temporary" }
            if let end = credentials.expiration { text += " until \(Readable.time(end))" }
            report.pass("credentials", text)
            return true
        } catch {
            report.fail("credentials", error, "set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET; see 'ossmirror --help'")
            return false
        }
    }

    /// Returns an access key ID of which only the ends are legible.
    private static func abbreviated(_ id: String) -> String {
        id.count > 12 ? "\(id.prefix(6))…\(id.suffix(4))" : "\(id.prefix(2))…"
    }

    // MARK: Endpoint and clock

    /// Sends an unsigned request to the bucket's address, and returns whether a server responded.
    private func checkEndpoint(_ connection: ConnectionArguments, _ report: inout ProbeReport) async throws -> Bool {
        let endpoint: Endpoint =
            if let text = connection.endpoint {
                try Endpoint(text, style: connection.addressing)
            } else {
                try Endpoint.region(connection.region ?? "")
            }
        report.endpoint = "\(endpoint)"
        let port = endpoint.port.map { ":\($0)" } ?? ""
        let isVirtual = endpoint.addressing == .virtualHosted
        let host = isVirtual ? "\(remote.bucket).\(endpoint.host)" : endpoint.host
        let addresses = await HostAddresses.find(host)
        let transport = try Connection.configuration(connection).transport ?? URLSessionTransport()
        let url = "\(endpoint.scheme.rawValue)://\(host)\(port)/"
        let timeout = Duration.seconds(connection.connectTimeout ?? 10)
        do {
            let start = Date()
            let response = try await transport.send(
                HTTPRequest(method: .head, url: url, timeouts: HTTPTimeouts(connect: timeout, response: timeout)))
            let end = Date()
            if addresses.isEmpty {
                report.warn(
                    "dns", "\(host) has no address on this machine, but a proxy reaches it",
                    "nothing needs to be done as long as the proxy is available")
            } else {
                report.pass("dns", "\(host) is \(addresses.prefix(3).joined(separator: ", "))")
            }
            let milliseconds = Int(end.timeIntervalSince(start) * 1000)
            let security = endpoint.scheme == .https ? "with TLS" : "without encryption"
            if response.headers["x-oss-request-id"] == nil {
                report.fail(
                    "connection", OSSError(.invalidResponse, "a server that is not OSS responded at \(url)"),
                    "check the endpoint, and whether a proxy or a login page of the network intercepts requests")
                return false
            }
            report.pass("connection", "\(url) responds \(security) after \(milliseconds) ms")
            checkClock(response.headers["Date"], start, end, &report)
            return true
        } catch let error as HTTPTransportError {
            if addresses.isEmpty {
                report.fail(
                    "dns", OSSError(.connectionFailed, "\(host) has no address"),
                    "check the spelling of the region or endpoint, and the name servers of this machine")
            } else {
                report.pass("dns", "\(host) is \(addresses.prefix(3).joined(separator: ", "))")
            }
            report.fail("connection", OSSError(.connectionFailed, error.message), Self.advice(for: error, endpoint))
            return false
        }
    }

    private static func advice(for error: HTTPTransportError, _ endpoint: Endpoint) -> String {
        let text = error.message.lowercased()
        if text.contains("certificate") || text.contains("ssl") || text.contains("tls") {
            return
                "check the clock and the certificate authorities of this machine, and whether a proxy intercepts TLS; "
                + "use an http:// endpoint only for a server without TLS"
        }
        if error.kind == .timedOut {
            return "check the firewall; an endpoint with -internal is only reachable from ECS in the same region"
        }
        return "check the endpoint, its port, the firewall and the proxy (https_proxy, no_proxy)"
    }

    private func checkClock(_ header: String?, _ start: Date, _ end: Date, _ report: inout ProbeReport) {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let server = header.flatMap(format.date(from:)) else {
            return report.warn(
                "clock", "the server did not send its time", "compare the clock of this machine with NTP")
        }
        // The server's time has no fraction of a second, and was taken between the two times.
        let skew = start.timeIntervalSince(server) > 0 ? start.timeIntervalSince(server) : end.timeIntervalSince(server)
        guard abs(skew) >= 60 else { return report.pass("clock", "differs from the server's by less than a minute") }
        report.warn(
            "clock", "this machine is \(Int(abs(skew)) / 60) min \(skew > 0 ? "ahead of" : "behind") the server",
            "synchronize the clock with NTP; ossmirror corrects the difference, but other programs fail at 15 min")
    }

    // MARK: Bucket and rights

    private func checkBucket(
        _ bucket: Bucket, _ connection: ConnectionArguments, _ report: inout ProbeReport
    ) async throws {
        do {
            let summary = try await bucket.info().summary
            report.region = summary.region
            guard let given = connection.region, given != summary.region else {
                return report.pass("bucket", "exists in \(summary.region), storage class \(summary.storageClass)")
            }
            report.warn(
                "bucket", "is in \(summary.region), not in \(given)",
                "use --region \(summary.region), and an endpoint of that region")
        } catch let error as OSSError where error.isMissingRight {
            report.warn(
                "bucket", "its region cannot be verified: no right to oss:GetBucketInfo",
                "nothing needs to be done if the other checks pass")
        } catch let error as OSSError {
            report.fail("bucket", error, error.advice)
        }
    }

    private func checkRights(_ bucket: Bucket, _ report: inout ProbeReport) async throws {
        let prefix = remote.key
        var listed: ObjectKey?
        do {
            listed = try await bucket.listObjects(prefix: prefix, pageSize: 1).first { _ in true }?.key
            report.pass("list", "objects under '\(prefix)' can be listed")
        } catch let error as OSSError {
            report.fail("list", error, error.advice(granting: "oss:ListObjects"))
        }
        guard !isReadOnly else { return try await checkGet(listed, bucket, &report) }
        let key = try ObjectKey(prefix + ".ossmirror-probe-" + UUID().uuidString.lowercased())
        var versionID: String?
        do {
            versionID = try await bucket.putObject(key, "ossmirror probe").versionID
            report.pass("put", "a temporary object was stored")
        } catch let error as OSSError {
            report.fail("put", error, error.advice(granting: "oss:PutObject"))
            // Without a response, the object may have been stored.
            if error.serviceError == nil { await remove(key, nil, bucket, &report) }
            return try await checkGet(listed, bucket, &report)
        } catch {
            await remove(key, nil, bucket, &report)
            throw error
        }
        do {
            try await checkGet(key, bucket, &report)
        } catch {
            await remove(key, versionID, bucket, &report)
            throw error
        }
        await remove(key, versionID, bucket, &report)
    }

    private func checkGet(_ key: ObjectKey?, _ bucket: Bucket, _ report: inout ProbeReport) async throws {
        guard let key else {
            return report.skip("get", "there is no object under '\(remote.key)' to read")
        }
        do {
            for try await _ in try await bucket.getObject(key, range: 0..<1).body {}
            report.pass("get", "objects can be read")
        } catch let error as OSSError
            where error.serviceError?.code == "InvalidObjectState" || error.code == .invalidRange
        {
            report.pass("get", "objects can be read; '\(key)' is empty or archived")
        } catch let error as OSSError {
            report.fail("get", error, error.advice(granting: "oss:GetObject"))
        }
    }

    /// Removes the temporary object, even if the command was interrupted.
    private func remove(_ key: ObjectKey, _ versionID: String?, _ bucket: Bucket, _ report: inout ProbeReport) async {
        let result = await Task { try await bucket.deleteObject(key, versionID: versionID) }.result
        switch result {
        case .success: report.pass("delete", "the temporary object was removed")
        case .failure(let error):
            let right = versionID == nil ? "oss:DeleteObject" : "oss:DeleteObjectVersion"
            let advice = (error as? OSSError)?.advice(granting: right) ?? "try again"
            report.fail("delete", error, "\(advice); then remove oss://\(remote.bucket)/\(key)")
        }
    }
}

extension OSSError {
    /// Whether the service refused the operation to valid credentials.
    fileprivate var isMissingRight: Bool { serviceError?.code == "AccessDenied" && bucketEndpoint == nil }

    /// The endpoint that the service recommends, because the bucket is in another region.
    private var bucketEndpoint: String? {
        guard let endpoint = serviceError?.details["Endpoint"], message.contains("endpoint") else { return nil }
        return endpoint
    }

    fileprivate func advice(granting right: String) -> String {
        isMissingRight ? "grant \(right) on the bucket to this user in RAM or in the bucket's policy" : advice
    }

    fileprivate var advice: String {
        if let bucketEndpoint { return "use --endpoint https://\(bucketEndpoint)" }
        return switch (serviceError?.code, code) {
        case ("InvalidAccessKeyId", _): "check the access key ID; the key may have been disabled or deleted"
        case ("SignatureDoesNotMatch", _):
            "check that the access key secret belongs to the access key ID, and that --region is the bucket's"
        case ("SecurityTokenExpired", _), ("InvalidSecurityToken", _): "obtain new temporary credentials"
        case ("NoSuchBucket", _): "check the name of the bucket, or create it with 'ossmirror mb'"
        case (_, .clockSkewed): "synchronize the clock of this machine with NTP"
        case (_, .accessDenied): "check the rights of this user in RAM and the bucket's policy"
        default: "run the command again; if the problem remains, report the request ID to Aliyun support"
        }
    }
}
