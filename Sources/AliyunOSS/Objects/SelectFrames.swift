import Foundation
import OSSPrimitives

/// A frame of a response to SelectObject or CreateSelectObjectMeta.
struct SelectFrame: Equatable {
    /// The kind of a frame.
    enum Kind: UInt32 {
        case records = 0x80_0001
        case keepAlive = 0x80_0004
        case end = 0x80_0005
        case endOfCSVMeta = 0x80_0006
        case endOfJSONMeta = 0x80_0007
    }

    var kind: Kind
    /// Payload after the offset in the object.
    var payload: Data
}

/// A reader of the frames of a response. The last frame states the outcome of the query.
///
/// A frame consists of a version (1 byte), a kind (3), the length of the payload (4), a checksum of the header (4), the
/// payload, which starts with an offset in the object (8), and the CRC-32 of the payload (4), all in big-endian order.
struct SelectFrameReader {
    private static let headerLength = 12
    private static let offsetLength = 8
    private static let trailerLength = 4
    /// Maximum length of a payload. Those of the service have at most a few megabytes.
    private static let maximumPayload = 16 << 20

    /// The bytes of the response that have been received.
    var content: HTTPBody
    /// Whether these are all bytes of the response.
    var isComplete: Bool
    /// Whether the payloads have checksums, which only SelectObject supports.
    let hasChecksums: Bool
    private var position: Int64 = 0
    private(set) var isFinished = false

    init(_ content: HTTPBody, isComplete: Bool = true, hasChecksums: Bool) {
        self.content = content
        self.isComplete = isComplete
        self.hasChecksums = hasChecksums
    }

    /// Returns the next frame, or `nil` if more bytes must be received first. After the last frame, or an error, the
    /// reader is finished.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/truncatedBody``, ``OSSError/Code/checksumMismatch``,
    ///   ``OSSError/Code/invalidResponse``, or ``OSSError/Code/refused`` if the query failed after its start.
    mutating func next() throws(OSSError) -> SelectFrame? {
        let start = position
        do throws(OSSError) {
            guard let frame = try read() else {
                position = start
                return nil
            }
            isFinished = frame.kind != .records && frame.kind != .keepAlive
            if isFinished, let problem = frame.failure { throw problem }
            return frame
        } catch {
            isFinished = true
            throw error
        }
    }

    /// Makes the reader finished after an error in the content of a frame.
    mutating func finish() { isFinished = true }

    private mutating func read() throws(OSSError) -> SelectFrame? {
        guard let header = try bytes(Self.headerLength) else { return nil }
        let count = Int(header.bigEndian(UInt32.self, at: 4))
        guard header.first == 1,
            let kind = SelectFrame.Kind(rawValue: header.bigEndian(UInt32.self, at: 0) & 0xFF_FFFF),
            (Self.offsetLength...Self.maximumPayload).contains(count)
        else { throw OSSError(.invalidResponse, "the response contains an invalid frame; check the endpoint") }
        guard let payload = try bytes(count), let trailer = try bytes(Self.trailerLength) else { return nil }
        let stated = trailer.bigEndian(UInt32.self, at: 0)
        // Without checksums, the field is 0 in some responses. A keep-alive frame has no content to protect.
        let isOptional = !hasChecksums || kind == .keepAlive
        let checksum = isOptional && stated == 0 ? 0 : CRC32.checksum(payload)
        guard stated == checksum else {
            throw OSSError(
                .checksumMismatch, "a frame of the response has CRC-32 \(checksum) instead of \(stated); try again")
        }
        return SelectFrame(kind: kind, payload: payload.dropFirst(Self.offsetLength))
    }

    /// Returns the next bytes, or `nil` if they have not been received yet.
    private mutating func bytes(_ count: Int) throws(OSSError) -> Data? {
        guard Int64(count) <= content.length - position else {
            guard isComplete else { return nil }
            throw OSSError(.truncatedBody, "the response ended before its last frame; try again")
        }
        var data = Data(count: count)
        let (content, position) = (content, position)
        let result: Result<Void, HTTPTransportError> = data.withUnsafeMutableBytes { buffer in
            Result { () throws(HTTPTransportError) in try content.read(into: buffer, at: position) }
        }
        do throws(HTTPTransportError) {
            try result.get()
        } catch {
            throw OSSError(transport: error)
        }
        self.position += Int64(count)
        return data
    }
}

extension SelectFrame {
    /// The outcome in a last frame.
    ///
    /// The payload consists of the number of scanned bytes (8) and the status (4), for an index also the numbers of
    /// splits (4), rows (8) and, for CSV, columns (4), and then the text of an error.
    fileprivate var failure: OSSError? {
        guard payload.count >= fixedLength else {
            return OSSError(.invalidResponse, "the response contains an invalid last frame; check the endpoint")
        }
        let status = payload.bigEndian(UInt32.self, at: 8)
        guard !(200...299).contains(status) else { return nil }
        let text = String(decoding: payload.dropFirst(fixedLength).prefix(1024), as: UTF8.self).onOneLine
        return OSSError(.refused, "the query failed with status \(status): \(text)")
    }

    private var fixedLength: Int {
        switch kind {
        case .endOfCSVMeta: 28
        case .endOfJSONMeta: 24
        default: 12
        }
    }

    /// The properties of an index, in the last frame of a response to CreateSelectObjectMeta.
    var meta: SelectMeta? {
        guard kind == .endOfCSVMeta || kind == .endOfJSONMeta, payload.count >= fixedLength else { return nil }
        return SelectMeta(
            scannedBytes: Int64(clamping: payload.bigEndian(UInt64.self, at: 0)),
            splitCount: Int(payload.bigEndian(UInt32.self, at: 12)),
            rowCount: Int64(clamping: payload.bigEndian(UInt64.self, at: 16)),
            columnCount: kind == .endOfCSVMeta ? Int(payload.bigEndian(UInt32.self, at: 24)) : nil)
    }
}

extension Data {
    /// Returns the integer at an offset from the start.
    fileprivate func bigEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value {
        dropFirst(offset).prefix(MemoryLayout<Value>.size).reduce(0) { $0 << 8 | Value($1) }
    }
}
