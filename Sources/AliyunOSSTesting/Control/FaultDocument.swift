import Foundation

/// A fault in JSON: `{"action": "respond", "status": 503, "code": "ServiceUnavailable", "operation": "PutObject"}`.
struct FaultDocument: Decodable {
    var action: String
    // Which requests.
    var operation: String?
    var method: String?
    var bucket: String?
    var key: String?
    var partNumber: Int?
    var range: String?
    var requestNumber: Int?
    var connection: Int?
    var skip: Int?
    var minimumRequestIndex: Int?
    var probability: Double?
    var times: Int?
    // What the actions need.
    var status: Int?
    var code: String?
    var message: String?
    var headers: [String: String]?
    var milliseconds: Int?
    var bytes: Int?
    var bytesPerSecond: Int?
    var offset: Int?
    var count: Int?
    var name: String?
    var value: String?
    var to: String?
    var text: String?
    var base64: String?
    var ends: Bool?
    var closing: String?
    var kind: String?
    var change: String?
    var objectKey: String?
    var accessKeyID: String?

    func fault() throws -> MockFault {
        let matcher = MockFault.Matcher(
            operation: operation, method: method, bucket: bucket, key: key, partNumber: partNumber, range: range,
            requestNumber: requestNumber, connection: connection, skip: max(skip ?? 0, 0),
            minimumRequestIndex: minimumRequestIndex ?? 0, probability: probability ?? 1)
        // JSON has no largest number, so a count of 0 or less means every time.
        return MockFault(try makeAction(), when: matcher, times: times.map { $0 > 0 ? $0 : .max } ?? 1)
    }

    private func makeAction() throws -> MockFault.Action {
        switch action {
        case "delay": .delay(try duration())
        case "closeBeforeReading": .closeBeforeReading(try end() ?? .reset)
        case "closeAfterReading": .closeAfterReading(bytes: try number(bytes, "bytes"), try end() ?? .reset)
        case "closeAfterApplying": .closeAfterApplying(try end() ?? .reset)
        case "stopReading": .stopReading(after: try number(bytes, "bytes"))
        case "neverRespond": .neverRespond
        case "refuseConnections": .refuseConnections(for: try duration())
        case "respond":
            .respond(
                status: try need(status, "status"), code: try need(code, "code"),
                message: message ?? "Injected by a test.")
        case "respondEarly":
            .respondEarly(status: try need(status, "status"), code: try need(code, "code"), try end() ?? .finish)
        case "response":
            .response(status: try need(status, "status"), headers: headers ?? [:], body: try content() ?? [])
        case "errorInSuccess":
            .errorInSuccess(code: try need(code, "code"), message: message ?? "Injected by a test.")
        case "redirect": .redirect(status: status ?? 307, to: try need(to, "to"))
        case "challenge": .challenge
        case "raw": .raw(try need(try content(), "text' or 'base64"))
        case "header": .header(try need(name, "name"), value)
        case "replaceBody": .replaceBody(try need(try content(), "text' or 'base64"))
        case "gzip": .gzip
        case "corruptBody": .corruptBody(at: try number(offset, "offset"))
        case "ignoreRange": .ignoreRange
        case "listing": .listing(try oneOf(MockFault.ListingFault.self, kind, "kind"))
        case "truncateBody": .truncateBody(after: try number(bytes, "bytes"), try end() ?? .finish)
        case "stallBody": .stallBody(after: try number(bytes, "bytes"), for: try duration())
        case "throttleBody": .throttleBody(bytesPerSecond: try number(bytesPerSecond, "bytesPerSecond"))
        case "dripHead": .dripHead(every: try duration())
        case "dripSpaces": .dripSpaces(count: try number(count, "count"), every: try duration())
        case "chunkBody": .chunkBody(ends: ends ?? false)
        case "endlessBody": .endlessBody
        case "extraBytes": .extraBytes(try need(try content(), "text' or 'base64"))
        case "afterwards": .afterwards(try makeChange())
        default: throw Self.problem("there is no action '\(action)'")
        }
    }

    private func makeChange() throws -> MockFault.StateChange {
        switch try need(change, "change") {
        case "putObject": .putObject(key: objectKey, bytes: try content() ?? [])
        case "deleteObject": .deleteObject(key: objectKey)
        case "abortUploads": .abortUploads
        case "moveClock":
            .moveClock(
                by: min(max(.milliseconds(try need(milliseconds, "milliseconds")), .zero - Self.century), Self.century))
        case "expireToken": .expireToken(accessKeyID: try need(accessKeyID, "accessKeyID"))
        default:
            throw Self.problem("'change' is putObject, deleteObject, abortUploads, moveClock or expireToken")
        }
    }

