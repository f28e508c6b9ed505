import Foundation

/// The records that a query of an object's content returned, as an asynchronous sequence.
///
/// With ``LibcurlTransport``, records are returned while the response is being received, and releasing the sequence and
/// its iterators ends the query. With other transports, and with ``BucketConfiguration/maximumBandwidth``, the response
/// has been received completely: they return a response only as a whole.
///
/// The response is stored in a temporary file without a name, and its frames are read as they are needed, so a slow
/// reader neither stops the query nor needs memory. Each iterator starts at the first record, without another query.
///
/// The CRC-32 of each frame is verified before its records are returned. A response that is damaged, that ends early or
/// whose query failed ends the sequence with an error: incomplete rows never look complete. If the connection is lost
/// before the first record was returned, the query is sent again. After that, the loss is an error, because another
/// response may have other records.
public struct SelectedRows: AsyncSequence, Sendable {
    /// A record.
    public typealias Element = SelectedRow

    fileprivate let request: SelectRequest
    fileprivate let content: SelectedContent

    init(_ request: SelectRequest, _ content: SelectedContent) {
        self.request = request
        self.content = content
    }

    /// Creates an iterator that starts at the first record.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(request, content) }

    /// An iterator over the records.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let request: SelectRequest
        private var content: SelectedContent
        private var frames: SelectFrameReader
        private var splitter: RecordSplitter
        private var records: ArraySlice<Data> = []
        private var hasReturnedRecord = false

        fileprivate init(_ request: SelectRequest, _ content: SelectedContent) {
            self.request = request
            self.content = content
            frames = content.makeReader()
            splitter = RecordSplitter(request.query)
        }

        /// Returns the next record, or `nil` after the last one.
        ///
        /// - Throws: ``OSSError`` with code ``OSSError/Code/truncatedBody``, ``OSSError/Code/connectionLost``,
        ///   ``OSSError/Code/timedOut``, ``OSSError/Code/checksumMismatch`` or ``OSSError/Code/invalidResponse``;
        ///   ``OSSError/Code/refused`` if the query failed; or ``OSSError/Code/bodyTooLarge`` if a record exceeds 16 MiB.
        ///   There are no more records after an error, except for `CancellationError`.
        public mutating func next() async throws -> SelectedRow? {
            while records.isEmpty {
                guard !frames.isFinished else { return nil }
                try Task.checkCancellation()
                if try !readFrame() { try await receive() }
            }
            hasReturnedRecord = true
            return SelectedRow(data: records.removeFirst(), fieldDelimiter: Array(request.query.fieldDelimiter.utf8))
        }

        /// Reads the records of the next frame, or returns `false` if more bytes must be received first.
        private mutating func readFrame() throws(OSSError) -> Bool {
            do throws(OSSError) {
                guard let frame = try frames.next() else { return false }
                if frame.kind == .records { records = try splitter.append(frame.payload)[...] }
                if frames.isFinished { records = splitter.finish()[...] }
                return true
            } catch {
                frames.finish()
                throw request.describe(error)
            }
        }

        /// Waits for more bytes of the response.
        private mutating func receive() async throws {
            do {
                try await content.receive(into: &frames)
            } catch let failure as HTTPTransportError {
                let error = request.describe(OSSError(transport: failure))
                guard !hasReturnedRecord, RetryVerdict(on: error, isIdempotent: true) == .retry else {
                    frames.finish()
                    throw error
                }
                request.client.configuration.onRetry?(error)
                content = try await request.perform(isStreamed: false)
                frames = content.makeReader()
                splitter = RecordSplitter(request.query)
            }
        }
    }
}

/// A record that a query of an object's content returned.
public struct SelectedRow: Sendable, Hashable {
    /// Bytes of the record, without its delimiter. A JSON record can be decoded with `JSONDecoder`.
    public var data: Data
    fileprivate let fieldDelimiter: [UInt8]

