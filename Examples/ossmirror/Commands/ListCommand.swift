import AliyunOSS
import Foundation

/// `ossmirror ls`: the keys that begin with a prefix, in byte order, one a line, printed as the pages come in.
///
/// Keys are printed as they are, except on a terminal, where control characters are escaped.
struct ListCommand {
    let arguments: ListArguments

    func run() async throws -> Int32 {
        var output = ListingOutput(arguments.output.json ? .json : arguments.long ? .long : .keys)
        do {
            let bucket = try await Connection.bucket(arguments.remote.bucket, arguments.connection)
            try await list(bucket, to: &output)
        } catch  where !(error is ReaderLeft || error is WriteFailed) {
            // What was listed so far is printed, and the JSON object gets its closing brace.
            try output.finish(error: error)
            throw error
        }
        try output.finish(error: nil)
        return ExitStatus.success
    }

    private func list(_ bucket: Bucket, to output: inout ListingOutput) async throws {
        var left = arguments.maximum ?? Int.max
        guard left > 0 else { return }
        for try await page in bucket.listObjects(prefix: arguments.remote.key, pageSize: min(left, 1000)).pages {
            for object in page.objects.prefix(left) { try output.add(object) }
            try output.flush()
            left -= min(left, page.objects.count)
            if left == 0 { return }
        }
    }
}
