import AliyunOSS
import Foundation

/// The endpoints under `/-/`: JSON, through which other processes control the server, and a page for people.
struct Control {
    /// An error whose description is the response.
    struct Problem: Error {
        var status: Int
        var description: String
    }

    let core: ServerCore

    /// Names of the endpoints, as listed in the response for an unknown path.
    private static let endpoints = [
        "log", "changes", "stats", "faults", "process", "presign", "objects", "object", "content", "reset",
    ]

    func respond(to request: ControlRequest) -> ServiceResponse {
        let hosts = core.configuration.hostSuffixes
        do {
            if let problem = request.refusal(hosts: hosts, isReadOnly: core.configuration.hasReadOnlyPage) {
                throw Problem(status: 403, description: problem)
            }
            return try dispatch(request)
        } catch let problem as Problem {
            return failure(problem.description, status: problem.status)
        } catch let error as DecodingError {
            return failure(error.explanation, status: 400)
        } catch let error as ServiceError {
            return failure(error.message, status: 400)
        } catch {
            return failure("\(error)", status: 500)
        }
    }

    private func dispatch(_ request: ControlRequest) throws -> ServiceResponse {
        switch (request.method, request.path) {
        case ("GET", ""), ("HEAD", ""): return Page.response
        case ("GET", "log"): return try json(core.log.requests.map { LoggedRequest($0) })
        case ("GET", "changes"): return try json(Changes(core, after: try request.number("after") ?? 0))
        case ("GET", "stats"): return try json(core.statistics)
        case ("GET", "objects"): return try objects(request)
        case ("GET", "object"): return try object(request)
        case ("GET", "content"): return try content(request)
        case ("GET", "faults"): return try json(FaultOccurrences(core.faults))
        case ("DELETE", "faults"): core.faults.removeAll()
        case ("POST", "faults"):
            let faults = try MockFault.decode(json: request.body)
            for fault in faults { core.faults.add(fault) }
            return try json(["added": faults.count])
        case ("POST", "process"):
            core.handlers.add(try JSONDecoder().decode(ProcessDocument.self, from: request.body).handler)
            return try json(["added": 1])
        case ("DELETE", "process"): core.handlers.removeAll()
        case ("POST", "presign"): return try presign(request)
        case ("POST", "reset"): try core.reset()
        case (let method, let path) where path.hasPrefix("faults/"):
            try changeFault(method, path.dropFirst("faults/".count), request.body)
        case (let method, let path) where path.isEmpty || Self.endpoints.contains(path):
            throw Problem(status: 405, description: "method \(method) is not allowed for /-/\(path)")
        default:
            let names = Self.endpoints.map { "/-/\($0)" }.joined(separator: ", ")
            throw Problem(status: 404, description: "unknown path; use one of \(names)")
        }
        return try json([String: String]())
    }

    private func changeFault(_ method: String, _ number: Substring, _ body: Data) throws {
        let missing = Problem(status: 404, description: "there is no fault with the ID \(number)")
        guard let id = Int(number) else { throw missing }
        switch method {
        case "DELETE": guard core.faults.remove(id: id) else { throw missing }
        case "PATCH":
            let isEnabled = try JSONDecoder().decode(FaultSwitch.self, from: body).isEnabled
            guard core.faults.setEnabled(isEnabled, id: id) else { throw missing }
        default: throw Problem(status: 405, description: "method \(method) is not allowed for /-/faults/\(number)")
        }
    }

    func json(_ value: some Encodable, status: Int = 200) throws -> ServiceResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ServiceResponse(
            status: status, headers: [("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff")],
            body: .data(try encoder.encode(value)))
    }

    private func failure(_ text: String, status: Int) -> ServiceResponse {
        (try? json(["error": text], status: status)) ?? ServiceResponse(status: status)
    }
}

/// The body of `PATCH /-/faults/ID`.
private struct FaultSwitch: Decodable {
    let isEnabled: Bool

    init(from decoder: any Decoder) throws {
        var members = try JSONMembers(decoder, subject: "the change of a fault")
        isEnabled = try members.required("isEnabled")
        try members.rejectUnread()
    }
}

extension DecodingError {
    fileprivate var explanation: String {
        switch self {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        @unknown default: "\(self)"
        }
    }
}
