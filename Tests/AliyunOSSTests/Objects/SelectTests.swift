import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

extension HTTPResponse {
    /// Returns a successful response whose body consists of frames.
    static func frames(_ frames: [[UInt8]]) -> HTTPResponse {
        let body = Data(frames.joined())
        return HTTPResponse(status: 200, headers: [:], body: body, bodyLength: Int64(body.count))
    }
}

@Suite("Queries of the content of objects", .timeLimit(.minutes(5)))
struct SelectTests {
    private static let query = SelectQuery("select * from ossobject", from: .csv())

    /// A service whose SelectObject returns the given bytes.
    private func makeService(_ body: [UInt8], status: Int = 200, headers: [String: String] = [:]) throws -> TestService
    {
        let service = try TestService()
        try service.store("data", count: 100)
        service.server.process { request in
            request.operation == "SelectObject" ? .init(status: status, headers: headers, body: Data(body)) : nil
        }
        return service
    }

    private func allRows(_ service: TestService, _ query: SelectQuery = query) async throws -> [SelectedRow] {
        try await service.bucket.selectObject("data", query).reduce(into: []) { $0.append($1) }
    }

    // MARK: Frames

    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        struct Frame: Decodable, Sendable {
            var type: UInt32
            var dataUtf8: String?
            var totalScanned: Int64?
            var splits: Int?
            var rows: Int64?
            var columns: Int?
        }

        struct Expected: Decodable, Sendable {
            var frames: [Frame]
        }

        var id: String
        var hex: String
        var expected: Expected

