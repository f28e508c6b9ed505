import Foundation

/// A bucket policy, which is JSON.
enum BucketPolicy {
    static func check(_ body: Data) throws(ServiceError) {
        guard let policy = JSONValue(body)?.members, policy["Version"] == .text("1"),
            let statements = policy["Statement"]?.elements, !statements.isEmpty,
            statements.allSatisfy({ ["Allow", "Deny"].contains($0.members?["Effect"]?.string) })
        else {
            throw ServiceError(
                status: 400, code: "InvalidPolicyDocument", message: "The policy is not in the valid JSON format.",
                ec: "0033-00000001")
        }
    }

    /// Whether it lets everybody in: something is allowed to all without a condition.
    static func isPublic(_ body: Data) -> Bool {
        let statements = JSONValue(body)?.members?["Statement"]?.elements ?? []
        return statements.contains { statement in
            guard let members = statement.members, members["Effect"] == .text("Allow"), members["Condition"] == nil
            else { return false }
            // Who is not named is everybody.
            guard let principal = members["Principal"] else { return true }
            return principal == .text("*") || principal.elements?.contains(.text("*")) ?? false
        }
    }
}
