import Foundation
import OSSPrimitives

/// A sender that posts a callback and waits for the response on the thread that serves the upload.
struct CallbackPoster {
    enum Outcome {
        case completed([UInt8])
        case refused(status: Int)
        case notJSON
        case tooLong
        case timedOut
        case unreachable
    }

    static let timeLimit = Duration.seconds(5)
    static let maximumResponseLength = 1 << 20

    let allowedHosts: Set<String>
    let request: ServiceRequest

    func post(_ body: [UInt8], isJSON: Bool, to text: String, host: String?) -> Outcome {
        guard let url = CallbackURL(text), allowedHosts.contains(url.host) else { return .unreachable }
        let deadline = ContinuousClock.now + Self.timeLimit
        guard let socket = ClientSocket(host: url.host, port: url.port, deadline: deadline) else { return .unreachable }
        defer { socket.close() }
        guard socket.send(head(body, isJSON: isJSON, url, host: host) + body, until: deadline) else {
            return .unreachable
        }
        do throws(CallbackResponse.Failure) {
            let response = try CallbackResponse(
                from: socket, maximumLength: Self.maximumResponseLength, deadline: deadline)
            guard response.status == 200 else { return .refused(status: response.status) }
            return JSONValue(response.body) == nil ? .notJSON : .completed(response.body)
        } catch {
            return switch error {
            case .timedOut: .timedOut
            case .tooLong: .tooLong
            case .malformed: .unreachable
            }
        }
    }

    private func head(_ body: [UInt8], isJSON: Bool, _ url: CallbackURL, host: String?) -> [UInt8] {
        // The signature is a placeholder: only the service has the private key of this public key.
        let signed = Data(SHA256.hash(Array("\(url.target)\n".utf8) + body)).base64EncodedString()
        let keyURL = Data("http://gosspublic.alicdn.com/callback_pub_key_v1.pem".utf8).base64EncodedString()
        let lines = [
            "POST \(url.target) HTTP/1.1", "Host: \(host ?? url.authority)", "Connection: close",
            "Content-Length: \(body.count)", "Content-MD5: \(Data(MD5.hash(body)).base64EncodedString())",
            "Content-Type: \(isJSON ? "application/json" : "application/x-www-form-urlencoded")",
            "Date: \(HTTPDate.string(from: request.now))", "User-Agent: aliyun-oss-callback",
            "Authorization: \(signed)", "x-oss-additional-headers: ", "x-oss-bucket: \(request.bucket ?? "")",
            "x-oss-owner: \(Service.ownerID)", "x-oss-pub-key-url: \(keyURL)",
            "x-oss-request-id: \(request.requestID)", "x-oss-requester: \(Service.ownerID)",
            "x-oss-signature-version: 1.0", "x-oss-tag: CALLBACK",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

/// The URL of a callback, such as `http://host:port/path?query`. The scheme is optional.
struct CallbackURL: Equatable {
    var host: String
    var port: UInt16
    var authority: String
    /// Path and query, exactly as given.
    var target: String

    init?(_ text: String) {
        var rest = text[...]
        if let scheme = rest.range(of: "://") {
            // The server has no TLS.
            guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
            rest = rest[scheme.upperBound...]
        }
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        authority = String(rest[..<end])
        let path = String(rest[end...].prefix { $0 != "#" })
        target = path.hasPrefix("/") ? path : "/" + path
        guard !authority.contains("@"), target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        let colon = authority.lastIndex(of: ":")
        host = authority[..<(colon ?? authority.endIndex)].lowercased()
        guard !host.isEmpty else { return nil }
        if let colon {
            guard let port = UInt16(authority[authority.index(after: colon)...]) else { return nil }
            self.port = port
        } else {
            port = 80
        }
    }
}

/// A response from a callback server.
struct CallbackResponse {
    enum Failure: Error {
        case timedOut
        case tooLong
        case malformed
    }

    private static let maximumHeadLength = 64 * 1024

    let status: Int
    let body: [UInt8]

    /// Creates a response by reading it from a socket. The body is read only if the status is 200.
    init(from socket: ClientSocket, maximumLength: Int, deadline: ContinuousClock.Instant) throws(Failure) {
        func more() throws(Failure) -> [UInt8] {
            guard let chunk = socket.receive(until: deadline) else { throw .timedOut }
            guard !chunk.isEmpty else { throw .malformed }
            return chunk
        }
        var received: [UInt8] = []
        var headEnd = Self.headEnd(received)
        while headEnd == nil {
            guard received.count < Self.maximumHeadLength else { throw .malformed }
            received += try more()
            headEnd = Self.headEnd(received)
        }
        let end = headEnd ?? received.count
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw .malformed }
        self.status = status
        guard status == 200 else {
            body = []
            return
        }
        let field = lines.first { $0.lowercased().hasPrefix("content-length:") }
        guard let length = field.flatMap({ Int($0.dropFirst(15).filter { $0 != " " }) }), length >= 0 else {
            throw .malformed
        }
        guard length <= maximumLength else { throw .tooLong }
        var body = Array(received[end...])
        while body.count < length { body += try more() }
        self.body = Array(body.prefix(length))
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        return (0...(bytes.count - 4)).first { bytes[$0...].starts(with: end) }.map { $0 + 4 }
    }
}
