import Foundation
import OSSPrimitives

/// A parser that splits a `multipart/form-data` body as it arrives and stores the form's file.
///
/// Everything except the file has a maximum length, and none of the file is stored until the form's fields have been
/// checked. Data after the file is ignored.
final class FormParser {
    /// A function that checks the fields and returns the range of permitted file lengths, in bytes.
    typealias Admission = (FormFields) throws(ServiceError) -> ClosedRange<Int>

    private enum State {
        case preamble, boundaryEnd, header, field(name: String), file, end
    }

    static let maximumHeaderLength = 8 * 1024
    static let maximumValueLength = 2 * 1024 * 1024
    static let maximumFieldsLength = 4 * 1024 * 1024
    /// Memory, in bytes, that a field occupies in addition to its text.
    private static let fieldCost = 64

    private let delimiter: [UInt8]
    private let admit: Admission
    private var state = State.preamble
    /// Received bytes that have not yet been parsed. The initial line break makes the first delimiter look like the
    /// others.
    private var pending: [UInt8] = [0x0D, 0x0A]
    private var fields = FormFields()
    private var fieldsLength = 0
    private var failure: ServiceError?
    private var storage = ObjectBytesBuilder()
    private var md5 = MD5()
    private let computesMD5: Bool
    private var checksum = CRC64()
    private var permittedLength = 0...0
    /// Rate limit for the file; `nil` if there is none or the form's fields have not yet been read.
    private(set) var pace: Pace?

    init(contentType: String?, computesMD5: Bool = true, admit: @escaping Admission) {
        self.computesMD5 = computesMD5
        self.admit = admit
        let boundary = Self.boundary(contentType ?? "")
        delimiter = Array("\r\n--\(boundary ?? "")".utf8)
        guard boundary == nil else { return }
        let isForm = contentType?.lowercased().hasPrefix("multipart/form-data") ?? false
        failure = isForm ? Self.malformed : Self.notMultipart
    }

    /// Whether the server ran out of memory for the file.
    var isExhausted: Bool { storage.isExhausted }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil else { return }
        if case .end = state { return }
        pending.append(contentsOf: bytes)
        var start = 0
        do throws(ServiceError) {
            while try step(&start) {}
            pending.removeFirst(start)
        } catch {
            failure = error
            pending = []
            storage = ObjectBytesBuilder()
        }
    }

    /// Returns the file and the fields, or an error if the form is invalid.
    func finish() -> ReceivedBody {
        if failure == nil {
            if case .end = state {
                if storage.count < permittedLength.lowerBound { failure = Self.tooSmall }
            } else {
                failure = Self.malformed
            }
        }
        if let failure { return ReceivedBody(bytes: .empty, checksum: 0, form: .failure(failure)) }
        var taken = ObjectBytesBuilder()
        swap(&taken, &storage)
        return ReceivedBody(
            bytes: taken.finish(), md5: computesMD5 ? md5.finalize() : nil, checksum: checksum.value,
            form: .success(fields))
    }

    /// Parses the next element, or returns `false` if more bytes are needed.
    private func step(_ start: inout Int) throws(ServiceError) -> Bool {
        switch state {
        case .preamble:
            guard let found = find(delimiter, from: start) else {
                start = max(start, pending.count - delimiter.count + 1)
                return false
            }
            start = found + delimiter.count
            state = .boundaryEnd
        case .boundaryEnd:
            guard pending.count - start >= 2 else { return false }
            // The last delimiter arrived before a file.
            if pending[start] == UInt8(ascii: "-"), pending[start + 1] == UInt8(ascii: "-") { throw Self.noFile }
            while start < pending.count, pending[start] == 0x20 || pending[start] == 0x09 { start += 1 }
            guard pending.count - start >= 2 else { return false }
            guard pending[start] == 0x0D, pending[start + 1] == 0x0A else { throw Self.malformed }
            // The line break remains: if there is no header, it is the first half of the blank line.
            state = .header
        case .header:
            guard let end = find([0x0D, 0x0A, 0x0D, 0x0A], from: start) else {
                guard pending.count - start <= Self.maximumHeaderLength else { throw Self.tooLong }
                return false
            }
            guard end - start <= Self.maximumHeaderLength else { throw Self.tooLong }
            try readHeader(String(decoding: pending[start..<end], as: UTF8.self))
            start = end + 4
        case .field(let name):
            guard let end = find(delimiter, from: start) else {
                guard pending.count - start <= Self.maximumValueLength else { throw Self.tooLong }
                return false
            }
            try addField(name, pending[start..<end])
            start = end + delimiter.count
            state = .boundaryEnd
        case .file:
            let found = find(delimiter, from: start)
            let end = found ?? max(start, pending.count - delimiter.count + 1)
            try store(start..<end)
            start = found == nil ? end : pending.count
            guard found != nil else { return false }
            state = .end
        case .end:
            start = pending.count
            return false
        }
        return true
    }

    private func readHeader(_ text: String) throws(ServiceError) {
        var disposition: HeaderParameters?
        var type: String?
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw Self.malformed }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = HeaderParameters(value)
            case "content-type": type = value
            default: break
            }
        }
        guard let disposition, disposition.value.lowercased() == "form-data", let name = disposition["name"] else {
            throw Self.malformed
        }
        guard name.lowercased() == "file" else {
            state = .field(name: name)
            return
        }
        fields.fileName = disposition["filename"] ?? ""
        fields.fileType = type
        permittedLength = try admit(fields)
        pace = TrafficLimit.bytesPerSecond(fields).map { Pace(bytesPerSecond: $0) }
        state = .file
    }

    private func addField(_ name: String, _ value: ArraySlice<UInt8>) throws(ServiceError) {
        guard value.count <= Self.maximumValueLength else { throw Self.tooLong }
        fieldsLength += Self.fieldCost + name.utf8.count + value.count
        guard fieldsLength <= Self.maximumFieldsLength else { throw Self.fieldsTooLong }
        guard let text = String(validating: value, as: UTF8.self) else { throw Self.malformed }
        fields.add(name, text)
    }

    private func store(_ range: Range<Int>) throws(ServiceError) {
        guard storage.count + range.count <= permittedLength.upperBound else { throw Self.tooLarge }
        pending.withUnsafeBytes { bytes in
            let chunk = UnsafeRawBufferPointer(rebasing: bytes[range])
            storage.append(chunk)
            if computesMD5 { md5.update(chunk) }
            checksum.update(chunk)
        }
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        pending.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var index = start
            while index + pattern.count <= bytes.count,
                let found = memchr(base + index, Int32(pattern[0]), bytes.count - pattern.count - index + 1)
            {
                index = UnsafeRawPointer(found) - base
                if memcmp(found, pattern, pattern.count) == 0 { return index }
                index += 1
            }
            return nil
        }
    }

    private static func boundary(_ contentType: String) -> String? {
        let parameters = HeaderParameters(contentType)
        guard parameters.value.lowercased() == "multipart/form-data", let boundary = parameters["boundary"],
            (1...256).contains(boundary.utf8.count)
        else { return nil }
        return boundary
    }
}

