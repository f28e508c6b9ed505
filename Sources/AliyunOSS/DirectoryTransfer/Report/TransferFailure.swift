import Foundation

/// A file that could not be transferred, and the error that occurred.
public struct TransferFailure: Error, Sendable, Encodable, CustomStringConvertible {
    /// Key of the object; `nil` if the file has no key.
    public var key: ObjectKey?
    /// Path relative to the local folder. Bytes that are not UTF-8 are shown as `�`.
    public var path: String
    /// The error that occurred.
    public var error: OSSError
    /// Number of requests that were sent for the file; 0 if the error occurred before the first request.
    public var attempts: Int { error.attempts }

    /// Creates a failure.
    public init(key: ObjectKey? = nil, path: String, error: OSSError) {
        self.key = key
        self.path = path
        self.error = error
    }

    /// The path and the error, on one line.
    public var description: String { "\(path): \(error)" }

    private enum CodingKeys: String, CodingKey {
        case key, path, code, message, operation, attempts, status, serviceCode, requestID, diagnosticCode
    }

    /// Encodes the key, the path and the properties of the error at the same level.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(key?.rawValue, forKey: .key)
        try container.encode(path, forKey: .path)
        try container.encode(error.code.rawValue, forKey: .code)
        try container.encode(error.message, forKey: .message)
        try container.encodeIfPresent(error.operation, forKey: .operation)
        try container.encode(attempts, forKey: .attempts)
        try container.encodeIfPresent(error.serviceError?.status, forKey: .status)
        try container.encodeIfPresent(error.serviceError?.code, forKey: .serviceCode)
        try container.encodeIfPresent(error.serviceError?.requestID, forKey: .requestID)
        try container.encodeIfPresent(error.serviceError?.diagnosticCode, forKey: .diagnosticCode)
    }
}

/// A file that lists the failures of a run if there are too many for the report. Each line is a JSON object, encoded
/// like ``TransferFailure``.
///
/// A file that was not finished is removed when this object is deinitialized. Files older than a week are removed from
/// the state directory when another run creates a failure file.
final class FailureFile {
    /// Age, in seconds, after which a failure file may be removed.
    static let lifetime: Int64 = 7 * 86_400

    private static let bufferSize = 64 << 10

    private let directory: SafeDirectory
    private let name: FileName
    private let file: OpenFile
    private let encoder = JSONEncoder()
    private var buffer: [UInt8] = []
    private var position: Int64 = 0
    private var isFinished = false

    /// Path of the file.
    var path: String { directory.path(of: name) }

    /// Creates a failure file in the state directory, or in the temporary directory if there is no state directory.
    ///
    /// - Throws: ``FileError``.
    init(in state: StateDirectory) throws(FileError) {
        if let path = state.path,
            let own = try? SafeDirectory.creating(absolutePath(path) + "/failures", permissions: 0o700)
        {
            directory = own
            Self.removeFiles(from: own, before: Int64(time(nil)) - Self.lifetime)
        } else {
            directory = try SafeDirectory(FileManager.default.temporaryDirectory.path)
        }
        name = FileName(unchecked: Array("aliyun-oss-failures-\(UUID().uuidString).jsonl".utf8))
        file = try directory.createFile(name, permissions: 0o600)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    deinit {
        if !isFinished { try? directory.unlink(name) }
    }

    /// Appends a failure.
    func append(_ failure: TransferFailure) throws {
        buffer += try encoder.encode(failure)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes the buffered failures and marks the file as finished.
    func finish() throws(FileError) {
        try flush()
        isFinished = true
    }

    private func flush() throws(FileError) {
        try file.write(buffer, at: position)
        position += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    private static func removeFiles(from directory: SafeDirectory, before moment: Int64) {
        guard let listing = try? DirectoryListing(of: directory, links: .skip) else { return }
        for index in 0..<listing.count {
            let (name, kind) = listing[index]
            guard kind == .regular, name.description.hasSuffix(".jsonl"),
                let status = try? directory.status(of: name, links: .skip), status.modified.seconds < moment
            else { continue }
            try? directory.unlink(name)
        }
    }

    /// Returns the paths, as bytes, of the failures listed in a file.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the file cannot be read, or
    ///   ``OSSError/Code/invalidArgument`` if it is not a list of failures.
    static func paths(at path: String) throws(OSSError) -> Set<[UInt8]> {
        struct Entry: Decodable { var path: String }
        var paths: Set<[UInt8]> = []
        do {
            var lines = LineReader(try OpenFile.reading(path), maximumLength: 1 << 20)
            let decoder = JSONDecoder()
            while let line = try lines.next() {
                guard case .whole(let json) = line, let entry = try? decoder.decode(Entry.self, from: Data(json)) else {
                    throw OSSError(
                        .invalidArgument,
                        "line \(lines.number) of '\(path)' is not a valid failure entry; "
                            + "choose a failure list written by a transfer"
                    )
                }
                paths.insert(Array(entry.path.utf8))
            }
        } catch let error as OSSError {
            throw error
        } catch {
            throw OSSError(.fileSystem, "\(error); transfer everything again", underlying: error)
        }
        guard !paths.isEmpty else { throw OSSError(.invalidArgument, "'\(path)' lists no failures") }
        return paths
    }
}
