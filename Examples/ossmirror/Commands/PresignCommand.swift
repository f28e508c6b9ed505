import AliyunOSS
import Foundation

/// The command `presign`, which prints a URL by which anyone can access an object until it expires.
struct PresignCommand: Command {
    let remote: RemoteAddress
    let connection: ConnectionArguments
    let output: OutputArguments
    let request: OSSRequest
    /// Period for which the URL is valid, in seconds.
    let validity: Int64

    private struct Report: Encodable {
        var command = Verb.presign
        var succeeded = true
        var method: HTTPMethod
        var url: String
        var headers: [String: String]
        var expiration: Date?
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        remote = try scanned.address(0)
        connection = try ConnectionArguments(scanned)
        output = OutputArguments(scanned)
        validity = scanned.seconds("--expires") ?? 900
        guard validity > 0 else { throw UsageError("--expires must be at least 1s") }
        let method: HTTPMethod = scanned.choice("--method") ?? .get
        guard let key = try? ObjectKey(remote.key) else { throw UsageError("'\(remote)' has no valid key") }
        var request = OSSRequest(method.rawValue.capitalized + "Object", method, key: key)
        for pair in scanned.pairs {
            switch pair.name {
            case "--header":
                let (name, value) = try pair.split(at: ":", form: "NAME:VALUE")
                request.headers.add(name, value.trimmingCharacters(in: .whitespaces))
            case "--query":
                let (name, value) = try pair.split(at: "=", form: "NAME=VALUE")
                request.query.append((name, value))
            default: continue
            }
        }
        if let versionID = scanned.values["--version-id"] { request.query.append(("versionId", versionID)) }
        self.request = request
    }

    func run() async throws -> Int32 {
        let bucket = try await Connection.bucket(remote.bucket, connection)
        let presigned = try await bucket.presignedURL(for: request, expiresIn: .seconds(validity))
        if output.json {
            try JSONOutput.print(
                Report(
                    method: presigned.method, url: presigned.url.absoluteString, headers: presigned.headers,
                    expiration: presigned.expiration))
        } else {
            for (name, value) in presigned.headers.sorted(by: { $0.key < $1.key }) {
                Diagnostics.say("send this header with the request: \(name): \(value)")
            }
            try StandardStream.output.line(presigned.url.absoluteString)
        }
        return ExitStatus.success
    }
}

extension ScannedArguments.Pair {
    /// Splits the value at the first occurrence of a separator, which must not be at the start.
    func split(at separator: Unicode.Scalar, form: String) throws(UsageError) -> (name: String, value: String) {
        let scalars = value.unicodeScalars
        guard let index = scalars.firstIndex(of: separator), index != scalars.startIndex else {
            throw UsageError("\(name) must be \(form) (got '\(value)')")
        }
        return (String(scalars[..<index]), String(scalars[scalars.index(after: index)...]))
    }
}
