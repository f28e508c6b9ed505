import AliyunOSS
import Foundation

/// The command `ls`, which prints the keys that start with a prefix, one per line, in byte order.
///
/// Control characters in keys are escaped on a terminal, and printed unchanged otherwise.
struct ListCommand: Command {
    let arguments: ListArguments

    init(_ scanned: ScannedArguments) throws(UsageError) {
        arguments = ListArguments(
            remote: try scanned.address(0), connection: try ConnectionArguments(scanned),
            output: OutputArguments(scanned), long: scanned.has("--long"), maximum: scanned.number("--max"))
    }

    var reportsItsErrors: Bool { true }

    func run() async throws -> Int32 {
        var output = ListingOutput(arguments.output.json ? .json : arguments.long ? .long : .keys)
        do {
            let bucket = try await Connection.bucket(arguments.remote.bucket, arguments.connection)
            try await list(bucket, to: &output)
        } catch  where !(error is ReaderLeft || error is WriteFailed) {
            // Prints the keys listed so far, and closes the JSON object.
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

/// The output of `ls`, which is written one page at a time. This also applies to JSON, because a listing may not fit
/// into memory.
struct ListingOutput {
    enum Format {
        /// Keys, one per line.
        case keys
        /// Size, time, ETag and key, one object per line.
        case long
        /// One JSON object for the entire listing.
        case json
    }

    private struct Entry: Encodable {
        var key: String
        var size: Int64
        var lastModified: Date
        var eTag: String
        var type: String
        var storageClass: String
    }

    private let format: Format
    private let escapes = StandardStream.output.isTerminal
    private var buffer: [UInt8] = []
    private var count = 0

    init(_ format: Format) {
        self.format = format
        if format == .json { buffer += Array(#"{"command":"ls","objects":["#.utf8) }
    }

    mutating func add(_ object: ObjectSummary) throws {
        switch format {
        case .keys: buffer += Array((key(object) + "\n").utf8)
        case .long: buffer += Array((columns(object) + key(object) + "\n").utf8)
        case .json:
            if count > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer += try JSONOutput.encode(
                Entry(
                    key: object.key.rawValue, size: object.size, lastModified: object.lastModified, eTag: object.eTag,
                    type: object.type.rawValue, storageClass: object.storageClass.rawValue))
        }
        count += 1
    }

    mutating func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        try StandardStream.output.write(buffer)
    }

    mutating func finish(error: (any Error)?) throws {
        if format == .json {
            buffer += Array("],\"count\":\(count)".utf8)
            if let error { buffer += Array(",\"error\":".utf8) + (try JSONOutput.encode(JSONError(error))) }
            buffer += Array(",\"succeeded\":\(error == nil)}\n".utf8)
        }
        try flush()
    }

    private func key(_ object: ObjectSummary) -> String {
        escapes ? Printable.line(object.key.rawValue) : object.key.rawValue
    }

    private func columns(_ object: ObjectSummary) -> String {
        let size = String(object.size)
        let padding = String(repeating: " ", count: max(0, 14 - size.count))
        return "\(padding)\(size)  \(Readable.time(object.lastModified))  \(object.eTag)  "
    }
}
