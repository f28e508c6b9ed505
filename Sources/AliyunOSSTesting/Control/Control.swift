import AliyunOSS
import Foundation

/// The JSON endpoints under `/-/`, through which other processes control the server.
struct Control {
    let core: ServerCore

    func respond(method: String, path: String, body: Data) -> ServiceResponse {
        do {
            switch (method, path) {
            case ("GET", "log"): return try json(core.log.requests.map(LoggedRequest.init))
            case ("GET", "stats"): return try json(core.statistics)
            case ("GET", "faults"): return try json(FaultOccurrences(core.faults))
            case ("DELETE", "faults"):
                core.faults.removeAll()
                return try json([String: String]())
            case ("POST", "reset"):
                try core.reset()
                return try json([String: String]())
            case ("POST", "faults"):
                let faults = try MockFault.decode(json: body)
                for fault in faults { core.faults.add(fault) }
                return try json(["added": faults.count])
            case ("POST", "process"):
                core.handlers.add(try JSONDecoder().decode(ProcessDocument.self, from: body).handler)
                return try json(["added": 1])
            case ("DELETE", "process"):
                core.handlers.removeAll()
                return try json([String: String]())
            case (_, "log"), (_, "stats"), (_, "faults"), (_, "process"), (_, "reset"):
                return try json(["error": "method \(method) is not allowed for /-/\(path)"], status: 405)
            default:
                return try json(
                    ["error": "unknown path; use /-/log, /-/stats, /-/faults, /-/process or /-/reset"], status: 404)
            }
        } catch let error as DecodingError {
            return (try? json(["error": error.explanation], status: 400)) ?? ServiceResponse(status: 400)
        } catch {
            return (try? json(["error": "\(error)"], status: 500)) ?? ServiceResponse(status: 500)
        }
    }

    private func json(_ value: some Encodable, status: Int = 200) throws -> ServiceResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ServiceResponse(
            status: status, headers: [("Content-Type", "application/json")], body: .data(try encoder.encode(value)))
    }
}

private struct LoggedRequest: Encodable {
    var connection: Int
    var method: String
    var target: String
    var bucket: String?
    var key: String?
    var operation: String
    var headers: [String: String]
    var bodyLength: Int
    var status: Int
    var requestID: String

    init(_ request: MockRequest) {
        connection = request.connection
        method = request.method
        target = RequestTarget.withoutSecrets(request.target)
        bucket = request.bucket
        key = request.key
        operation = request.operation
        let fields = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        headers = Dictionary(
            fields.filter { !RequestTarget.isSecret(header: $0.name) }.map { ($0.name, $0.value) }
        ) { "\($0),\($1)" }
        bodyLength = request.bodyLength
        status = request.status
        requestID = request.requestID
    }
}

extension DecodingError {
    fileprivate var explanation: String {
        switch self {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        @unknown default: "\(self)"
        }
    }
}

/// Functions that redact secrets in the request targets and headers to be logged.
enum RequestTarget {
    private static let secrets: Set<String> = [
        "signature", "x-oss-signature", "security-token", "x-oss-security-token",
    ]

    /// Returns the target with signature and token values removed, so that a reader of the log cannot replay the
    /// request.
    static func withoutSecrets(_ target: String) -> String {
        guard let question = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target }
        let start = target.utf8.index(after: question)
        let items = target.utf8[start...].split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        let shown = items.map { item in
            let name = item.prefix { $0 != UInt8(ascii: "=") }
            guard name.endIndex != item.endIndex, let decoded = percentDecoded(name),
                secrets.contains(decoded.lowercased())
            else { return String(Substring(item)) }
            return String(Substring(name)) + "="
        }
        return String(target[..<start]) + shown.joined(separator: "&")
    }

    /// Returns whether to redact the header with the given lowercase name.
    static func isSecret(header name: String) -> Bool {
        name == "authorization" || secrets.contains(name)
    }
}

/// The JSON representation of a canned response. Example: `{"operation": "ProcessObject", "process": "image/info",
/// "headers": {"Content-Type": "application/json"}, "text": "{}"}`.
private struct ProcessDocument: Decodable {
    let handler: ProcessHandlers.Handler

    init(from decoder: any Decoder) throws {
        var members = try JSONMembers(decoder, subject: "a canned response")
        let operation: String = try members.required("operation")
        let process: String? = try members.value("process")
        let bucket: String? = try members.value("bucket")
        let key: String? = try members.value("key")
        let status: Int = try members.value("status") ?? 200
        guard (200...599).contains(status) else {
            throw members.problem("'status' must be from 200 to 599 (got \(status))")
        }
        let response = MockOSSServer.ProcessResponse(
            status: status, headers: try members.value("headers") ?? [:], body: Data(try members.content() ?? []))
        try members.rejectUnread()
        handler = { request in
            // A missing condition matches every request.
            guard operation == request.operation, process ?? request.process == request.process,
                bucket ?? request.bucket == request.bucket, key ?? request.key == request.key
            else { return nil }
            return response
        }
    }
}
