import Foundation
import OSSPrimitives

/// What becomes of replication rules with time: a new one is starting before it is at work, and a deleted one is closing
/// before it is gone.
enum ReplicationRules {
    /// How long a rule is starting or closing, in seconds.
    static let timeToSettle: TimeInterval = 60

    /// When the status was set, in seconds of Unix time: kept with a rule and never shown.
    private static let since = "StatusSince"

    /// Says that a rule was added or deleted at a time.
    static func set(_ status: String, of rule: inout XMLTree, at now: Date) {
        rule.set("Status", status)
        rule.set(since, String(Int(now.timeIntervalSince1970)))
    }

    /// The rules that there are at a time, as they are kept; `nil` for none.
    static func settled(_ stored: XMLTree, at now: Date) -> XMLTree? {
        var all = stored
        let isSettled = { (rule: XMLTree) in
            now.timeIntervalSince1970 - (rule.text(since).flatMap(Double.init) ?? 0) >= timeToSettle
        }
        all.children.removeAll { $0.text("Status") == "closing" && isSettled($0) }
        for index in all.children.indices where all.children[index].text("Status") == "starting" {
            if isSettled(all.children[index]) { all.children[index].set("Status", "doing") }
        }
        return all.children.isEmpty ? nil : all
    }

    /// The rules as the service answers with them.
    static func shown(_ settled: XMLTree) -> XMLTree {
        var all = settled
        for index in all.children.indices { all.children[index].children.removeAll { $0.name == since } }
        return all
    }
}
