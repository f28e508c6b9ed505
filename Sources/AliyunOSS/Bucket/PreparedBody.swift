import Foundation

/// A request body that is ready to be sent. Its length is known, and later changes to its file can be detected.
struct PreparedBody: Sendable {
    /// Maximum size of a body or an appendable object, in bytes.
    static let maximumLength: Int64 = 5 << 30

    let body: HTTPBody
    /// The file that must not change, and the attributes it had when it was opened; `nil` if no other program can
    /// change the body.
    let source: (file: OpenFile, status: FileStatus)?

    /// Creates a prepared body by opening the file or buffering the sequence.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` or ``OSSError/Code/invalidArgument``, or the error of the
    ///   sequence.
    init(_ content: ObjectBody) async throws {
        switch content.source {
        case .data(let data): self.init(HTTPBody.data(data))
        case .path(let path):
            try self.init(translatingFileErrors { () throws(FileError) in try OpenFile.reading(path) })
        case .slice(let slice):
            let (file, status) = (slice.file, try Self.regularFileStatus(slice.file, isCurrent: true))
            guard slice.offset >= 0, slice.length >= 0, slice.offset <= status.size - slice.length else {
                throw OSSError(
                    .invalidArgument,
                    "bytes \(slice.offset) to \(slice.offset &+ slice.length) extend past the end of '\(file.path)', which "
                        + "has \(status.size) bytes")
            }
            self.init(.file(slice), source: (file, status))
        case .sequence(let gather):
            var spool = Spool()
            do {
                try await gather(&spool)
                switch try spool.finish() {
                case .data(let data): self.init(HTTPBody.data(data))
                case .file(let slice): self.init(slice)
                }
            } catch let error as FileError {
                throw OSSError(.fileSystem, error.description, underlying: error)
            }
        }
        guard body.length <= Self.maximumLength else {
            throw OSSError(.invalidArgument, "a single request can store at most 5 GB (got \(body.length) bytes)")
        }
    }

    /// Prepares the entire content of a file, reading the file's attributes unless they were read when the file was
    /// opened.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, including if the file is not a regular file.
    init(_ file: OpenFile) throws(OSSError) {
        self.init(file, try Self.regularFileStatus(file, isCurrent: false))
    }

    /// Prepares the entire content of a regular file with known attributes.
    init(_ file: OpenFile, _ status: FileStatus) {
        self.init(.file(FileSlice(file, offset: 0, length: status.size)), source: (file, status))
    }

    /// Prepares a slice of a temporary file that no other program can change.
    init(_ slice: FileSlice) { self.init(HTTPBody.file(slice)) }

    /// Prepares a body that no other program can change.
    init(_ body: HTTPBody) { self.init(body, source: nil) }

    private init(_ body: HTTPBody, source: (file: OpenFile, status: FileStatus)?) {
        self.body = body.length == 0 ? .none : body
        self.source = source
    }

    /// The body to use in a request that makes an object visible immediately, such as PutObject. The last bytes cannot
    /// be read once the file has changed, so the service never receives a complete body that mixes two versions.
    var guardedBody: HTTPBody {
        guard let source, case .file(let slice) = body else { return body }
        let changeGuard = FileChangeGuard(file: source.file, status: source.status, end: slice.offset + slice.length)
        return .file(FileSlice(OpenFile(changeGuard), offset: slice.offset, length: slice.length))
    }

    /// Returns an error if the file changed during a request that used ``guardedBody``; otherwise, `nil`.
    ///
    /// Reading ``guardedBody`` already detects changes, so only a file without any bytes to read is checked here.
    func changeAfterGuardedRead() -> OSSError? {
        if case .none = body { change() } else { nil }
    }

    /// Returns an error if the file may have changed since it was opened; otherwise, `nil`.
    ///
    /// - Parameter isAppended: Whether the body is appended to an object. A file that has only grown is then accepted as a log
    ///   that is still being written.
    func change(isAppended: Bool = false) -> OSSError? {
        guard let source else { return nil }
        let current: FileStatus
        do throws(FileError) {
            current = try source.file.status()
        } catch {
            return OSSError(.fileSystem, error.description, underlying: error)
        }
        guard current.hasChanged(from: source.status) else { return nil }
        if isAppended, current.size > source.status.size { return nil }
        let consequence = isAppended ? "the appended bytes may be a mixture of two versions" : "upload it again"
        return OSSError(.sourceChanged, "'\(source.file.path)' changed while it was being uploaded; \(consequence)")
    }

    /// Returns the attributes of a regular file. Unless current attributes are required, the attributes read when the
    /// file was opened are returned, if available.
    static func regularFileStatus(_ file: OpenFile, isCurrent: Bool) throws(OSSError) -> FileStatus {
        let status = try translatingFileErrors { () throws(FileError) in
            if !isCurrent, let status = file.openingStatus { return status }
            return try file.status()
        }
        guard status.kind == .regular else {
            let kind = status.kind == .directory ? "a directory" : "not a regular file"
            throw OSSError(.fileSystem, "cannot upload '\(file.path)': it is \(kind)")
        }
        return status
    }
}

/// Runs file operations and converts their errors to ``OSSError``.
func translatingFileErrors<Value>(_ body: () throws(FileError) -> Value) throws(OSSError) -> Value {
    do throws(FileError) {
        return try body()
    } catch {
        throw OSSError(.fileSystem, error.description, underlying: error)
    }
}
