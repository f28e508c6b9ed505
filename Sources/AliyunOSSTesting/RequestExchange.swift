import AliyunOSS
import Foundation

/// A request that is being handled, with its faults, log entry and statistics.
struct RequestExchange {
    let core: ServerCore
    private(set) var request: ServiceRequest
    let faults: [MockFault.Action]
    let start = ContinuousClock.now
    var received = 0
    /// Number of received bytes that belong to a form's file; `nil` if the request body is not a form.
    var fileLength: Int?
    var sent = 0
    var status = 0
    /// Whether part of the request body is unread, in which case the connection cannot serve another request.
    var hasUnreadBody = false

    private var hasEndedHandling = false
    private let head: RequestHead
    private var facts: RequestFacts
    private let logNumber: Int

    init(core: ServerCore, head: RequestHead, request: ServiceRequest, connection: Int, indexOnConnection: Int) {
        self.core = core
        self.head = head
        self.request = request
        let bodyLength: Int? =
            switch head.framing {
            case .none: 0
            case .length(let length): length
            case .chunked: nil
            }
        let number = core.counters.startRequest()
        facts = RequestFacts(
            operation: request.operationName, method: request.method, bucket: request.bucket, key: request.key,
            partNumber: request.query["partNumber"].flatMap { Int($0) }, range: request.header("Range"),
            number: number, connection: connection, indexOnConnection: indexOnConnection, bodyLength: bodyLength)
        // Taken before the request is logged, so that a test that waits for the log entry sees the faults as used.
        faults = core.faults.takeForRequest(facts)
        logNumber = core.log.add(
            MockRequest(
                connection: connection, indexOnConnection: indexOnConnection, method: head.method, target: head.target,
                path: String(decoding: head.path, as: UTF8.self), query: request.query.items, headers: head.headers,
                bucket: request.bucket, key: request.key, operation: request.operationName, bodyLength: 0,
                status: 0, requestID: request.requestID, number: number, date: request.now,
                signature: SignatureVerdict(SignatureScheme(request)), faults: faults.map(\.name)))
        facts.recordUse = { [log = core.log, logNumber] action in
            log.update(logNumber) { $0.faults.append(action.name) }
        }
        // No serving fault applies to a response that is never sent.
        if closesAfterApplying == nil { self.request.faults = ServingFaults(plan: core.faults, facts: facts) }
    }

    /// Fault that responds in place of the service, or `nil` if there is none.
    var replacement: MockFault.Action? {
        faults.first { action in
            switch action {
            case .respond, .response, .errorInSuccess, .redirect, .challenge, .raw, .neverRespond: true
            default: false
            }
        }
    }

    /// Duration for which a fault refuses connections, or `nil` if no fault refuses them.
    var refusal: Duration? {
        for case .refuseConnections(let duration) in faults { return duration }
        return nil
    }

    /// Error response that a fault sends before the request body has arrived, or `nil` if no fault sends one.
    var earlyResponse: (response: ServiceResponse, closing: MockFault.Closing)? {
        for case .respondEarly(let status, let code, let closing) in faults {
            return (errorResponse(Self.injected(status, code, MockFault.Action.defaultMessage)), closing)
        }
        return nil
    }

    var stopsReading: Bool {
        faults.contains { if case .stopReading = $0 { true } else { false } }
    }

    var closesBeforeReading: MockFault.Closing? {
        for case .closeBeforeReading(let closing) in faults { return closing }
        return nil
    }

    var closesAfterApplying: MockFault.Closing? {
        for case .closeAfterApplying(let closing) in faults { return closing }
        return nil
    }

    /// Maximum number of body bytes that the server reads, or `nil` if no fault limits the number.
    var readLimit: Int? {
        for action in faults {
            switch action {
            case .closeAfterReading(let bytes, _), .stopReading(let bytes): return bytes
            default: continue
            }
        }
        return nil
    }

