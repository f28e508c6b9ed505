// Shows and changes the lifecycle rules of a bucket:
//     lifecycle show BUCKET
//     lifecycle expire BUCKET PREFIX DAYS    deletes the objects with a prefix after a number of days
//     lifecycle remove BUCKET                deletes all rules
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
import AliyunOSS
import Foundation

@main
struct Lifecycle {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
        } catch {
            FileHandle.standardError.write(Data("lifecycle: \(error)\n".utf8))
            exit(1)
        }
    }

    static func run(_ arguments: [String], _ environment: [String: String]) async throws {
        guard arguments.count > 1 else { throw OSSError(.invalidArgument, "expected a command and a bucket") }
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-cn-hangzhou.aliyuncs.com"
        let bucket = try Bucket(arguments[1], endpoint: endpoint, region: environment["OSS_REGION"])
        switch (arguments[0], arguments.count) {
        case ("show", 2):
            for rule in try await bucket.setting(.lifecycle)?.rules ?? [] {
                print(rule.id ?? "", rule.status, rule.prefix ?? "", rule.expiration?.days.map { "\($0) days" } ?? "")
            }
        case ("expire", 4):
            var rule = LifecycleConfiguration.Rule(id: "expire-\(arguments[2])", prefix: arguments[2])
            rule.expiration = .init(days: Int(arguments[3]) ?? 0)
            try await bucket.updateSetting(.lifecycle) { [rule] configuration in
                configuration.rules.removeAll { $0.id == rule.id }
                configuration.rules.append(rule)
            }
        case ("remove", 2): try await bucket.remove(.lifecycle)
        default: throw OSSError(.invalidArgument, "unknown command '\(arguments[0])', or wrong number of arguments")
        }
    }
}
