// Uploads a large file in parts, and resumes an upload that was interrupted, even if the program was killed:
//     resumable-upload FILE BUCKET KEY [--state FOLDER] [--part-size BYTES]
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// To resume, run the same command again. A journal in the state folder names the upload, and the parts that the service
// has are compared with the file and not sent again. If the file has changed, the upload starts over.
import AliyunOSS
import Foundation

@main
struct ResumingUpload {
    static let usage = """
        usage: resumable-upload FILE BUCKET KEY [--state FOLDER] [--part-size BYTES]

        Uploads a large file in parts, and resumes an upload that was interrupted.

          --state FOLDER     store the journal in this folder; by default, in the user's state directory
          --part-size BYTES  upload in parts of this size, at least 102400; by default, parts of 8 MiB from 16 MiB on

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """

    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return print(usage) }
        var configuration = BucketConfiguration()
        var options = UploadOptions()
        // Options are followed by their values.
        while let index = words.firstIndex(where: { $0.hasPrefix("--") }) {
            guard index + 1 < words.count else { stop(usage, status: 2) }
            switch (words[index], Int64(words[index + 1])) {
            case ("--state", _): configuration.stateDirectory = .path(words[index + 1])
            case ("--part-size", let size?): (options.partSize, options.multipartThreshold) = (size, size)
            default: stop(usage, status: 2)
            }
            words.removeSubrange(index...index + 1)
        }
        guard words.count == 3 else { stop(usage, status: 2) }

        // The library calls the closure at most five times per second, and once at the end.
        options.onProgress = { report($0) }
        do {
            let bucket = try bucket(words[1], configuration)
            let result = try await bucket.uploadObject(ObjectKey(words[2]), from: words[0], options: options)
            print("uploaded \(result.size) bytes in \(result.partCount) parts, ETag \(result.eTag)")
            if result.resumedBytes > 0 { print("\(result.resumedBytes) bytes were uploaded by an earlier run") }
        } catch let error as OSSError where [.fileSystem, .invalidArgument].contains(error.code) {
            stop("resumable-upload: \(error)", status: 1)
        } catch {
            stop("resumable-upload: \(error)\nRun the command again to resume.", status: 1)
        }
    }

    static func report(_ progress: TransferProgress) {
        var line = String(format: "%3.0f %%", 100 * (progress.fractionCompleted ?? 0))
        line += String(format: "  %.1f MB/s", progress.bytesPerSecond / 1e6)
        line += "  \(progress.bytesTransferred) of \(progress.bytesTotal ?? 0) bytes"
        if let seconds = progress.estimatedTimeRemaining?.components.seconds { line += ", \(seconds) s left" }
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }

    static func bucket(_ name: String, _ configuration: BucketConfiguration) throws -> Bucket {
        let environment = ProcessInfo.processInfo.environment
        let region = environment["OSS_REGION"]
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-\(region ?? "cn-hangzhou").aliyuncs.com"
        return try Bucket(name, endpoint: endpoint, region: region, configuration: configuration)
    }

    static func stop(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(status)
    }
}
