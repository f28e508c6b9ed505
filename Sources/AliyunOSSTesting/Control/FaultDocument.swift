import Foundation

/// The JSON representation of a fault. Example: `{"action": "respond", "status": 503, "code": "ServiceUnavailable",
/// "operation": "PutObject"}`.
struct FaultDocument: Decodable {
    let fault: MockFault

    init(from decoder: any Decoder) throws {
        var members = try JSONMembers(decoder, subject: "fault")
        let action: String = try members.required("action")
        members.subject = "action '\(action)'"
        let matcher = MockFault.Matcher(
            operation: try members.value("operation"), method: try members.value("method"),
            bucket: try members.value("bucket"), key: try members.value("key"),
            partNumber: try members.value("partNumber"), range: try members.value("range"),
            requestNumber: try members.value("requestNumber"), connection: try members.value("connection"),
            skip: max(try members.value("skip") ?? 0, 0),
            minimumRequestIndex: try members.value("minimumRequestIndex") ?? 0,
            probability: try members.value("probability") ?? 1)
        // JSON has no equivalent of `.max`, so a count of 0 or less means every time.
        let times = try members.value("times", as: Int.self).map { $0 > 0 ? $0 : .max } ?? 1
        fault = MockFault(try Self.action(action, &members), when: matcher, times: times)
        try members.rejectUnread()
    }

    private static func action(_ name: String, _ members: inout JSONMembers) throws -> MockFault.Action {
        switch name {
        case "delay": .delay(try members.duration())
        case "closeBeforeReading": .closeBeforeReading(try members.choice("closing") ?? .reset)
        case "closeAfterReading":
            .closeAfterReading(bytes: try members.number("bytes"), try members.choice("closing") ?? .reset)
        case "closeAfterApplying": .closeAfterApplying(try members.choice("closing") ?? .reset)
        case "stopReading": .stopReading(after: try members.number("bytes"))
        case "neverRespond": .neverRespond
        case "refuseConnections": .refuseConnections(for: try members.duration())
        case "respond":
            .respond(
                status: try members.required("status"), code: try members.required("code"),
                message: try members.value("message") ?? MockFault.Action.defaultMessage)
        case "respondEarly":
            .respondEarly(
                status: try members.required("status"), code: try members.required("code"),
                try members.choice("closing") ?? .finish)
        case "response":
            .response(
                status: try members.required("status"), headers: try members.value("headers") ?? [:],
                body: try members.content() ?? [])
        case "errorInSuccess":
            .errorInSuccess(
                code: try members.required("code"),
                message: try members.value("message") ?? MockFault.Action.defaultMessage)
        case "redirect": .redirect(status: try members.value("status") ?? 307, to: try members.required("to"))
        case "challenge": .challenge
        case "raw": .raw(try members.requiredContent())
        case "header": .header(try members.required("name"), try members.value("value"))
        case "replaceBody": .replaceBody(try members.requiredContent())
        case "gzip": .gzip
        case "corruptBody": .corruptBody(at: try members.number("offset"))
        case "ignoreRange": .ignoreRange
        case "listing": .listing(try kind(&members))
        case "truncateBody":
            .truncateBody(after: try members.number("bytes"), try members.choice("closing") ?? .finish)
        case "stallBody": .stallBody(after: try members.number("bytes"), for: try members.duration())
        case "throttleBody": .throttleBody(bytesPerSecond: try members.number("bytesPerSecond"))
        case "dripHead": .dripHead(every: try members.duration())
        case "dripSpaces": .dripSpaces(count: try members.number("count"), every: try members.duration())
        case "chunkBody": .chunkBody(ends: try members.value("ends") ?? false)
        case "endlessBody": .endlessBody
        case "extraBytes": .extraBytes(try members.requiredContent())
        case "afterwards": .afterwards(try change(&members))
        default: throw members.problem("unknown action '\(name)'")
        }
    }

    private static func kind(_ members: inout JSONMembers) throws -> MockFault.ListingFault {
        guard let kind: MockFault.ListingFault = try members.choice("kind") else {
            throw members.problem("\(members.subject) requires 'kind'")
        }
        return kind
    }

    /// Maximum duration by which a fault can move the clock. The limit is needed because dates beyond the year 9999
    /// cannot be formatted.
    private static let century = Duration.seconds(36_525 * 86_400)

    private static func change(_ members: inout JSONMembers) throws -> MockFault.StateChange {
        let change: String = try members.required("change")
        switch change {
        case "putObject": return .putObject(key: try members.value("objectKey"), bytes: try members.content() ?? [])
        case "deleteObject": return .deleteObject(key: try members.value("objectKey"))
        case "abortUploads": return .abortUploads
        case "moveClock":
            let duration = Duration.milliseconds(try members.required("milliseconds") as Int)
            return .moveClock(by: min(max(duration, .zero - century), century))
        case "expireToken": return .expireToken(accessKeyID: try members.required("accessKeyID"))
        default:
            throw members.problem(
                "'change' must be putObject, deleteObject, abortUploads, moveClock or expireToken (got '\(change)')")
        }
    }
}

extension MockFault {
    /// Decodes one fault or an array of faults.
    static func decode(json: Data) throws -> [MockFault] {
        let decoder = JSONDecoder()
        if let first = json.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }), first == UInt8(ascii: "[") {
            return try decoder.decode([FaultDocument].self, from: json).map(\.fault)
        }
        return [try decoder.decode(FaultDocument.self, from: json).fault]
    }
}
