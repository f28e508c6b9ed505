import Foundation
import OSSPrimitives

/// A request in the responses to `GET /-/log` and `GET /-/changes`, without signatures and tokens.
struct LoggedRequest: Encodable {
    /// Position in the log, which identifies the request, even after a reset.
    var position: Int?
    var number: Int
    var date: String
    var connection: Int
    var method: String
    var target: String
    var bucket: String?
    var key: String?
    var operation: String
    var headers: [String: String]
    var bodyLength: Int
    var status: Int
    var isFinished: Bool
    var requestID: String
    var signature: SignatureVerdict
    /// Names of the faults that applied to the request.
    var faults: [String]

    init(_ request: MockRequest, position: Int? = nil) {
        self.position = position
        number = request.number
        date = ISO8601.extended(request.date)
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
        isFinished = request.isFinished
        requestID = request.requestID
        signature = request.signature
        faults = request.faults
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
