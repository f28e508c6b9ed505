import Foundation

/// A JSON Schema (2020-12), with the keywords that the schemas of this package use.
///
/// Objects are closed: a member that `properties` does not list is an error, so that a schema cannot be incomplete.
package struct JSONSchema {
    private let root: [String: Any]

    /// Reads a schema.
    package init(_ data: Data) throws {
        guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw CocoaError(.propertyListReadCorrupt)
        }
        self.root = root
    }

    /// Returns the ways in which a JSON document differs from the schema.
    package func errors(in data: Data) throws -> [String] {
        errors(try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed), root, "$")
    }

    private func errors(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
        var errors: [String] = []
        for (keyword, rule) in schema.sorted(by: { $0.key < $1.key }) {
            errors += self.errors(value, keyword, rule, schema, path)
        }
        return errors
    }

    private func errors(_ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any], _ path: String)
        -> [String]
    {
        let object = value as? [String: Any]
        func check(_ isValid: Bool?) -> [String] {
            isValid == true ? [] : ["\(path): \(value) violates \(keyword) \(rule)"]
        }
        switch keyword {
        case "$schema", "$defs", "title", "description": return []
        case "$ref": return definition(rule).map { errors(value, $0, path) } ?? ["\(path): unknown \(rule)"]
        case "type": return check((rule as? String).map { Self.type(of: value).contains($0) })
        case "const": return check((value as? NSObject)?.isEqual(rule))
        case "enum": return check((rule as? [NSObject])?.contains { $0.isEqual(value) })
        case "minimum":
            return check(
                (value as? NSNumber).flatMap { value in (rule as? NSNumber).map { value.doubleValue >= $0.doubleValue }
                })
        case "pattern":
            return check(
                (rule as? String).flatMap { (value as? String)?.range(of: $0, options: .regularExpression) } != nil)
        case "format":
            return check(
                rule as? String == "date-time"
                    && (value as? String).flatMap { try? Date($0, strategy: .iso8601) } != nil)
        case "required":
            return (rule as? [String] ?? ["?"]).filter { object?[$0] == nil }.map { "\(path): \($0) is missing" }
        case "properties":
            let properties = rule as? [String: [String: Any]] ?? [:]
            return (object ?? [:]).flatMap { name, member in
                properties[name].map { errors(member, $0, "\(path).\(name)") } ?? ["\(path): \(name) is not documented"]
            }
        case "additionalProperties":
            return (object ?? [:]).flatMap { errors($1, rule as? [String: Any] ?? [:], "\(path).\($0)") }
        case "items":
            return (value as? [Any] ?? []).enumerated().flatMap { index, item in
                errors(item, rule as? [String: Any] ?? [:], "\(path)[\(index)]")
            }
        case "anyOf":
            let results = (rule as? [[String: Any]] ?? []).map { errors(value, $0, path) }
            return results.contains(where: \.isEmpty) ? [] : Array(results.joined())
        default: return ["\(path): the keyword \(keyword) is not supported"]
        }
    }

    private func definition(_ reference: Any) -> [String: Any]? {
        let name = (reference as? String)?.split(separator: "/").last.map(String.init)
        return name.flatMap { (root["$defs"] as? [String: [String: Any]])?[$0] }
    }

    private static func type(of value: Any) -> Set<String> {
        switch value {
        case is String: return ["string"]
        case is [String: Any]: return ["object"]
        case is [Any]: return ["array"]
        case let number as NSNumber:
            // JSONSerialization represents true and false as numbers of the type of a C character.
            if String(cString: number.objCType) == "c" { return ["boolean"] }
            return number.doubleValue == number.doubleValue.rounded() ? ["integer", "number"] : ["number"]
        default: return ["null"]
        }
    }
}
