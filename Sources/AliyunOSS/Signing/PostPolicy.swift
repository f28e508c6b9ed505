import Foundation
import OSSPrimitives

/// A condition that a form must meet for its file to be stored.
public struct PostCondition: Sendable, Hashable {
    /// A requirement for the value of a field.
    public enum Rule: Sendable, Hashable {
        /// The field has the value.
        case equals(String)
        /// The value of the field starts with the prefix.
        case startsWith(String)
        /// The field has one of the values.
        case isOneOf([String])
        /// The field has none of the values.
        case isNotOneOf([String])
        /// The file has a size in bytes within the range.
        case length(ClosedRange<Int64>)
    }

    /// Name of the field, such as `key` or `content-type`; `content-length-range` for the size of the file, and
    /// `bucket` for the bucket.
    public let field: String
    /// Requirement for the value of the field.
    public let rule: Rule

    /// Returns the condition that a field has a value. The form contains the field with this value.
    ///
    /// The service replaces `${filename}` in the field `key` by the name of the file after it checks the policy.
    public static func equals(_ field: String, _ value: String) -> PostCondition {
        PostCondition(field: field, rule: .equals(value))
    }

    /// Returns the condition that the value of a field starts with a prefix. An empty prefix permits any value.
    public static func startsWith(_ field: String, _ prefix: String) -> PostCondition {
        PostCondition(field: field, rule: .startsWith(prefix))
    }

    /// Returns the condition that a field has one of several values, such as the content types `image/png` and
    /// `image/jpeg`.
    public static func isOneOf(_ field: String, _ values: [String]) -> PostCondition {
        PostCondition(field: field, rule: .isOneOf(values))
    }

    /// Returns the condition that a field has none of several values.
    public static func isNotOneOf(_ field: String, _ values: [String]) -> PostCondition {
        PostCondition(field: field, rule: .isNotOneOf(values))
    }

    /// Returns the condition that the file has a size in bytes within a range, for example `1...10 << 20`.
    public static func contentLength(_ range: ClosedRange<Int64>) -> PostCondition {
        PostCondition(field: "content-length-range", rule: .length(range))
    }
}

/// The policy of a form: the conditions that the form must meet, and the time at which it expires.
///
/// A ``RequestSigner`` receives it. The encoded form is the JSON that the service defines.
public struct PostPolicy: Sendable, Hashable {
    /// Time at which the form expires, to the second.
    public var expiration: Date
    /// Conditions, of which the first one is for the bucket, such as `.equals("bucket", "photos")`.
    public var conditions: [PostCondition]

    /// Creates a policy.
    public init(expiration: Date, conditions: [PostCondition]) {
        self.expiration = expiration
        self.conditions = conditions
    }

    /// Names of the fields that the library adds, and of the file.
    private static let reservedFields: Set<String> = [
        "file", "policy", "ossaccesskeyid", "signature", "x-oss-signature-version", "x-oss-credential", "x-oss-date",
        "x-oss-signature", "x-oss-security-token", "bucket",
    ]

    /// The fields that must have a certain value, in order. The bucket is not a field.
    var fixedFields: [(name: String, value: String)] {
        conditions.dropFirst().compactMap { condition in
            if case .equals(let value) = condition.rule { (condition.field, value) } else { nil }
        }
    }

    /// Checks the conditions of the caller.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func validate() throws(OSSError) {
        for condition in conditions.dropFirst() {
            let problem: String? =
                switch condition.rule {
                case .length(let range) where range.lowerBound < 0: "the size of a file must not be negative"
                case .isOneOf([]), .isNotOneOf([]): "the list of values must not be empty"
                case _ where condition.field.isEmpty: "the name of a field must not be empty"
                case _ where Self.reservedFields.contains(condition.field.lowercased()):
                    "the library sets this field; remove the condition"
                default: nil
                }
            guard let problem else { continue }
            throw OSSError(
                .invalidArgument, "the condition for the field '\(condition.field.onOneLine)' is invalid: \(problem)")
        }
    }

    /// Returns the policy as JSON.
    func document() throws(OSSError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self)
        } catch {
            throw OSSError(.invalidArgument, "the conditions cannot be written as JSON", underlying: error)
        }
    }
}

extension PostPolicy: Codable {
    private enum CodingKeys: CodingKey { case expiration, conditions }

    /// Decodes a policy from JSON.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        guard let end = ISO8601.date(from: try values.decode(String.self, forKey: .expiration)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .expiration, in: values, debugDescription: "the expiration is not a date in ISO 8601 format")
        }
        self.init(expiration: end, conditions: try values.decode([PostCondition].self, forKey: .conditions))
    }

    /// Encodes the policy as JSON.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ISO8601.extended(expiration), forKey: .expiration)
        try values.encode(conditions, forKey: .conditions)
    }
}

extension PostCondition: Codable {
    /// Decodes the condition from an element of a policy.
    public init(from decoder: any Decoder) throws {
        if let fields = try? decoder.singleValueContainer().decode([String: String].self) {
            guard fields.count == 1, let (field, value) = fields.first else { throw Self.unreadable(decoder) }
            self = .equals(field, value)
            return
        }
        var values = try decoder.unkeyedContainer()
        let (kind, field) = (try values.decode(String.self), Self.field)
        switch kind {
        case "content-length-range":
            let (first, last) = (try values.decode(Int64.self), try values.decode(Int64.self))
            guard first <= last else { throw Self.unreadable(decoder) }
            self = .contentLength(first...last)
        case "eq": self = .equals(try field(&values), try values.decode(String.self))
        case "starts-with": self = .startsWith(try field(&values), try values.decode(String.self))
        case "in": self = .isOneOf(try field(&values), try values.decode([String].self))
        case "not-in": self = .isNotOneOf(try field(&values), try values.decode([String].self))
        default: throw Self.unreadable(decoder)
        }
        // Anything else would be a requirement that the caller does not see.
        guard values.isAtEnd else { throw Self.unreadable(decoder) }
    }

    /// Decodes the name of a field, which follows a dollar sign.
    private static func field(_ values: inout any UnkeyedDecodingContainer) throws -> String {
        let text = try values.decode(String.self)
        guard text.hasPrefix("$") else {
            throw DecodingError.dataCorruptedError(in: values, debugDescription: "the field does not start with '$'")
        }
        return String(text.dropFirst())
    }

    private static func unreadable(_ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "the condition is not known"))
    }

    /// Encodes the condition as an element of a policy.
    public func encode(to encoder: any Encoder) throws {
        if case .equals(let value) = rule { return try [field: value].encode(to: encoder) }
        var values = encoder.unkeyedContainer()
        switch rule {
        case .equals: return
        case .length(let range):
            try values.encode(field)
            try values.encode(range.lowerBound)
            try values.encode(range.upperBound)
        case .startsWith(let prefix):
            for text in ["starts-with", "$\(field)", prefix] { try values.encode(text) }
        case .isOneOf(let list):
            for text in ["in", "$\(field)"] { try values.encode(text) }
            try values.encode(list)
        case .isNotOneOf(let list):
            for text in ["not-in", "$\(field)"] { try values.encode(text) }
            try values.encode(list)
        }
    }
}
