// Shows and restores earlier versions of objects, with the credentials, endpoint and region in the environment (OSS_…):
//     versions list BUCKET PREFIX           lists the versions and delete markers, each key from newest to oldest
//     versions restore BUCKET KEY ID        makes a version the current one again, as a copy
//     versions undelete BUCKET KEY          removes the delete marker that hides an object
import AliyunOSS
import Foundation
@main
struct Versions {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
        } catch {
            FileHandle.standardError.write(Data("versions: \(error)\n".utf8))
            exit(1)
        }
    }
    static func run(_ arguments: [String], _ environment: [String: String]) async throws {
        guard arguments.count > 2 else { throw OSSError(.invalidArgument, "expected a command, a bucket and a key") }
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-cn-hangzhou.aliyuncs.com"
        let bucket = try Bucket(arguments[1], endpoint: endpoint, region: environment["OSS_REGION"])
        switch (arguments[0], arguments.count) {
        case ("list", 3):
            for try await version in bucket.listObjectVersions(prefix: arguments[2]) {
                let kind = version.isDeleteMarker ? "deleted" : "\(version.object?.size ?? 0) bytes"
                print(version.key, version.versionID, kind, version.isLatest ? "current" : "")
            }
        case ("restore", 4):
            var options = CopyOptions()
            options.source.versionID = arguments[3]
            try await bucket.copyObject(ObjectKey(arguments[2]), to: ObjectKey(arguments[2]), options: options)
        case ("undelete", 3):
            let latest = try await bucket.listObjectVersions(prefix: arguments[2]).first { $0.isLatest }
            guard let latest, latest.key.rawValue == arguments[2], latest.isDeleteMarker else {
                throw OSSError(.notFound, "'\(arguments[2])' is not deleted")
            }
            try await bucket.deleteObject(latest.key, versionID: latest.versionID)
        default: throw OSSError(.invalidArgument, "unknown command '\(arguments[0])', or wrong number of arguments")
        }
    }
}
