import Foundation

/// The JSON representation of a canned response. Example: `{"operation": "ProcessObject", "process": "image/info",
/// "headers": {"Content-Type": "application/json"}, "text": "{}"}`.
struct ProcessDocument: Decodable {
    let handler: ProcessHandlers.Handler

    init(from decoder: any Decoder) throws {
        var members = try JSONMembers(decoder, subject: "a canned response")
        let operation: String = try members.required("operation")
        let process: String? = try members.value("process")
        let bucket: String? = try members.value("bucket")
        let key: String? = try members.value("key")
        let status: Int = try members.value("status") ?? 200
        guard (200...599).contains(status) else {
            throw members.problem("'status' must be from 200 to 599 (got \(status))")
        }
        let response = MockOSSServer.ProcessResponse(
            status: status, headers: try members.value("headers") ?? [:], body: Data(try members.content() ?? []))
        try members.rejectUnread()
        handler = { request in
            // A missing condition matches every request.
            guard operation == request.operation, process ?? request.process == request.process,
                bucket ?? request.bucket == request.bucket, key ?? request.key == request.key
            else { return nil }
            return response
        }
    }
}
