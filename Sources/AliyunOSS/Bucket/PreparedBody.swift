import Foundation

/// A body that is ready to be sent, and the way to tell whether its file is still what it was.
struct PreparedBody: Sendable {
    /// What one request stores at most, and what an appendable object holds, in bytes.
    static let maximumLength: Int64 = 5 << 30

    var body: HTTPBody
    private var source: (file: OpenFile, status: FileStatus)?

    /// Opens the file, or gathers the sequence.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or whatever the sequence throws.
    init(_ content: ObjectBody) async throws {
        switch content.source {
        case .data(let data):
            body = .data(data)
        case .path(let path):
            let file = try translatingFileErrors { () throws(FileError) in try OpenFile.reading(path) }
            let status = try Self.regularFileStatus(file)
            body = .file(FileSlice(file, offset: 0, length: status.size))
            source = (file, status)
        case .slice(let slice):
            let status = try Self.regularFileStatus(slice.file)
            guard slice.offset >= 0, slice.length >= 0, slice.offset <= status.size - slice.length else {
                throw OSSError(
                    .invalidArgument,
                    "bytes \(slice.offset) to \(slice.offset &+ slice.length) are not all in '\(slice.file.path)', "
                        + "which has \(status.size)")
            }
            body = .file(slice)
            source = (slice.file, status)
        case .sequence(let gather):
            var spool = Spool()
            do {
                try await gather(&spool)
                switch try spool.finish() {
                case .data(let data): body = .data(data)
                case .file(let slice): body = .file(slice)
                }
            } catch let error as FileError {
                throw OSSError(.fileSystem, error.description, underlying: error)
            }
        }
        if body.length == 0 { body = .none }
        guard body.length <= Self.maximumLength else {
            throw OSSError(.invalidArgument, "one request stores at most 5 GB, and this is \(body.length) bytes")
        }
    }

    /// The same body, which does not come to its end when its file is no longer what it was: a request that makes an object
    /// visible by itself must not get all of a mixture.
    var unchangedBody: HTTPBody {
        guard let source, case .file(let slice) = body else { return body }
        let watch = FileChangeGuard(file: source.file, status: source.status, end: slice.offset + slice.length)
        return .file(FileSlice(OpenFile(watch), offset: slice.offset, length: slice.length))
    }

    /// Why the file must not be taken for what it was when it was opened, if so.
    ///
    /// - Parameter isAppended: whether the body is added to an object: then a file that has grown is a log that is being
    ///   written to, whose bytes so far are what they were.
    func change(isAppended: Bool = false) -> OSSError? {
        guard let source else { return nil }
        let now: FileStatus
        do throws(FileError) {
            now = try source.file.status()
        } catch {
            return OSSError(.fileSystem, error.description, underlying: error)
        }
        guard now.hasChanged(from: source.status) else { return nil }
        if isAppended, now.size > source.status.size { return nil }
        let consequence = isAppended ? "what was appended may be a mixture" : "upload it again"
        return OSSError(.sourceChanged, "'\(source.file.path)' changed while it was being uploaded; \(consequence)")
    }

    private static func regularFileStatus(_ file: OpenFile) throws(OSSError) -> FileStatus {
        let status = try translatingFileErrors { () throws(FileError) in try file.status() }
        guard status.kind == .regular else {
            let kind = status.kind == .directory ? "a directory" : "no regular file"
            throw OSSError(.fileSystem, "cannot upload '\(file.path)': it is \(kind)")
        }
        return status
    }
}

/// Runs file operations and reports their failure in this library's terms.
func translatingFileErrors<Value>(_ body: () throws(FileError) -> Value) throws(OSSError) -> Value {
    do throws(FileError) {
        return try body()
    } catch {
        throw OSSError(.fileSystem, error.description, underlying: error)
    }
}
