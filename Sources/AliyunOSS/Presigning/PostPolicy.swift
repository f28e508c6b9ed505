import Foundation
import OSSPrimitives

/// The policy of a form: the conditions that the form must meet, and the time at which it expires.
struct PostPolicy {
    var expiration: Date
    /// Conditions, of which the first one is for the bucket.
    var conditions: [PostCondition]

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

extension PostPolicy: Encodable {
    private enum CodingKeys: CodingKey { case expiration, conditions }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ISO8601.extended(expiration), forKey: .expiration)
        try values.encode(conditions, forKey: .conditions)
    }
}

extension PostCondition: Encodable {
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