extension FormParser {
    static let notMultipart = refusal(
        "RequestIsNotMultiPartContent", "Bucket POST must be of the enclosure-type multipart/form-data.",
        "0017-00000301")
    static let malformed = refusal(
        "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.",
        "0017-00000302")
    static let noFile = refusal(
        "IncorrectNumberOfFilesInPOSTRequest", "POST requires exactly one file upload per request.", "0017-00000303")
    static let tooLong = refusal(
        "FieldItemTooLong", "Your POST request field item is too long.", "0017-00000304")
    static let fieldsTooLong = refusal(
        "MaxPOSTPreDataLengthExceededError",
        "Your POST request fields preceding the upload file were too large.", "0017-00000305")
    static let tooLarge = refusal(
        "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", "0017-00000802")
    static let tooSmall = refusal(
        "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.", "0017-00000803")

    private static func refusal(_ code: String, _ message: String, _ ec: String) -> ServiceError {
        ServiceError(status: 400, code: code, message: message, ec: ec)
    }
}

/// The form fields that precede the file.
struct FormFields: Sendable {
    private(set) var items: [(name: String, value: String)] = []
    /// Name of the file on the client.
    var fileName = ""
    /// Content type of the form part that contains the file; `nil` if the part specifies none.
    var fileType: String?

    /// Returns the value of a field, or `nil` if the field is missing. Field names are case-insensitive.
    subscript(name: String) -> String? {
        items.first { $0.name == name.lowercased() }?.value
    }

    mutating func add(_ name: String, _ value: String) {
        items.append((name.lowercased(), value))
    }
}

/// A header value with parameters, such as `form-data; name="key"; filename="a b.txt"`.
struct HeaderParameters {
    let value: String
    private var parameters: [String: String] = [:]

    init(_ text: String) {
        var rest = Substring(text)
        value = rest.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        rest = rest.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest[name.endIndex...]
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " }
            let parameter = rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)
            parameters[name.trimmingCharacters(in: .whitespaces).lowercased()] = parameter
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    private static func token(_ text: inout Substring) -> String {
        let token = text.prefix { $0 != ";" }
        text = text[token.endIndex...]
        return token.trimmingCharacters(in: .whitespaces)
    }

    /// Removes a quoted value from the start of the text and returns it. Browsers escape a quotation mark as `\"` or
    /// `%22` and do not escape a backslash, which occurs in Windows paths.
    private static func quoted(_ text: inout Substring) -> String {
        var value = ""
        text = text.dropFirst()
        while let character = text.first, character != "\"" {
            text = text.dropFirst()
            if character == "\\", text.first == "\"" {
                text = text.dropFirst()
                value.append("\"")
            } else {
                value.append(character)
            }
        }
        text = text.drop { $0 != ";" }
        return value
    }
}
