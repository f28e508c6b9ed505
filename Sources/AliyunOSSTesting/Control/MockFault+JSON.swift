import Foundation

extension MockFault {
    /// Reads the JSON form: one object or an array of them.
    ///
    /// `{"action": "respond", "status": 503, "code": "ServiceUnavailable", "operation": "PutObject", "times": 2}`
    static func decode(json: Data) throws -> [MockFault] {
        let decoder = JSONDecoder()
        if let first = json.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }), first == UInt8(ascii: "[") {
            return try decoder.decode([Document].self, from: json).map { try $0.fault() }
        }
        return [try decoder.decode(Document.self, from: json).fault()]
    }

    private struct Document: Decodable {
        var action: String
        var operation: String?
        var method: String?
        var bucket: String?
        var key: String?
        var skip: Int?
        var minimumRequestIndex: Int?
        var times: Int?
        var status: Int?
        var code: String?
        var message: String?
        var milliseconds: Int?
        var bytes: Int?
        var bytesPerSecond: Int?
        var offset: Int?
        var name: String?
        var value: String?
        var to: String?
        var text: String?
        var closing: String?

        func fault() throws -> MockFault {
            let matcher = Matcher(
                operation: operation, method: method, bucket: bucket, key: key, skip: max(skip ?? 0, 0),
                minimumRequestIndex: minimumRequestIndex ?? 0)
            // A count of 0 or less is every time: JSON has no largest number.
            return MockFault(try makeAction(), when: matcher, times: times.map { $0 > 0 ? $0 : .max } ?? 1)
        }

        private func makeAction() throws -> Action {
            let closing = try closing.map { text in
                guard let closing = Closing(rawValue: text) else { throw Self.problem("closing is finish or reset") }
                return closing
            }
            switch action {
            case "respond":
                return .respond(
                    status: try need(status, "status"), code: try need(code, "code"),
                    message: message ?? "Injected by a test.")
            case "delay": return .delay(.milliseconds(try need(milliseconds, "milliseconds")))
            case "closeBeforeReading": return .closeBeforeReading(closing ?? .reset)
            case "closeAfterReading": return .closeAfterReading(bytes: try count(bytes, "bytes"), closing ?? .reset)
            case "closeAfterApplying": return .closeAfterApplying(closing ?? .reset)
            case "truncateBody": return .truncateBody(after: try count(bytes, "bytes"), closing ?? .finish)
            case "stallBody":
                return .stallBody(
                    after: try count(bytes, "bytes"), for: .milliseconds(try need(milliseconds, "milliseconds")))
            case "throttleBody": return .throttleBody(bytesPerSecond: try count(bytesPerSecond, "bytesPerSecond"))
            case "corruptBody": return .corruptBody(at: try count(offset, "offset"))
            case "header": return .header(try need(name, "name"), value)
            case "redirect": return .redirect(status: status ?? 307, to: try need(to, "to"))
            case "challenge": return .challenge
            case "raw": return .raw(Array(try need(text, "text").utf8))
            case "ignoreRange": return .ignoreRange
            default: throw Self.problem("there is no action '\(action)'")
            }
        }

        private func need<Value>(_ value: Value?, _ name: String) throws -> Value {
            guard let value else { throw Self.problem("the action \(action) needs '\(name)'") }
            return value
        }

        private func count(_ value: Int?, _ name: String) throws -> Int {
            let value = try need(value, name)
            guard value >= 0 else { throw Self.problem("'\(name)' must not be negative") }
            return value
        }

        private static func problem(_ text: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: [], debugDescription: text))
        }
    }
}