        var testDescription: String { id }
    }

    @Test("Published frames are read", arguments: VectorFile<Vector>.load("select_frames"))
    func vectors(_ vector: Vector) throws {
        let bytes = try #require(Hexadecimal.decode(vector.hex))
        var reader = SelectFrameReader(.data(Data(bytes)), hasChecksums: false)
        for expected in vector.expected.frames {
            let frame = try #require(try reader.next())
            #expect(frame.kind.rawValue == expected.type)
            if let text = expected.dataUtf8 { #expect(String(decoding: frame.payload, as: UTF8.self) == text) }
            if let splits = expected.splits {
                #expect(
                    frame.meta
                        == SelectMeta(
                            scannedBytes: expected.totalScanned ?? 0, splitCount: splits, rowCount: expected.rows ?? 0,
                            columnCount: expected.columns))
            }
        }
        #expect(reader.isFinished)
    }

    @Test("A frame that is changed in any byte of its payload or checksum is rejected")
    func changedFrames() throws {
        let frames = SelectFrames.records("a,b\n") + SelectFrames.end()
        for index in frames.indices {
            var changed = frames
            changed[index] ^= 0x40
            var reader = SelectFrameReader(.data(Data(changed)), hasChecksums: true)
            let inHeaderChecksum = (8..<12).contains(index % 28) && index < 28 || (36..<40).contains(index)
            guard !inHeaderChecksum else { continue }
            #expect(throws: OSSError.self, "byte \(index)") { while !reader.isFinished { _ = try reader.next() } }
        }
    }

    @Test("Frames are read as soon as they are complete, however the response is divided")
    func growingFrames() throws {
        let frames = SelectFrames.records("a\n") + SelectFrames.records("b\n") + SelectFrames.end()
        var reader = SelectFrameReader(.data(Data()), isComplete: false, hasChecksums: true)
        var kinds: [Int: SelectFrame.Kind] = [:]
        for count in 1...frames.count {
            reader.content = .data(Data(frames[..<count]))
            if let frame = try reader.next() { kinds[count] = frame.kind }
        }
        let (first, second) = (SelectFrames.records("a\n").count, 2 * SelectFrames.records("a\n").count)
        #expect(kinds == [first: .records, second: .records, frames.count: .end])
        var cut = SelectFrameReader(.data(Data(frames.dropLast())), isComplete: false, hasChecksums: true)
        for _ in 0..<2 { #expect(try cut.next()?.kind == .records) }
        #expect(try cut.next() == nil)
        cut.isComplete = true
        let error = #expect(throws: OSSError.self) { _ = try cut.next() }
        #expect(error?.code == .truncatedBody)
    }

    // MARK: Rows

    @Test("Rows that span frames are returned in order, with a status of 200 or 206", arguments: [200, 206])
    func rowsOfFrames(status: Int) async throws {
        let lines = (0..<100_000).map { "\($0),\"text \($0)\"\n" }.joined()
        var frames: [UInt8] = []
        for start in stride(from: 0, to: lines.utf8.count, by: 99_991) {
            frames += SelectFrames.frame(
                SelectFrames.recordsKind, Array(lines.utf8.dropFirst(start).prefix(99_991)))
            frames += SelectFrames.frame(SelectFrames.keepAliveKind)
        }
        frames += SelectFrames.end()
        #expect(frames.count > 1 << 20, "the response fits into memory")
        let service = try makeService(frames, status: status)
        let rows = try await allRows(service)
        #expect(rows.count == 100_000)
        #expect(rows.first?.fields == ["0", "text 0"])
        #expect(rows.last?.fields == ["99999", "text 99999"])
        #expect(rows.enumerated().allSatisfy { $1.text.hasPrefix("\($0),") })
    }

    @Test("Rows can be read twice, and the last row needs no delimiter")
    func twice() async throws {
        let service = try makeService(SelectFrames.records("a\nb") + SelectFrames.end())
        let rows = try await service.bucket.selectObject("data", Self.query)
        for _ in 0..<2 { #expect(try await rows.reduce(into: []) { $0.append($1.text) } == ["a", "b"]) }
        #expect(service.count("SelectObject") == 1)
    }

    @Test("JSON records are separated by the delimiter only")
    func json() async throws {
        struct Person: Decodable, Equatable {
            var name: String
        }
        let service = try makeService(
            SelectFrames.records("{\"name\":\"a\\\"\"};{\"name\":\"b\"};") + SelectFrames.end())
        var query = SelectQuery("select * from ossobject", from: .json(.document))
        query.recordDelimiter = ";"
        let people = try await allRows(service, query).map { try JSONDecoder().decode(Person.self, from: $0.data) }
        #expect(people == [Person(name: "a\""), Person(name: "b")])
    }

    @Test(
        "Fields and records are separated outside of quotation marks",
        arguments: [
            ("a,b\nc", ",", [["a", "b"], ["c"]]), ("\"a,\nb\",c\nd", ",", [["a,\nb", "c"], ["d"]]),
            ("\"a\"\"b\",\"\"\n", ",", [["a\"b", ""]]), (",\n,", ",", [["", ""], ["", ""]]),
            ("5\" disk,x\ny", ",", [["5\" disk", "x"], ["y"]]), ("a||b|c\n", "||", [["a", "b|c"]]),
            ("\"\"\"\"\n\n", ",", [["\""], [""]]), ("é,\"中\"", ",", [["é", "中"]]),
        ])
    func fields(_ text: String, _ delimiter: String, _ expected: [[String]]) throws {
        var query = Self.query
        query.fieldDelimiter = delimiter
        // The result must not depend on the division into frames.
        for size in [1, 2, 3, 100] {
            var splitter = RecordSplitter(query)
            var records: [Data] = []
            let bytes = Data(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                records += try splitter.append(bytes[start..<min(start + size, bytes.count)])
            }
            records += splitter.finish()
            let rows = records.map { SelectedRow(data: $0, fieldDelimiter: Array(delimiter.utf8)) }
            #expect(rows.map(\.fields) == expected)
        }
    }

    // MARK: Failures

    @Test("A damaged, truncated or failed response ends the rows with an error")
    func failures() async throws {
        let good = SelectFrames.records("a\n")
        let cases: [([UInt8], OSSError.Code, String)] = [
            (
                good + SelectFrames.frame(SelectFrames.recordsKind, Array("b\n".utf8), checksum: 7), .checksumMismatch,
                "CRC-32"
            ),
            (
                good + SelectFrames.frame(SelectFrames.recordsKind, Array("b\n".utf8), checksum: 0), .checksumMismatch,
                "CRC-32"
            ),
            (good, .truncatedBody, "last frame"), (good + SelectFrames.end().dropLast(), .truncatedBody, "last frame"),
            (good + SelectFrames.end(400, "InvalidCsvLine"), .refused, "400: InvalidCsvLine"),
            (good + Array("<html>captive portal</html>".utf8), .invalidResponse, "invalid frame"),
        ]
        for (body, code, text) in cases {
            let service = try makeService(body)
            var iterator = try await service.bucket.selectObject("data", Self.query).makeAsyncIterator()
            #expect(try await iterator.next()?.text == "a")
            let error = await #expect(throws: OSSError.self) { try await iterator.next() }
            #expect(error?.code == code && error?.message.contains(text) == true, "\(error as Any)")
            #expect(error?.operation == "SelectObject" && error?.key == "data")
            #expect(try await iterator.next() == nil)
        }
    }

    @Test("A response that is not the result of the query is rejected")
    func foreignResponses() async throws {
        let raw = try makeService(Array("a\n".utf8), headers: ["x-oss-select-output-raw": "true"])
        let error = await #expect(throws: OSSError.self) { try await allRows(raw) }
        #expect(error?.code == .invalidResponse && error?.message.contains("raw data") == true)
        let service = try makeService(SelectFrames.end())
        service.server.add(.header("x-oss-request-id", nil), when: .operation("SelectObject"), times: 5)
        #expect(await failure { try await allRows(service) }?.code == .invalidResponse)
        service.server.add(.errorInSuccess(code: "InvalidSqlParameter"), when: .operation("SelectObject"))
        await #expect(throws: OSSError.self) { try await allRows(service) }
        #expect(service.server.unusedFaults.isEmpty)
        await #expect(throws: OSSError.self) { try await service.bucket.selectObject("missing", Self.query) }
    }

    @Test("A query without a statement, a format or delimiters is refused before anything is sent")
    func invalidQueries() async throws {
        let service = try makeService(SelectFrames.end())
        var both = SelectInput.csv()
        both.json = .init()
        var negative = Self.query
        negative.maximumSkippedRecords = -1
        var undelimited = Self.query
        undelimited.recordDelimiter = ""
        let queries = [
            SelectQuery("", from: .csv()), SelectQuery("select", from: SelectInput()),
            SelectQuery("select", from: both),
            negative, undelimited,
        ]
        for query in queries {
            let error = await #expect(throws: OSSError.self) { try await allRows(service, query) }
            #expect(error?.code == .invalidArgument && error?.message.contains("SelectRequest") == true)
        }
        #expect(service.server.requests.isEmpty)
    }

    // MARK: Index

    @Test("An index is created, and a response without one is rejected")
    func meta() async throws {
        let service = try TestService()
        try service.store("data", count: 100)
        service.server.process { request in
            let isMeta =
                request.process == "csv/meta" && request.body.range(of: Data("<OverwriteIfExists>true".utf8)) != nil
            return isMeta
                ? .init(body: Data(SelectFrames.frame(SelectFrames.keepAliveKind) + SelectFrames.endOfCSVMeta)) : nil
        }
        service.server.process { $0.process == "json/meta" ? .init(body: Data(SelectFrames.end())) : nil }
        let meta = try await service.bucket.createSelectMeta("data", of: .csv(), overwriting: true)
        #expect(meta == SelectMeta(scannedBytes: 1000, splitCount: 2, rowCount: 30, columnCount: 4))
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.createSelectMeta("data", of: .json(.lines))
        }
        #expect(error?.code == .invalidResponse)
    }
}
