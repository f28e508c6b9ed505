import AliyunOSS
import Foundation

/// The commands `cat`, which prints the content of an object, and `stat`, which prints its metadata.
struct ObjectCommand: Command {
    let verb: Verb
    let arguments: ObjectArguments

    init(_ scanned: ScannedArguments) throws(UsageError) {
        verb = scanned.verb
        arguments = ObjectArguments(
            remote: try scanned.address(0), connection: try ConnectionArguments(scanned),
            output: OutputArguments(scanned))
    }

    func run() async throws -> Int32 { try await verb == .cat ? cat() : stat() }

    private struct Report: Encodable {
        var command = Verb.stat
        var succeeded = true
        var key: String
        var size: Int64
        var eTag: String
        var lastModified: Date?
        var crc64: String?
        var type: String?
        var storageClass: String?
        var encryption: String?
        var contentType: String?
        var contentEncoding: String?
        var cacheControl: String?
        var contentDisposition: String?
        var versionID: String?
        var metadata: [String: String]
    }

    /// Writes the object's content to standard output, using a bounded amount of memory.
    ///
    /// The checksum is compared after the last byte, so the output is valid only if the exit status is 0.
    private func cat() async throws -> Int32 {
        let key = try ObjectKey(arguments.remote.key)
        let bucket = try await Connection.bucket(arguments.remote.bucket, arguments.connection)
        for try await chunk in try await bucket.getObject(key).body {
            try StandardStream.output.write(chunk)
        }
        return ExitStatus.success
    }

    /// Prints the object's metadata, one name and value per line.
    private func stat() async throws -> Int32 {
        let key = try ObjectKey(arguments.remote.key)
        let bucket = try await Connection.bucket(arguments.remote.bucket, arguments.connection)
        let object = try await bucket.headObject(key)
        if arguments.output.json {
            try JSONOutput.print(report(object))
        } else {
            let lines = rows(report(object)).map { "\($0.0): \(Printable.line($0.1))" }
            try StandardStream.output.line(lines.joined(separator: "\n"))
        }
        return ExitStatus.success
    }

    private func report(_ object: ObjectMetadata) -> Report {
        Report(
            key: object.key.rawValue, size: object.size, eTag: object.eTag, lastModified: object.lastModified,
            // As text: many JSON parsers read numbers as doubles, which have 53 bits.
            crc64: object.crc64.map(String.init), type: object.type?.rawValue,
            storageClass: object.storageClass?.rawValue,
            encryption: object.encryption,
            contentType: object.contentType, contentEncoding: object.contentEncoding,
            cacheControl: object.cacheControl, contentDisposition: object.contentDisposition,
            versionID: object.versionID, metadata: object.metadata)
    }

    private func rows(_ report: Report) -> [(String, String)] {
        let rows: [(String, String?)] = [
            ("key", report.key), ("size", String(report.size)),
            ("last modified", report.lastModified.map(Readable.time)), ("etag", report.eTag), ("crc64", report.crc64),
            ("type", report.type), ("storage class", report.storageClass), ("encryption", report.encryption),
            ("content type", report.contentType),
            ("content encoding", report.contentEncoding), ("cache control", report.cacheControl),
            ("content disposition", report.contentDisposition), ("version", report.versionID),
        ]
        let metadata = report.metadata.sorted { $0.key < $1.key }.map { ("metadata \($0.key)", Optional($0.value)) }
        return (rows + metadata).compactMap { name, value in value.map { (name, $0) } }
    }
}