    init(data: Data, fieldDelimiter: [UInt8]) {
        self.data = data
        self.fieldDelimiter = fieldDelimiter
    }

    /// The record as text. Bytes that are not valid UTF-8 are replaced.
    public var text: String { String(decoding: data, as: UTF8.self) }

    /// The fields of a CSV record, without quotation marks.
    public var fields: [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var quotes = QuoteState(fieldDelimiter)
        for byte in data {
            let wasQuoted = quotes.isQuoted
            quotes.advance(over: byte)
            // A quotation mark belongs to the field only if it is doubled.
            if byte != QuoteState.quote || quotes.isText(wasQuoted) { field.append(byte) }
            if quotes.isAtFieldStart {
                fields.append(String(decoding: field.dropLast(fieldDelimiter.count), as: UTF8.self))
                field = []
            }
        }
        return fields + [String(decoding: field, as: UTF8.self)]
    }
}

/// The position of a reader of CSV relative to quotation marks.
struct QuoteState {
    static let quote = UInt8(ascii: "\"")

    private let delimiter: [UInt8]
    /// The last unquoted bytes of the field, at most as many as the delimiter has.
    private var tail: [UInt8] = []
    /// Whether the next byte is within quotation marks.
    private(set) var isQuoted = false
    /// Whether the next byte is the first of a field.
    private(set) var isAtFieldStart = false
    private var isAtRecordStart = true
    private var hasJustClosed = false
    private var hasReopened = false

    init(_ delimiter: [UInt8]) { self.delimiter = delimiter }

    mutating func advance(over byte: UInt8) {
        let isStart = isAtFieldStart || isAtRecordStart
        (isAtFieldStart, isAtRecordStart, hasReopened) = (false, false, false)
        if byte == Self.quote, isQuoted || isStart || hasJustClosed {
            hasReopened = hasJustClosed
            hasJustClosed = isQuoted
            isQuoted.toggle()
            tail = []
            return
        }
        hasJustClosed = false
        guard !isQuoted else { return }
        tail.append(byte)
        if tail.count > delimiter.count { tail.removeFirst() }
        guard tail == delimiter else { return }
        (isAtFieldStart, tail) = (true, [])
    }

    /// Returns whether the quotation mark that was just passed is text: the second of two, or within an unquoted field.
    func isText(_ wasQuoted: Bool) -> Bool { hasReopened || !wasQuoted && !isQuoted }

    mutating func startRecord() { self = QuoteState(delimiter) }
}

/// A splitter of bytes into records. A delimiter within a quoted field of CSV does not end a record.
struct RecordSplitter {
    private static let maximumLength = 16 << 20

    private let delimiter: [UInt8]
    private var quotes: QuoteState?
    private var pending: [UInt8] = []

    init(_ query: SelectQuery) {
        delimiter = Array(query.recordDelimiter.utf8)
        quotes = query.input.csv == nil ? nil : QuoteState(Array(query.fieldDelimiter.utf8))
    }

    /// Returns the records that the bytes complete.
    mutating func append(_ bytes: Data) throws(OSSError) -> [Data] {
        var records: [Data] = []
        for byte in bytes {
            pending.append(byte)
            quotes?.advance(over: byte)
            guard byte == delimiter.last, quotes?.isQuoted != true, pending.hasSuffix(delimiter) else { continue }
            records.append(Data(pending.dropLast(delimiter.count)))
            pending.removeAll(keepingCapacity: true)
            quotes?.startRecord()
        }
        guard pending.count <= Self.maximumLength else {
            throw OSSError(.bodyTooLarge, "a record is longer than 16 MiB; check the record delimiter")
        }
        return records
    }

    /// Returns the last record if it has no delimiter.
    mutating func finish() -> [Data] {
        defer { pending = [] }
        return pending.isEmpty ? [] : [Data(pending)]
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count) == suffix[...]
    }
}
