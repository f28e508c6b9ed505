// Transfers objects by presigned URLs:
//
//     presigning get|put BUCKET KEY     prints a URL that is valid for 15 minutes
//     presigning download URL FILE      downloads an object without credentials
//     presigning upload FILE URL        uploads a file without credentials
//
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used by the first command only.
import AliyunOSS
import Foundation

@main
struct Presigning {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 3 else { throw OSSError(.invalidArgument, "expected three arguments") }
        switch arguments[0] {
        case "get": try await presign(.get(ObjectKey(arguments[2])), in: arguments[1])
        case "put": try await presign(.put(ObjectKey(arguments[2])), in: arguments[1])
        case "download":
            guard let url = URL(string: arguments[1]) else { throw OSSError(.invalidArgument, "invalid URL") }
            try await PresignedClient().download(PresignedRequest(.get, url: url), to: arguments[2])
        case "upload":
            guard let url = URL(string: arguments[2]) else { throw OSSError(.invalidArgument, "invalid URL") }
            try await PresignedClient().upload(.file(arguments[1]), with: PresignedRequest(.put, url: url))
        default: throw OSSError(.invalidArgument, "unknown command '\(arguments[0])'")
        }
    }

    static func presign(_ request: OSSRequest, in bucket: String) async throws {
        let environment = ProcessInfo.processInfo.environment
        var configuration = BucketConfiguration()
        configuration.signature = environment["OSS_SIGNATURE"] == "v1" ? .v1 : .v4
        let bucket = try Bucket(
            bucket, endpoint: environment["OSS_ENDPOINT"] ?? "oss-cn-hangzhou.aliyuncs.com",
            region: environment["OSS_REGION"], configuration: configuration)
        print(try await bucket.presignedURL(for: request, expiresIn: .minutes(15)).url)
    }
}
