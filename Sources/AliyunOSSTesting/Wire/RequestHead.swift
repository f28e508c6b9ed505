import AliyunOSS

/// The request line and header fields as they were received.
struct RequestHead: Sendable {
    /// How the body's end is known.
    enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    var method: String
    /// The request target, byte for byte.
    var target: String
    /// The target's path, still percent-encoded and not normalised in any way.
    var path: [UInt8]
    /// What follows the first `?`, still percent-encoded.
    var query: [UInt8]
    /// The host of an absolute target, else the Host field, without the port.
    var host: String
    /// The authority as given, for `HostId`.
    var authority: String
    var headers: HTTPHeaders
    /// The fields, by lower-case name, whose bytes are no UTF-8 and are read as Latin-1.
    var latin1Fields: Set<String> = []
    var framing: Framing
    var keepsAlive: Bool
    var expectsContinue: Bool

    /// Whether a body is announced that the method has no use for. It is not waited for: some clients announce one and
    /// send none, and the service answers them at once.
    var announcesNeedlessBody: Bool {
        framing != .none && framing != .length(0) && ["GET", "HEAD", "DELETE", "OPTIONS"].contains(method)
    }
}

/// A head that is not HTTP/1.1.
struct MalformedRequest: Error, Equatable {
    var status: Int
    var reason: String
}
