import Foundation

extension MockFault {
    /// Reads the JSON form: one object or an array of them.
    static func decode(json: Data) throws -> [MockFault] {
        let decoder = JSONDecoder()
        if let first = json.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }), first == UInt8(ascii: "[") {
            return try decoder.decode([StrictFaultDocument].self, from: json).map(\.fault)
        }
        return [try decoder.decode(StrictFaultDocument.self, from: json).fault]
    }
}

/// What `GET /-/faults` answers.
struct FaultAccount: Encodable {
    struct Line: Encodable {
        var action: String
        var operation: String?
        var key: String?
        /// Missing when it is every time.
        var times: Int?
        var happened: Int
    }

    var unused: Int
    var faults: [Line]

    init(_ plan: FaultPlan) {
        unused = plan.unused.count
        faults = plan.account.map { fault, happened in
            // The name of an enumeration's case is what its description begins with.
            let name = "\(fault.action)".prefix { $0.isLetter }
            return Line(
                action: String(name), operation: fault.matcher.operation, key: fault.matcher.key,
                times: fault.times == .max ? nil : fault.times, happened: happened)
        }
    }
}
