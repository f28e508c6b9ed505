/// The answer of a callback server.
struct HTTPAnswer {
    enum Failure: Error {
        case timedOut
        case tooLong
        case malformed
    }

    private static let maximumHeadLength = 64 * 1024

    let status: Int
    let body: [UInt8]

    /// Reads an answer. Of one whose status is not 200 the body is left alone.
    init(from socket: ClientSocket, maximumLength: Int, deadline: ContinuousClock.Instant) throws(Failure) {
        func more() throws(Failure) -> [UInt8] {
            guard let piece = socket.receive(until: deadline) else { throw .timedOut }
            guard !piece.isEmpty else { throw .malformed }
            return piece
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
