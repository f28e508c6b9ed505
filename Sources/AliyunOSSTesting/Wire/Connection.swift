import AliyunOSS
import Foundation

/// A connection to a client. Its thread repeatedly reads a request, performs it and responds.
struct Connection: ~Copyable {
    /// The state of a connection after a request.
    enum Outcome {
        case open
        case close
        case reset
    }

    static let maximumObjectLength = 5 * 1024 * 1024 * 1024
    static let maximumDocumentLength = 16 * 1024 * 1024
    private static let maximumLinger = 64 * 1024 * 1024

    let core: ServerCore
    let number: Int
    let socket: Socket
    private var reader: ConnectionReader
    private let writer: ResponseWriter
    private var requestCount = 0

    init(core: ServerCore, number: Int, socket: Socket) {
        self.core = core
        self.number = number
        self.socket = socket
        reader = ConnectionReader(socket: socket)
        writer = ResponseWriter(socket: socket)
    }

    /// Serves requests until the peer, a fault or the server ends the connection.
    mutating func serve() {
        while true {
            switch serveOne() {
            case .open: continue
            case .close:
                lingerForPeer()
                return
            case .reset:
                socket.resetOnClose()
                return
            }
        }
    }

    private mutating func serveOne() -> Outcome {
        do throws(ConnectionReader.Failure) {
            guard let head = try reader.readHead() else { return .close }
            defer { requestCount += 1 }
            return try exchange(head)
        } catch {
            if case .malformed(let problem) = error { refuse(problem) }
            return .close
        }
    }

    private mutating func exchange(_ head: RequestHead) throws(ConnectionReader.Failure) -> Outcome {
        guard let query = QueryItems(head.query),
            let address = Address(host: head.host, path: head.path, rules: core.addressRules)
        else { throw .malformed(MalformedRequest(status: 400, reason: "the target is not percent-encoded UTF-8")) }
        if address.isPathStyle, address.bucket == "-" { return try control(head, address.key ?? "", query) }

        let operation = ServiceOperation(
            method: head.method, bucket: address.bucket, key: address.key, query: query,
            isCopy: head.headers["x-oss-copy-source"] != nil)
        var request = ServiceRequest(
            method: head.method, operation: operation, bucket: address.bucket, key: address.key, query: query,
            headers: head.headers, authority: head.authority, requestID: core.makeRequestID(), now: core.now(),
            isPathStyle: address.isPathStyle, latin1Fields: head.latin1Fields)
        var exchange = RequestExchange(
            core: core, head: head, request: request, connection: number, indexOnConnection: requestCount)
        defer { exchange.finish() }

        for case .delay(let duration) in exchange.faults { socket.pause(for: duration) }
        if let closing = exchange.closesBeforeReading { return Outcome(closing) }
        if let duration = exchange.refusal {
            core.listener.refuseConnections(for: duration)
            return .reset
        }
        if let early = exchange.earlyResponse {
            send(early.response, &exchange, keepsAlive: false)
            return Outcome(early.closing)
        }
        request.faults = exchange.request.faults
        // The time is read after the delay, so that a slow server sees the clock advance.
        request.now = core.now()
        let refusal = exchange.refusal(for: request)
        let body: ReceivedBody?
        do throws(ConnectionReader.Failure) {
            body = try readBody(head, &exchange, isStored: refusal == nil && exchange.replacement == nil)
        } catch {
            if case .incomplete = error, exchange.reportsIncompleteBody {
                send(exchange.errorResponse(.incompleteBody), &exchange, keepsAlive: false)
            }
            throw error
        }
        guard let body else {
            guard exchange.stopsReading else { return exchange.closing.map(Outcome.init) ?? .close }
            socket.pause(for: core.configuration.idleTimeout)
            return .reset
        }
        request.body = body

        if case .raw(let bytes)? = exchange.replacement {
            try? writer.write(raw: bytes)
            return .close
        }
        if exchange.replacement == .neverRespond {
            socket.drain()
            return .reset
        }
        var response = exchange.respond(to: request, refusal: refusal)
        exchange.changeState()
        if let closing = exchange.closesAfterApplying { return Outcome(closing) }
        if request.isPathStyle, head.isNavigation { response.set("Content-Security-Policy", Page.objectPolicy) }
        let plan = exchange.applyResponseFaults(to: &response)
        let keepsAlive =
            head.keepsAlive && !exchange.hasUnreadBody && plan.truncation == nil && plan.form?.keepsAlive ?? true
            && !response.overriddenHeaders.contains("content-length") && !response.endsConnection
        exchange.recordResponse(
            response.status, bodyLength: plan.length(of: request.method == "HEAD" ? 0 : response.bodyLength))
        let elapsed = ContinuousClock.now - exchange.start
        do {
            try writer.write(
                response, requestID: request.requestID, elapsed: elapsed,
                isHead: head.method == "HEAD", keepsAlive: keepsAlive || plan.truncation != nil, plan: plan,
                now: core.now(), beforeEnd: { exchange.endHandling() })
        } catch {
            exchange.recordFailure((error as? SocketClosed)?.sent ?? 0)
            return .close
        }
        if let truncation = plan.truncation { return Outcome(truncation.closing) }
        return keepsAlive ? .open : .close
    }

