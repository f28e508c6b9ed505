import Foundation
import OSSPrimitives

/// A form's policy, which consists of an expiration time and conditions on the form's fields.
struct PostPolicy {
    enum Test: Equatable {
        case equals(String)
        case startsWith(String)
        case isOneOf([String])
        case isNoneOf([String])
    }

    struct Condition {
        var field: String
        var test: Test
    }

    let expiration: Date
    private(set) var conditions: [Condition] = []
    private(set) var lengthRange: ClosedRange<Int>?

    /// Decodes a policy from Base64-encoded JSON.
    init(_ text: String) throws(ServiceError) {
        guard let bytes = Data(base64Encoded: text), let members = JSONValue(bytes, escapesDollar: true)?.members
        else { throw Self.invalid("Invalid JSON.") }
        guard let expiration = members["expiration"]?.string else {
            throw Self.invalid("Policy missing expiration.")
        }
        guard let date = ISO8601.date(from: expiration) else { throw Self.invalid("Invalid expiration.") }
        self.expiration = date
        guard let list = members["conditions"]?.elements else { throw Self.invalid("Policy missing conditions.") }
        for item in list { try add(item) }
    }

    private mutating func add(_ item: JSONValue) throws(ServiceError) {
        if let simple = item.members {
            guard !simple.isEmpty else { throw Self.invalid("Invalid Simple-Condition: it is empty.") }
            for (name, value) in simple {
                guard case .text(let text) = value else {
                    throw Self.invalid("Invalid Simple-Condition: value must be a string.")
                }
                conditions.append(Condition(field: name.lowercased(), test: .equals(Self.unescaped(text))))
            }
            return
        }
        guard let parts = item.elements, let name = parts.first?.string, parts.count == 3 else {
            throw Self.invalid("Invalid Condition: a list must have three members.")
        }
        if name.lowercased() == "content-length-range" {
            guard let low = parts[1].string.flatMap(Int.init), let high = parts[2].string.flatMap(Int.init), low >= 0,
                low <= high
            else { throw Self.invalid("Invalid Content-Length-Range.") }
            lengthRange = low...high
            return
        }
        guard let field = parts[1].string, field.hasPrefix("$") else {
            throw Self.invalid("Invalid Condition: a field name must start with $.")
        }
        conditions.append(
            Condition(field: field.dropFirst().lowercased(), test: try Self.test(name.lowercased(), parts[2])))
    }

    private static func test(_ name: String, _ operand: JSONValue) throws(ServiceError) -> Test {
        let text = operand.string.map(unescaped)
        let list = operand.elements?.compactMap { $0.string.map(unescaped) }
        switch (name, text, list) {
        case ("eq", let text?, _): return .equals(text)
        case ("starts-with", let text?, _): return .startsWith(text)
        case ("in", _, let list?): return .isOneOf(list)
        case ("not-in", _, let list?): return .isNoneOf(list)
        default: throw invalid("Invalid Condition: \(name).")
        }
    }

    /// Replaces `\$` with `$`. Some clients escape the dollar sign twice, as `\\$` in the JSON text.
    private static func unescaped(_ text: String) -> String {
        text.replacingOccurrences(of: "\\$", with: "$")
    }

    // MARK: Checking a form

    func check(_ fields: FormFields, bucket: String, now: Date) throws(ServiceError) {
        guard now <= expiration else { throw .accessDenied("Invalid according to Policy: Policy expired.") }
        for condition in conditions {
            // A missing field counts as empty.
            let value = condition.field == "bucket" ? bucket : fields[condition.field] ?? ""
            let holds =
                switch condition.test {
                case .equals(let text): value == text
                case .startsWith(let text): value.hasPrefix(text)
                case .isOneOf(let list): list.contains(value)
                case .isNoneOf(let list): !list.contains(value)
                }
            guard holds else {
                throw .accessDenied(
                    "Invalid according to Policy: Policy Condition failed: \(condition.text)", ec: "0007-00000002")
            }
        }
    }

    /// Throws an error unless the policy has a condition on each of the given fields. The policy of a form with a V4
    /// signature must include the signature parameters.
    func checkPins(_ names: [String]) throws(ServiceError) {
        for name in names where !conditions.contains(where: { $0.field == name }) {
            throw .accessDenied("Invalid according to Policy: Policy must have a condition on \(name).")
        }
    }

    static func invalid(_ reason: String) -> ServiceError {
        ServiceError(
            status: 400, code: "InvalidPolicyDocument", message: "Invalid Policy: \(reason)", ec: "0007-00000001")
    }
}

extension PostPolicy.Condition {
    /// The condition, formatted as in the service's error messages.
    fileprivate var text: String {
        func quoted(_ text: String) -> String { CallbackValue.text(text).json(isQuoted: false) }
        let (name, operand) =
            switch test {
            case .equals(let text): ("eq", quoted(text))
            case .startsWith(let text): ("starts-with", quoted(text))
            case .isOneOf(let list): ("in", "[\(list.map(quoted).joined(separator: ", "))]")
            case .isNoneOf(let list): ("not-in", "[\(list.map(quoted).joined(separator: ", "))]")
            }
        return "[\(quoted(name)), \(quoted("$" + field)), \(operand)]"
    }
}

/// A check of a form's sender and policy that runs after the fields are read but before the file is read.
struct FormAdmission {
    let checker: SignatureChecker
    let service: Service
    let request: ServiceRequest
    /// A closure that receives the verdict on the form's signature.
    let recordVerdict: (SignatureVerdict) -> Void

    /// Checks the fields and returns the range of permitted file lengths, in bytes.
    func check(_ fields: FormFields) throws(ServiceError) -> ClosedRange<Int> {
        let bucket = try service.bucket(request)
        guard let key = fields["key"], !key.isEmpty else {
            throw .invalidArgument(
                "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the "
                    + "fields.", name: "key", value: "")
        }
        try TrafficLimit.check(fields, of: request)
        let text = fields["policy"].flatMap { $0.isEmpty ? nil : $0 }
        let identity = try checker.recordVerdict(of: SignatureScheme(fields), recordVerdict) {
            () throws(ServiceError) in try checker.verify(fields, now: request.now)
        }
        if identity == .anonymous,
            bucket.properties.acl != "public-read-write" || service.blocksPublicAccess(bucket.properties)
        {
            throw .accessDenied("You have no right to access this object because of bucket acl.")
        }
        if !checker.isOwner(identity) {
            try Access.checkPayer(request, payer: fields[Access.payer], service)
        }
        guard let text else { return 0...Connection.maximumObjectLength }
        let policy = try PostPolicy(text)
        try policy.check(fields, bucket: bucket.name, now: request.now)
        if checker.isStrict, SignatureScheme(fields) == .v4Form {
            try policy.checkPins(
                ["x-oss-signature-version", "x-oss-credential", "x-oss-date"]
                    + (fields["x-oss-security-token"] == nil ? [] : ["x-oss-security-token"]))
        }
        let range = policy.lengthRange ?? 0...Connection.maximumObjectLength
        return range.clamped(to: 0...Connection.maximumObjectLength)
    }
}