    var closing: MockFault.Closing? {
        for case .closeAfterReading(_, let closing) in faults { return closing }
        return nil
    }

    /// Whether the server responds to an incomplete body with an error. It does, unless a fault closes the connection
    /// or responds instead.
    var reportsIncompleteBody: Bool { replacement == nil && readLimit == nil }

    /// Returns an error if the request must be rejected based on its head alone, or `nil` otherwise.
    func refusal(for request: ServiceRequest) -> ServiceError? {
        do throws(ServiceError) {
            guard core.limiter?.admits(at: start) ?? true else { throw ServiceError.tooManyRequests }
            if !request.operation.isUnsigned {
                try Access.check(request, core.checker, core.service, recordVerdict: recordVerdict)
            }
            if request.operation.storesBody {
                if head.framing == .none {
                    throw ServiceError(
                        status: 411, code: "MissingContentLength",
                        message: "You must provide the Content-Length HTTP header.", ec: "0017-00000801")
                }
                if case .length(let length) = head.framing, length > Connection.maximumObjectLength {
                    throw ServiceError.entityTooLarge
                }
            } else if case .length(let length) = head.framing, length > Connection.maximumDocumentLength,
                ["POST", "PUT"].contains(request.method)
            {
                // An unread body must not be treated as empty: some operations accept an empty one.
                throw ServiceError.malformedXML
            }
            return nil
        } catch {
            return error
        }
    }

    /// Creates the destination for the request body.
    func makeSink(isStored: Bool) -> BodySink {
        guard isStored, request.operation == .postObject else {
            return BodySink(
                isStored: isStored, isDigested: request.operation.storesBody, computesMD5: core.service.computesMD5)
        }
        let admission = FormAdmission(
            checker: core.checker, service: core.service, request: request, recordVerdict: recordVerdict)
        return BodySink(
            form: FormParser(
                contentType: request.header("Content-Type"), computesMD5: core.service.computesMD5
            ) { fields throws(ServiceError) in try admission.check(fields) })
    }

    /// Returns the service's response, or the response of a fault that replaces it.
    func respond(to request: ServiceRequest, refusal: ServiceError?) -> ServiceResponse {
        switch replacement {
        case .respond(let status, let code, let message)?:
            return errorResponse(Self.injected(status, code, message))
        case .errorInSuccess(let code, let message)?:
            return errorResponse(Self.injected(200, code, message))
        case .response(let status, let headers, let body)?:
            return ServiceResponse(status: status, overriding: headers, body: body)
        case .redirect(let status, let target)?:
            return ServiceResponse(status: status, headers: [("Location", target)])
        case .challenge?:
            return ServiceResponse(status: 401, headers: [("WWW-Authenticate", "Basic realm=\"mock\"")])
        default: break
        }
        var response: ServiceResponse
        do throws(ServiceError) {
            if let refusal { throw refusal }
            response = try core.service.perform(request)
        } catch {
            response = errorResponse(error)
        }
        core.service.addCORS(to: &response, for: request)
        return response
    }

    /// Applies faults to the response and returns the plan for sending its body.
    func applyResponseFaults(to response: inout ServiceResponse) -> ResponseWriter.BodyPlan {
        var plan = ResponseWriter.BodyPlan()
        if request.operation == .getObject, response.status < 300 {
            plan.bytesPerSecond = TrafficLimit.bytesPerSecond(request)
        }
        let canHaveBody = request.method != "HEAD" && response.status != 204 && response.status != 304
        for action in core.faults.takeForContent(facts, bodyLength: canHaveBody ? response.bodyLength : nil) {
            switch action {
            case .replaceBody(let bytes): response.body = .data(Data(bytes))
            case .gzip:
                response.body = .data(Data(StoredGzip.encode(response.bodyBytes)))
                response.set("Content-Encoding", "gzip")
            case .corruptBody(let offset): plan.corruptedOffset = offset
            default: break
            }
        }
        for action in core.faults.takeForSending(facts, bodyLength: canHaveBody ? response.bodyLength : 0) {
            switch action {
            case .header(let name, let value): response.override(name, value)
            case .truncateBody(let offset, let closing): plan.truncation = (offset, closing)
            case .stallBody(let offset, let duration): plan.stall = (offset, duration)
            case .throttleBody(let rate): plan.bytesPerSecond = rate
            case .dripHead(let pause): plan.form = .dripHead(pause)
            case .dripSpaces(let count, let pause): plan.form = .dripSpaces(count: count, every: pause)
            case .chunkBody(let ends): plan.form = .chunked(ends: ends)
            case .endlessBody: plan.form = .endless
            case .extraBytes(let bytes): plan.form = .extraBytes(bytes)
            default: break
            }
        }
        if canHaveBody, response.isChunked, plan.form == nil, plan.stall == nil, plan.truncation == nil {
            plan.form = .chunked(ends: true)
        }
        return plan
    }

