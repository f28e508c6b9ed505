import Foundation

/// A JSON object reader that can reject unread members. Otherwise, a fault with a misspelled condition would match
/// every request.
struct JSONMembers {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    private let container: KeyedDecodingContainer<Name>
    private var unread: Set<String>
    /// Subject of error messages, such as `action 'respond'`.
    var subject: String

    init(_ decoder: any Decoder, subject: String) throws {
        container = try decoder.container(keyedBy: Name.self)
        unread = Set(container.allKeys.map(\.stringValue))
        self.subject = subject
    }

    /// Reads an optional member, or returns `nil` if it is missing.
    mutating func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        unread.remove(name)
        return try container.decodeIfPresent(Value.self, forKey: Name(stringValue: name))
    }

    /// Reads a required member.
    mutating func required<Value: Decodable>(_ name: String) throws -> Value {
        guard let value = try value(name, as: Value.self) else { throw problem("\(subject) requires '\(name)'") }
        return value
    }

    /// Reads a required, nonnegative number.
    mutating func number(_ name: String) throws -> Int {
        let number: Int = try required(name)
        guard number >= 0 else { throw problem("'\(name)' must not be negative (got \(number))") }
        return number
    }

    /// Reads a required duration from the member `milliseconds`.
    mutating func duration() throws -> Duration {
        min(.milliseconds(try number("milliseconds")), .longestWait)
    }

    /// Reads an optional member whose value must be one of a type's raw values, or returns `nil` if the member is
    /// missing.
    mutating func choice<Value: RawRepresentable<String>>(_ name: String) throws -> Value? {
        guard let text = try value(name, as: String.self) else { return nil }
        guard let value = Value(rawValue: text) else { throw problem("'\(text)' is not a valid value for '\(name)'") }
        return value
    }

    /// Reads bytes from the member `text` or `base64`, or returns `nil` if both are missing.
    mutating func content() throws -> [UInt8]? {
        let base64 = try value("base64", as: String.self)
        if let text = try value("text", as: String.self) { return Array(text.utf8) }
        guard let base64 else { return nil }
        guard let data = Data(base64Encoded: base64) else { throw problem("'base64' is not valid Base64") }
        return Array(data)
    }

    /// Reads required bytes from the member `text` or `base64`.
    mutating func requiredContent() throws -> [UInt8] {
        guard let content = try content() else { throw problem("\(subject) requires 'text' or 'base64'") }
        return content
    }

    /// Throws an error if the object has members that were not read.
    func rejectUnread() throws {
        if let name = unread.min() { throw problem("\(subject) has no member '\(name)'") }
    }

    func problem(_ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: container.codingPath, debugDescription: text))
    }
}
