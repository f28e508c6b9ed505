import Foundation
import OSSPrimitives

/// A difference between a request of this library and a recorded one.
struct RequestDifference: Sendable, CustomStringConvertible {
    var operation: String
    /// Part of the request that differs, such as `method`, `header content-md5` or `body Delete/Quiet`.
    var part: String
    /// Text that this library sends; `nil` if it does not send the part.
    var sent: String?
    /// Text that the Python client sends; `nil` if it does not send the part.
    var recorded: String?
    /// Whether the request of the Python client has a body.
    var hasBody: Bool

    var description: String {
        func quoted(_ text: String?) -> String { text.map { "'\($0)'" } ?? "nothing" }
        return "\(operation), \(part): sent \(quoted(sent)), recorded \(quoted(recorded))"
    }

    /// Returns the differences between a sent request and a recorded one.
    static func all(between sent: RecordedRequest, and recorded: RecordedRequest) -> [RequestDifference] {
        let first = sent.parts, second = recorded.parts
        return Set(first.keys).union(second.keys).sorted().filter { first[$0] != second[$0] }.map { part in
            RequestDifference(
                operation: recorded.operation, part: part, sent: first[part], recorded: second[part],
                hasBody: !recorded.body.isEmpty)
        }
    }
}

/// A difference that is intended.
struct IntendedDifference: Sendable, CustomStringConvertible {
    var part: String
    var reason: String
    /// Operations that differ; empty for all operations.
    var operations: Set<String>
    /// Additional condition.
    var condition: @Sendable (RequestDifference) -> Bool

    var description: String { "\(part) of \(operations.sorted().joined(separator: ", ")): \(reason)" }

    init(
        _ part: String, _ reason: String, of operations: Set<String> = [],
        where condition: @escaping @Sendable (RequestDifference) -> Bool
    ) {
        (self.part, self.reason, self.operations, self.condition) = (part, reason, operations, condition)
    }

    func applies(to difference: RequestDifference) -> Bool {
        (operations.isEmpty || operations.contains(difference.operation)) && part == difference.part
            && condition(difference)
    }
}

extension RecordedRequest {
    /// The parts of the request that are compared, with their texts.
    ///
    /// The elements of an XML document have paths. Elements with the same name have an index, but the order of different
    /// elements does not matter, because it differs between the published clients. The members of a JSON document are
    /// sorted.
    fileprivate var parts: [String: String] {
        var parts = ["method": method, "path": path]
        for (name, value) in query { parts["parameter \(name)"] = value }
        for (name, value) in headers { parts["header \(name)"] = value }
        if let tree = try? XMLReader.read(Data(body.utf8)) {
            for (path, text) in tree.texts(at: tree.name) { parts["body \(path)"] = text }
        } else if !body.isEmpty {
            parts["body"] = sortedJSON ?? body
        }
        return parts
    }

    private var sortedJSON: String? {
        guard let value = try? JSONSerialization.jsonObject(with: Data(body.utf8)),
            let data = try? JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
        else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}

extension XMLTree {
    /// Returns the paths and texts of all elements without children.
    fileprivate func texts(at path: String) -> [(path: String, text: String)] {
        guard !children.isEmpty else { return [(path, text)] }
        var counts: [String: Int] = [:]
        return children.flatMap { child in
            let index = counts[child.name, default: 0]
            counts[child.name] = index + 1
            return child.texts(at: "\(path)/\(child.name)" + (index > 0 ? "[\(index)]" : ""))
        }
    }
}