    /// Applies the state changes that faults make after this request.
    func changeState() {
        for change in core.faults.takeForState(facts) {
            switch change {
            case .putObject(let key, let bytes):
                guard let bucket = request.bucket, let key = key ?? request.key else { continue }
                try? core.put(key, Data(bytes), in: bucket)
            case .deleteObject(let key):
                guard let bucket = request.bucket, let key = key ?? request.key else { continue }
                _ = try? core.store.bucket(bucket)?.delete(Array(key.utf8), at: Service.wholeSeconds(core.now()))
            case .abortUploads:
                guard let uploads = request.bucket.flatMap({ core.store.bucket($0) })?.uploads else { continue }
                for upload in uploads.all { _ = uploads.discard(upload) }
            case .moveClock(let duration): core.moveClock(by: duration)
            case .expireToken(let id): core.checker.expire(id)
            }
        }
    }

    func errorResponse(_ error: ServiceError) -> ServiceResponse {
        error.response(requestID: request.requestID, hostID: request.authority, isHead: request.method == "HEAD")
    }

    private static func injected(_ status: Int, _ code: String, _ message: String) -> ServiceError {
        ServiceError(status: status, code: code, message: message, ec: "0000-00000000")
    }

    /// Records the response. This is called before the response is sent, so that a client that has received the
    /// response finds it in the log and in the statistics.
    mutating func recordResponse(_ status: Int, bodyLength: Int) {
        self.status = status
        sent = bodyLength
        note()
    }

    /// Records that only part of the response body was sent.
    mutating func recordFailure(_ actuallySent: Int) {
        if sendsObject { core.counters.add(received: 0, sent: actuallySent - sent) }
        sent = actuallySent
    }

    /// Removes the request from the count of requests being handled.
    mutating func endHandling() {
        guard !hasEndedHandling else { return }
        hasEndedHandling = true
        core.counters.endRequest()
    }

    /// Records the end of the request. Called on every exit path.
    mutating func finish() {
        if status == 0 { note() }
        core.log.update(logNumber) { $0.isFinished = true }
        endHandling()
        guard let write = core.configuration.log else { return }
        let elapsed = Double((ContinuousClock.now - start).components.attoseconds / 1_000_000_000_000) / 1000
        let target = RequestTarget.withoutSecrets(head.target)
        write(
            "\(head.method) \(target) \(status) \(request.operationName) in=\(received) out=\(sent) \(elapsed)ms"
        )
    }

    private func note() {
        core.counters.add(
            received: request.operation.storesBody ? fileLength ?? received : 0, sent: sendsObject ? sent : 0)
        core.log.update(logNumber) { [status, received] request in
            request.status = status
            request.bodyLength = received
        }
    }

    private var recordVerdict: (SignatureVerdict) -> Void {
        { [log = core.log, logNumber] verdict in log.update(logNumber) { $0.signature = verdict } }
    }

    /// Whether the response body is the content of an object.
    private var sendsObject: Bool { request.operation == .getObject && (status == 200 || status == 206) }
}
