import Foundation

extension Bucket {
    /// Queries the content of a CSV or JSON object, and returns the records that the service selects. (SelectObject)
    ///
    /// With ``LibcurlTransport``, the first records are available before the service has scanned the entire object. With
    /// other transports, they are available when the entire response has been received. See ``SelectedRows``.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - query: Statement in SQL, and the format of the object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, ``OSSError/Code/refused`` if the statement or the
    ///   format is wrong, ``OSSError/Code/fileSystem``, or ``OSSError/Code/invalidArgument``.
    public func selectObject(_ key: ObjectKey, _ query: SelectQuery) async throws -> SelectedRows {
        var operation = Operation("SelectObject", .post, key: key)
        operation.query = [("x-oss-process", query.input.json == nil ? "csv/select" : "json/select")]
        operation = try client.adding(query, root: "SelectRequest", to: operation)
        operation.verify = { $0.rawDataProblem }
        let request = SelectRequest(client: client, operation: operation, query: query)
        // The bandwidth limit applies to complete responses.
        return SelectedRows(request, try await request.perform(isStreamed: client.bandwidth == nil))
    }

    /// Creates an index of the lines of a CSV or JSON object, which queries of a ``SelectRange`` require, or returns
    /// the properties of an existing one. (CreateSelectObjectMeta)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - input: Format of the object. For CSV, only the delimiters of records and fields and the quotation mark
    ///     apply.
    ///   - overwriting: Whether an existing index is replaced. Default: `false`.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, ``OSSError/Code/refused`` or
    ///   ``OSSError/Code/invalidArgument``.
    @discardableResult
    public func createSelectMeta(
        _ key: ObjectKey, of input: SelectInput, overwriting: Bool = false
    ) async throws -> SelectMeta {
        let format = input.json == nil ? "csv" : "json"
        var operation = Operation("CreateSelectObjectMeta", .post, key: key)
        operation.query = [("x-oss-process", "\(format)/meta")]
        var document = SelectMetaRequest()
        (document.input, document.overwrites) = (input, overwriting)
        operation = try client.adding(
            document, root: input.json == nil ? "CsvMetaRequest" : "JsonMetaRequest", to: operation)
        operation.verify = { $0.failureInSuccess }
        var frames = SelectFrameReader(.data(try await client.perform(operation).body), hasChecksums: false)
        do throws(OSSError) {
            while !frames.isFinished {
                if let meta = try frames.next()?.meta { return meta }
            }
            throw OSSError(.invalidResponse, "the response does not describe an index; check the endpoint")
        } catch {
            throw error.code == .refused ? client.describe(error, operation) : client.reject(error, operation)
        }
    }
}

/// A request that queries the content of an object.
struct SelectRequest: Sendable {
    let client: Client
    let operation: Operation
    let query: SelectQuery

    /// Sends the request with a new file as the destination.
    ///
    /// - Parameter isStreamed: Whether the method returns before the response is complete, if the transport supports
    ///   that.
    func perform(isStreamed: Bool) async throws -> SelectedContent {
        let file = try translatingFileErrors { () throws(FileError) in try OpenFile.temporary() }
        var operation = operation
        operation.streamCapacity = isStreamed ? 0 : nil
        operation.destination = .file(file, offset: 0, status: 200)
        let response: HTTPResponse
        do {
            response = try await client.perform(operation)
        } catch let error as OSSError
            where error.code == .bodyTooLarge && (error.underlying as? HTTPTransportError)?.status == 206
        {
            // Some examples of the service have this status. Only a body with the expected one is written to the file.
            operation.destination = .file(file, offset: 0, status: 206)
            response = try await client.perform(operation)
        }
        return SelectedContent(response, file)
    }

    func describe(_ error: OSSError) -> OSSError {
        error.code == .refused ? client.describe(error, operation) : client.reject(error, operation)
    }
}

/// The body of a response to a query, which may still be being received.
struct SelectedContent: Sendable {
    private let file: OpenFile
    private let body: HTTPBody
    private let stream: HTTPResponseStream?

    init(_ response: HTTPResponse, _ file: OpenFile) {
        self.file = file
        stream = response.stream
        let isInFile = response.stream != nil || response.body.isEmpty
        let length = response.stream == nil ? response.bodyLength : 0
        body = isInFile ? .file(FileSlice(file, offset: 0, length: length)) : .data(response.body)
    }

    func makeReader() -> SelectFrameReader {
        SelectFrameReader(body, isComplete: stream == nil, hasChecksums: true)
    }

    /// Waits until the reader has more bytes, or all of them.
    ///
    /// - Throws: ``HTTPTransportError`` or `CancellationError`.
    func receive(into reader: inout SelectFrameReader) async throws {
        guard let stored = try await stream?.stored(exceeding: reader.content.length) else { return }
        reader.content = .file(FileSlice(file, offset: 0, length: stored.bytes))
        reader.isComplete = stored.isComplete
    }
}

extension HTTPResponse {
    /// An error if the response has no frames, and therefore neither checksums nor an end; otherwise, `nil`.
    fileprivate var rawDataProblem: OSSError? {
        guard headers["x-oss-select-output-raw"]?.lowercased() == "true" else { return failureInSuccess }
        return foreign("contains raw data, although frames with checksums were requested; try again")
    }
}

/// The document of a request for an index.
struct SelectMetaRequest: XMLDocument {
    var input = SelectInput()
    var overwrites: Bool?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .requiredPart("InputSerialization", \.input), .text("OverwriteIfExists", \.overwrites),
    ]
}

/// The properties of an index of an object's lines.
public struct SelectMeta: Sendable, Hashable {
    /// Size of the object in bytes.
    public var scannedBytes: Int64
    /// Number of splits, which have about equal sizes.
    public var splitCount: Int
    /// Number of lines.
    public var rowCount: Int64
    /// Number of columns; `nil` for JSON.
    public var columnCount: Int?
}
