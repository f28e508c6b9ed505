import Foundation

/// A canned response in JSON: `{"operation": "ProcessObject", "process": "image/info", "headers": {"Content-Type":
/// "application/json"}, "text": "{}"}`.
struct ProcessDocument: Decodable {
    // Conditions on the request.
    private let operation: String
    private let process: String?
    private let bucket: String?
    private let key: String?
    // The response.
    private let status: Int?
    private let headers: [String: String]?
    private let text: String?
    private let base64: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case operation, process, bucket, key, status, headers, text, base64
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        operation = try container.decode(String.self, forKey: .operation)
        process = try container.decodeIfPresent(String.self, forKey: .process)
        bucket = try container.decodeIfPresent(String.self, forKey: .bucket)
        key = try container.decodeIfPresent(String.self, forKey: .key)
        status = try container.decodeIfPresent(Int.self, forKey: .status)
        headers = try container.decodeIfPresent([String: String].self, forKey: .headers)
        text = try container.decodeIfPresent(String.self, forKey: .text)
        base64 = try container.decodeIfPresent(String.self, forKey: .base64)
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        let names = try decoder.container(keyedBy: JSONMember.self).allKeys.map(\.stringValue).sorted()
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw Self.problem("a canned response has no member '\(unknown)'", decoder.codingPath)
        }
        if let base64, Data(base64Encoded: base64) == nil {
            throw Self.problem("'base64' is not Base64", decoder.codingPath)
        }
        if let status, !(200...599).contains(status) {
            throw Self.problem("'status' is a number from 200 to 599", decoder.codingPath)
        }
    }

    var handler: ProcessHandlers.Handler {
        let body = base64.flatMap { Data(base64Encoded: $0) } ?? Data((text ?? "").utf8)
        let response = MockOSSServer.ProcessResponse(status: status ?? 200, headers: headers ?? [:], body: body)
        return { [operation, process, bucket, key] request in
            // A missing condition matches every request.
            guard operation == request.operation, process ?? request.process == request.process,
                bucket ?? request.bucket == request.bucket, key ?? request.key == request.key
            else { return nil }
            return response
        }
    }

    private static func problem(_ text: String, _ path: [any CodingKey]) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: text))
    }
}
