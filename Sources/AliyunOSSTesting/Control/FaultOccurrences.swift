/// The response to `GET /-/faults`.
struct FaultOccurrences: Encodable {
    struct Line: Encodable {
        /// Number that identifies the fault in the paths of requests.
        var id: Int
        var action: String
        /// Action with its parameters, as text for people.
        var summary: String
        var operation: String?
        var method: String?
        var bucket: String?
        var key: String?
        /// Requested number of occurrences; omitted if the fault occurs every time.
        var times: Int?
        var happened: Int
        var isEnabled: Bool
    }

    var unused: Int
    var faults: [Line]

    init(_ plan: FaultPlan) {
        unused = plan.unused.count
        faults = plan.items.map { item in
            let (action, matcher) = (item.fault.action, item.fault.matcher)
            return Line(
                id: item.id, action: action.name, summary: action.summary, operation: matcher.operation,
                method: matcher.method, bucket: matcher.bucket, key: matcher.key,
                times: item.fault.times == .max ? nil : item.fault.times, happened: item.count,
                isEnabled: item.isEnabled)
        }
    }
}

extension MockFault.Action {
    /// The action with its parameters, in one line for people. Bytes are represented by their number.
    var summary: String {
        switch self {
        case .delay(let duration): "wait \(duration)"
        case .closeBeforeReading(let closing): "close the connection before the body\(closing.note)"
        case .closeAfterReading(let bytes, let closing):
            "close the connection after \(bytes) bytes of the request body\(closing.note)"
        case .stopReading(let bytes): "stop reading after \(bytes) bytes of the request body"
        case .neverRespond: "do not respond"
        case .refuseConnections(let duration): "refuse connections for \(duration)"
        case .respond(let status, let code, _): "respond with \(status) \(code)"
        case .respondEarly(let status, let code, let closing):
            "respond with \(status) \(code) before the body has arrived\(closing.note)"
        case .response(let status, _, let body): "respond with \(status) and \(body.count) bytes"
        case .errorInSuccess(let code, _): "respond with 200 and the error \(code)"
        case .redirect(let status, let target): "respond with \(status) to \(target)"
        case .challenge: "respond with 401 and request Basic authentication"
        case .raw(let bytes): "send \(bytes.count) bytes instead of a response"
        case .closeAfterApplying(let closing): "perform the request, then close the connection\(closing.note)"
        case .header(let name, nil): "remove the header \(name)"
        case .header(let name, let value?): "set the header \(name) to \(value)"
        case .replaceBody(let bytes): "replace the response body by \(bytes.count) bytes"
        case .gzip: "compress the response body"
        case .corruptBody(let offset): "invert the byte at offset \(offset) of the response body"
        case .ignoreRange: "respond with the entire object to a range"
        case .listing(let fault): "make the listing invalid: \(fault.rawValue)"
        case .truncateBody(let bytes, let closing):
            "close the connection after \(bytes) bytes of the response body\(closing.note)"
        case .stallBody(let bytes, let duration): "pause for \(duration) after \(bytes) bytes of the response body"
        case .throttleBody(let rate): "send the response body at \(rate) bytes per second"
        case .dripHead(let pause): "send the response head byte by byte, every \(pause)"
        case .dripSpaces(let count, let pause): "send \(count) spaces before the response body, every \(pause)"
        case .chunkBody(let ends): "send the response body in chunks" + (ends ? "" : " without the last one")
        case .endlessBody: "send an endless response body"
        case .extraBytes(let bytes): "send \(bytes.count) bytes after the response body"
        case .afterwards(let change): "then \(change.summary)"
        }
    }
}

extension MockFault.Closing {
    fileprivate var note: String { self == .reset ? " (RST)" : " (FIN)" }
}

extension MockFault.StateChange {
    fileprivate var summary: String {
        switch self {
        case .putObject(let key, let bytes): "store \(bytes.count) bytes as \(key ?? "the requested key")"
        case .deleteObject(let key): "delete \(key ?? "the requested key")"
        case .abortUploads: "abort all multipart uploads in the bucket"
        case .moveClock(let duration): "move the clock by \(duration)"
        case .expireToken(let id): "expire the token of \(id)"
        }
    }
}
