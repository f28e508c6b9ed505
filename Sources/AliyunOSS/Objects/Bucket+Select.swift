import Foundation

extension Bucket {
    /// Queries the content of a CSV or JSON object, and returns the records that the service selects. (SelectObject)
    ///
    /// The records are available when the entire response has been received, in a temporary file without a name.
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
        let file = try translatingFileErrors { () throws(FileError) in try OpenFile.temporary() }
        operation.destination = .file(file, offset: 0, status: 200)
        operation.verify = { $0.rawDataProblem }
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
        let content: HTTPBody =
            response.body.isEmpty
            ? .file(FileSlice(file, offset: 0, length: response.bodyLength)) : .data(response.body)
        return SelectedRows(content, of: query) { [client, operation] in
            $0.code == .refused ? client.describe($0, operation) : client.reject($0, operation)
        }
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
                if let meta = try frames.next().meta { return meta }
            }
            throw OSSError(.invalidResponse, "the response does not describe an index; check the endpoint")
        } catch {
            throw error.code == .refused ? client.describe(error, operation) : client.reject(error, operation)
        }
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