    private func end() throws -> MockFault.Closing? {
        try closing.map { try oneOf(MockFault.Closing.self, $0, "closing") }
    }

    private func content() throws -> [UInt8]? {
        if let text { return Array(text.utf8) }
        return try base64.map { text in
            guard let data = Data(base64Encoded: text) else { throw Self.problem("'base64' is not Base64") }
            return Array(data)
        }
    }

    /// Maximum clock change. Dates beyond the year 9999 cannot be formatted.
    private static let century = Duration.seconds(36_525 * 86_400)

    private func duration() throws -> Duration {
        min(.milliseconds(try number(milliseconds, "milliseconds")), .longestWait)
    }

    private func oneOf<Value: RawRepresentable<String>>(
        _ type: Value.Type, _ text: String?, _ name: String
    ) throws -> Value {
        guard let value = Value(rawValue: try need(text, name)) else {
            throw Self.problem("'\(text ?? "")' is no value of '\(name)'")
        }
        return value
    }

    private func need<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw Self.problem("the action \(action) needs '\(name)'") }
        return value
    }

    private func number(_ value: Int?, _ name: String) throws -> Int {
        let value = try need(value, name)
        guard value >= 0 else { throw Self.problem("'\(name)' must not be negative") }
        return value
    }

    private static func problem(_ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: text))
    }
}

/// Any member of a JSON object.
struct JSONMember: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

/// A fault that says nothing which its action does not have.
struct StrictFaultDocument: Decodable {
    let fault: MockFault

    init(from decoder: any Decoder) throws {
        let document = try FaultDocument(from: decoder)
        fault = try document.fault()
        let names = try decoder.container(keyedBy: JSONMember.self).allKeys.map(\.stringValue)
        if let unknown = FaultMembers.unknown(names, of: document.action) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "the action \(document.action) has no member '\(unknown)'"))
        }
    }
}

/// What a fault in JSON may say.
enum FaultMembers {
    /// Which requests meet it, and how often.
    private static let common: Set<String> = [
        "action", "operation", "method", "bucket", "key", "partNumber", "range", "requestNumber", "connection", "skip",
        "minimumRequestIndex", "probability", "times",
    ]

    private static let ofActions: [String: Set<String>] = [
        "delay": ["milliseconds"],
        "closeBeforeReading": ["closing"],
        "closeAfterReading": ["bytes", "closing"],
        "closeAfterApplying": ["closing"],
        "stopReading": ["bytes"],
        "refuseConnections": ["milliseconds"],
        "respond": ["status", "code", "message"],
        "respondEarly": ["status", "code", "closing"],
        "response": ["status", "headers", "text", "base64"],
        "errorInSuccess": ["code", "message"],
        "redirect": ["to", "status"],
        "raw": ["text", "base64"],
        "header": ["name", "value"],
        "replaceBody": ["text", "base64"],
        "corruptBody": ["offset"],
        "listing": ["kind"],
        "truncateBody": ["bytes", "closing"],
        "stallBody": ["bytes", "milliseconds"],
        "throttleBody": ["bytesPerSecond"],
        "dripHead": ["milliseconds"],
        "dripSpaces": ["count", "milliseconds"],
        "chunkBody": ["ends"],
        "extraBytes": ["text", "base64"],
        "afterwards": ["change", "objectKey", "text", "base64", "milliseconds", "accessKeyID"],
    ]

    /// A member that the action does not have, `nil` when there is none. A condition whose name is misspelt would let
    /// the fault happen to every request.
    static func unknown(_ names: [String], of action: String) -> String? {
        let known = common.union(ofActions[action] ?? [])
        return names.sorted().first { !known.contains($0) }
    }
}

extension MockFault {
    /// Decodes one fault or an array of faults.
    static func decode(json: Data) throws -> [MockFault] {
        let decoder = JSONDecoder()
        if let first = json.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }), first == UInt8(ascii: "[") {
            return try decoder.decode([StrictFaultDocument].self, from: json).map(\.fault)
        }
        return [try decoder.decode(StrictFaultDocument.self, from: json).fault]
    }
}

/// The response to `GET /-/faults`.
struct FaultOccurrences: Encodable {
    struct Line: Encodable {
        var action: String
        var operation: String?
        var key: String?
        /// Number of times; missing for every time.
        var times: Int?
        var happened: Int
    }

    var unused: Int
    var faults: [Line]

    init(_ plan: FaultPlan) {
        unused = plan.unused.count
        faults = plan.occurrences.map { fault, happened in
            // The description of an enumeration value starts with the name of its case.
            let name = "\(fault.action)".prefix { $0.isLetter }
            return Line(
                action: String(name), operation: fault.matcher.operation, key: fault.matcher.key,
                times: fault.times == .max ? nil : fault.times, happened: happened)
        }
    }
}
