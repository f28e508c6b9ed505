// Deploys a folder as a static website:
//     static-site FOLDER BUCKET [--delete]
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// * Text files are compressed with gzip.
// * Browsers cache files with a hash in their names (`app.3f9a1c2b.js`) forever, others for five minutes, and ask for
//   pages each time.
// * Assets are uploaded before the pages that refer to them, and old files are deleted last, so visitors of a site that
//   is being deployed see no broken page. If an asset fails, the pages stay as they are.
// * The bucket serves `index.html` as the default page of each folder, and `404.html`, if there is one, for missing
//   files.
//
// Visitors can read the site if the bucket is public or behind a CDN; this program does not change its access control.
import AliyunOSS
import Foundation

@main
struct StaticSite {
    static let usage = """
        usage: static-site FOLDER BUCKET [--delete]

        Deploys a folder as a static website.

          --delete  delete the objects of the bucket that are not in the folder

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """
    static let textExtensions: Set = [
        "css", "csv", "htm", "html", "js", "json", "map", "mjs", "svg", "txt", "webmanifest", "xml",
    ]

    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return print(usage) }
        let deletes = words.contains("--delete")
        words.removeAll { $0 == "--delete" }
        guard words.count == 2 else { stop(usage, status: 2) }
        do {
            let bucket = try bucket(words[1])
            try await upload(words[0], to: bucket, deletes: deletes)
            try await serve(words[0], from: bucket)
        } catch {
            stop("static-site: \(error)", status: 1)
        }
    }

    static func upload(_ folder: String, to bucket: Bucket, deletes: Bool) async throws {
        var options = DirectoryTransfer.Options()
        options.compressedExtensions = textExtensions
        options.preservesAttributes = false  // Visitors do not need modification times and permissions.
        options.adjustAttributes = { attributes, file in attributes.cacheControl = cacheControl(of: file.path) }

        var assets = options
        try assets.filter.exclude("*.{html,htm}")
        try check(await DirectoryTransfer(bucket, options: assets).upload(from: folder), "assets")

        // The assets are unchanged now. Their presence in this transfer keeps them from being deleted.
        if deletes { options.deletion = DeletionOptions() }
        try check(await DirectoryTransfer(bucket, options: options).upload(from: folder), "pages")
    }

    static func cacheControl(of path: String) -> String {
        if path.hasSuffix(".html") || path.hasSuffix(".htm") { return "no-cache" }
        // A date, such as 20260131, consists of digits only and is not a hash.
        let hash = path.firstMatch(of: /[.-]([0-9a-f]{8,})\.\w+(\.map)?$/)?.1 ?? ""
        let isHashed = hash.contains { $0.isLetter } && hash.contains { $0.isNumber }
        return isHashed ? "public, max-age=31536000, immutable" : "public, max-age=300"
    }

    /// Prints the outcome of a transfer, and throws an error if it is not complete.
    static func check(_ report: TransferReport, _ name: String) throws {
        print("\(name): \(report.transferred.files) uploaded, \(report.deleted.files) deleted")
        for failure in report.failures { print("failed \(failure)") }
        if let refusal = report.deletionRefusal { throw refusal }
        if !report.isComplete {
            throw OSSError(.refused, "the \(name) were not uploaded completely; run the command again")
        }
    }

    /// Sets the default page and the error page of the bucket, and keeps its other rules.
    static func serve(_ folder: String, from bucket: Bucket) async throws {
        let hasErrorPage = FileManager.default.fileExists(atPath: folder + "/404.html")
        try await bucket.updateSetting(.website) { website in
            var index = WebsiteConfiguration.Index("index.html")
            index.supportsSubdirectories = true
            index.type = 0
            website.index = index
            website.error = hasErrorPage ? WebsiteConfiguration.ErrorPage("404.html") : nil
        }
    }

    static func bucket(_ name: String) throws -> Bucket {
        let environment = ProcessInfo.processInfo.environment
        let region = environment["OSS_REGION"]
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-\(region ?? "cn-hangzhou").aliyuncs.com"
        return try Bucket(name, endpoint: endpoint, region: region)
    }

    static func stop(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(status)
    }
}