    /// Sends a response without applying further faults.
    private func send(_ response: ServiceResponse, _ exchange: inout RequestExchange, keepsAlive: Bool) {
        exchange.recordResponse(response.status, bodyLength: response.bodyLength)
        try? writer.write(
            response, requestID: exchange.request.requestID, elapsed: ContinuousClock.now - exchange.start,
            isHead: exchange.request.method == "HEAD", keepsAlive: keepsAlive, plan: .init(), now: core.now(),
            beforeEnd: { exchange.endHandling() })
    }

    /// Reads the request body. Returns `nil` if a fault limits how much is read.
    private mutating func readBody(
        _ head: RequestHead, _ exchange: inout RequestExchange, isStored: Bool
    ) throws(ConnectionReader.Failure) -> ReceivedBody? {
        guard head.framing != .none || exchange.readLimit != nil else { return .empty }
        if head.announcesNeedlessBody, exchange.readLimit == nil {
            exchange.hasUnreadBody = true
            return .empty
        }
        let maximum = exchange.request.operation.storesBody ? Self.maximumObjectLength : Self.maximumDocumentLength
        if case .length(let length) = head.framing, length > maximum {
            exchange.hasUnreadBody = true
            return .empty
        }
        if head.expectsContinue {
            // A client that expects `100 Continue` does not send a body that would be discarded.
            guard isStored else {
                exchange.hasUnreadBody = true
                return .empty
            }
            do { try writer.write(raw: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) } catch { throw .closed }
        }
        var sink = exchange.makeSink(isStored: isStored)
        if isStored, exchange.request.operation.storesBody {
            sink.pace = TrafficLimit.bytesPerSecond(exchange.request).map { Pace(bytesPerSecond: $0) }
        }
        do throws(ConnectionReader.Failure) {
            try reader.readBody(head.framing, maximum: maximum, limit: exchange.readLimit, into: &sink)
        } catch {
            exchange.received = sink.count
            if case .limitReached = error { return nil }
            throw error
        }
        exchange.received = sink.count
        let body = sink.finish()
        if exchange.request.operation == .postObject { exchange.fileLength = body.bytes.count }
        return body
    }

    private mutating func control(
        _ head: RequestHead, _ path: String, _ query: QueryItems
    ) throws(ConnectionReader.Failure) -> Outcome {
        var sink = BodySink(isStored: true, isDigested: false)
        if !head.announcesNeedlessBody {
            try reader.readBody(head.framing, maximum: Self.maximumDocumentLength, limit: nil, into: &sink)
        }
        let keepsAlive = head.keepsAlive && !head.announcesNeedlessBody
        let response = core.control.respond(
            to: ControlRequest(
                method: head.method, path: path, query: query, headers: head.headers, host: head.host,
                authority: head.authority, body: sink.finish().bytes.data))
        do {
            try writer.write(
                response, requestID: core.makeRequestID(), elapsed: .zero, isHead: head.method == "HEAD",
                keepsAlive: keepsAlive, plan: .init(), now: core.now())
        } catch {
            return .close
        }
        return keepsAlive ? .open : .close
    }

    private func refuse(_ problem: MalformedRequest) {
        let error = ServiceError(status: problem.status, code: "BadRequest", message: "Bad request: \(problem.reason).")
        let id = core.makeRequestID()
        try? writer.write(
            error.response(requestID: id, hostID: "127.0.0.1", isHead: false), requestID: id, elapsed: .zero,
            isHead: false, keepsAlive: false, plan: .init(), now: core.now())
    }

    /// Sends FIN and reads remaining bytes for a limited time. Closing a socket with unread bytes would reset the
    /// connection, and the peer could lose the response.
    private func lingerForPeer() {
        _ = shutdown(socket.descriptor, Int32(SHUT_WR))
        var wait = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        let end = ContinuousClock.now + .seconds(1)
        var left = Self.maximumLinger
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { buffer in
            while left > 0, ContinuousClock.now < end, poll(&wait, 1, 250) > 0,
                let count = try? socket.receive(into: buffer), count > 0
            {
                left -= count
            }
        }
    }
}

extension Connection.Outcome {
    init(_ closing: MockFault.Closing) {
        self = closing == .reset ? .reset : .close
    }
}
