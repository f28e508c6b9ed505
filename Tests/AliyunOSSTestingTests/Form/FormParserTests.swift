import Foundation
import Testing

@testable import AliyunOSSTesting

@Suite("Mock form parser")
struct FormParserTests {
    private static let type = "multipart/form-data; boundary=\"XX\""

    /// Parses a form that arrives in chunks of the given length.
    private func parse(
        _ text: String, pieces: Int = .max, type: String = type, permitted: ClosedRange<Int> = 0...(1 << 30)
    ) -> (body: ReceivedBody, fields: FormFields?, code: String?) {
        let parser = FormParser(contentType: type) { _ throws(ServiceError) in permitted }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces)
            piece.withUnsafeBytes { parser.append($0) }
            rest = rest.dropFirst(piece.count)
        }
        let body = parser.finish()
        switch body.form {
        case .success(let fields)?: return (body, fields, nil)
        case .failure(let error)?: return (body, nil, error.code)
        case nil: return (body, nil, nil)
        }
    }

    private static let form =
        "ignored\r\n--XX\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na/${filename}\r\n--XX\r\n"
        + "content-disposition: form-data; name=\"empty\"\r\nContent-Type: text/plain\r\n\r\n\r\n--XX  \r\n"
        + "Content-Disposition: form-data; name=file; filename=\"C:\\a \\\"b\\\".txt\"\r\nContent-Type: text/x\r\n\r\n"
        + "one\r\n--X\r\n--X two\r\n\r\n--XX\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\nx\r\n--XX--\r\n"

    @Test(
        "A form parses to the same fields and file however its bytes are split",
        arguments: [1, 2, 3, 5, 7, 16, 64, 10_000])
    func pieces(length: Int) {
        let (body, fields, code) = parse(Self.form, pieces: length)
        #expect(code == nil)
        #expect(fields?["KEY"] == "a/${filename}")
        #expect(fields?["empty"] == "")
        #expect(fields?["late"] == nil)
        #expect(fields?.fileName == "C:\\a \"b\".txt")
        #expect(fields?.fileType == "text/x")
        #expect(String(decoding: body.bytes.data, as: UTF8.self) == "one\r\n--X\r\n--X two\r\n")
        #expect(body.md5?.count == 16)
    }

    @Test("A form that starts with its boundary and has an empty file is valid")
    func emptyFile() {
        let (body, fields, code) = parse(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n--XX--")
        #expect(code == nil)
        #expect(fields?.items.isEmpty == true)
        #expect(body.bytes.count == 0)
    }

    @Test("An invalid form is rejected")
    func refusals() {
        let part = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
        let file = "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
        let cases: [(text: String, type: String, code: String)] = [
            ("", "text/plain", "RequestIsNotMultiPartContent"), ("", "", "RequestIsNotMultiPartContent"),
            ("", "multipart/form-data", "MalformedPOSTRequest"), ("", Self.type, "MalformedPOSTRequest"),
            ("nothing at all", Self.type, "MalformedPOSTRequest"), (part, Self.type, "MalformedPOSTRequest"),
            (file + "unfinished", Self.type, "MalformedPOSTRequest"),
            ("--XXjunk\r\n", Self.type, "MalformedPOSTRequest"),
            ("--XX\r\nno colon\r\n\r\n", Self.type, "MalformedPOSTRequest"),
            ("--XX\r\nContent-Disposition: form-data\r\n\r\n", Self.type, "MalformedPOSTRequest"),
            ("--XX--\r\n", Self.type, "IncorrectNumberOfFilesInPOSTRequest"),
            (part + "v\r\n--XX--\r\n", Self.type, "IncorrectNumberOfFilesInPOSTRequest"),
            ("--XX\r\nA: " + String(repeating: "x", count: 9000) + "\r\n\r\n", Self.type, "FieldItemTooLong"),
            ("--XX\r\nA: " + String(repeating: "x", count: 9000), Self.type, "FieldItemTooLong"),
            (part + String(repeating: "x", count: 2_200_000), Self.type, "FieldItemTooLong"),
            (
                String(
                    repeating: part + String(repeating: "x", count: 1_500_000) + "\r\n", count: 3) + file,
                Self.type, "MaxPOSTPreDataLengthExceededError"
            ),
        ]
        for (text, type, code) in cases {
            let result = parse(text, pieces: 65_536, type: type)
            #expect(result.code == code, "\(text.prefix(80))")
            #expect(result.body.bytes.count == 0)
        }
    }

    @Test("The file must have a permitted length")
    func length() {
        let text = "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n12345\r\n--XX--"
        for (range, code) in [(5...5, nil), (0...4, "EntityTooLarge"), (6...9, "EntityTooSmall")] {
            #expect(parse(text, pieces: 3, permitted: range).code == code)
        }
    }

    @Test("Random bytes result in an error response")
    func noise() {
        var generator = SeededRandom(seed: 7)
        let alphabet = Array("\r\n-X: ;=\"filename\u{0}".utf8)
        for _ in 0..<500 {
            let noise = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let parser = FormParser(contentType: Self.type) { _ throws(ServiceError) in 0...100 }
            noise.withUnsafeBytes { parser.append($0) }
            #expect(parser.finish().form != nil)
        }
    }

    @Test("Fields with an empty name and value count towards the maximum length")
    func emptyFields() {
        let field = "--XX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n"
        #expect(parse(String(repeating: field, count: 80_000)).code == "MaxPOSTPreDataLengthExceededError")
        let file = "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--XX--\r\n"
        #expect(parse(String(repeating: field, count: 100) + file).code == nil)
    }
}
