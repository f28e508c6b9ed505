import Foundation

extension ResponseWriter {
    /// How a fault changes the form in which a whole answer is sent.
    enum Form {
        case dripHead(Duration)
        case dripSpaces(count: Int, every: Duration)
        case chunked(ends: Bool)
        case endless
        case extraBytes([UInt8])

        /// Whether the body goes out in chunks, and so without a length.
        var isChunked: Bool {
            switch self {
            case .dripSpaces, .chunked, .endless: true
            case .dripHead, .extraBytes: false
            }
        }

        /// Whether another answer can follow on the connection.
        var keepsAlive: Bool {
            switch self {
            case .dripHead, .dripSpaces, .extraBytes, .chunked(ends: true): true
            case .endless, .chunked(ends: false): false
            }
        }
    }

    /// Sends an answer in a form that no server should have.
    func write(
        _ head: [UInt8], _ body: [UInt8], as form: Form, bytesPerSecond: Int?, beforeEnd: () -> Void
    ) throws {
        func send(_ bytes: [UInt8]) throws {
            guard let bytesPerSecond else { return try write(raw: bytes) }
            var pace = Pace(bytesPerSecond: bytesPerSecond)
            let length = min(pace.pieceLength, Self.pieceLength)
            for start in stride(from: 0, to: bytes.count, by: length) {
                let piece = Array(bytes[start...].prefix(length))
                try write(raw: piece)
                let delay = pace.delay(after: piece.count)
                if delay > .zero { socket.pause(for: delay) }
            }
        }
        switch form {
        case .dripHead(let pause):
            for byte in head {
                try write(raw: [byte])
                socket.pause(for: pause)
            }
            beforeEnd()
            try send(body)
        case .extraBytes(let extra):
            beforeEnd()
            try send(head + body + extra)
        case .chunked(let ends):
            beforeEnd()
            try send(head + Self.chunk(body) + (ends ? Self.lastChunk : []))
        case .dripSpaces(let count, let pause):
            try write(raw: head)
            for _ in 0..<count {
                try write(raw: Self.chunk([0x20]))
                socket.pause(for: pause)
            }
            beforeEnd()
            try send(Self.chunk(body) + Self.lastChunk)
        case .endless:
            beforeEnd()
            try send(head + Self.chunk(body))
            let zeros = Self.chunk([UInt8](repeating: 0, count: 64 * 1024))
            while true { try write(raw: zeros) }
        }
    }

    private static let lastChunk = Array("0\r\n\r\n".utf8)

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }
}
