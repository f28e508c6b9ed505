// Transfers objects by presigned URLs, and prints forms for uploads from web pages; both are valid for 15 minutes:
//
//     presigning get|put BUCKET KEY                  prints a URL
//     presigning form BUCKET KEY [FIELD=VALUE]...    prints the URL and the fields of a form
//     presigning download URL FILE, upload FILE URL  transfers a file without credentials
//
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used by the first two commands only.
import AliyunOSS
import Foundation

@main
struct Presigning {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.count >= 3, let url = URL(string: words[0] == "upload" ? words[2] : words[1])
        else { throw OSSError(.invalidArgument, "expected a command with two arguments") }
        let time = Duration.minutes(15)
        switch words[0] {
        case "get": print(try await bucket(words[1]).presignedURL(for: .get(ObjectKey(words[2])), expiresIn: time).url)
        case "put": print(try await bucket(words[1]).presignedURL(for: .put(ObjectKey(words[2])), expiresIn: time).url)
        case "form":
            let fields = (["key=" + words[2]] + words[3...]).map { field in
                PostCondition.equals(String(field.prefix { $0 != "=" }), String(field.drop { $0 != "=" }.dropFirst()))
            }
            let form = try await bucket(words[1]).postForm(fields, expiresIn: time)
            print(form.url, form.fields.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"), separator: "\n")
        case "download": try await PresignedClient().download(PresignedRequest(.get, url: url), to: words[2])
        case "upload": try await PresignedClient().upload(.file(words[1]), with: PresignedRequest(.put, url: url))
        default: throw OSSError(.invalidArgument, "unknown command '\(words[0])'")
        }
    }

    static func bucket(_ name: String) throws -> Bucket {
        let (environment, oss) = (ProcessInfo.processInfo.environment, "oss-cn-hangzhou.aliyuncs.com")
        var settings = BucketConfiguration()
        settings.signature = environment["OSS_SIGNATURE"] == "v1" ? .v1 : .v4
        let (endpoint, region) = (environment["OSS_ENDPOINT"] ?? oss, environment["OSS_REGION"])
        return try Bucket(name, endpoint: endpoint, region: region, configuration: settings)
    }
}
