import Foundation
import OSSPrimitives
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Reading objects")
struct ReadingTests {
    private let window = 64 << 10

    /// Returns an object whose bytes show their position.
    private func content(_ size: Int) -> Data {
        Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) })
    }

    private func read(
        _ transport: ScriptedTransport, _ range: some ByteRangeExpression & Sendable = 0...
    ) async throws -> (RemoteObject, [Data]) {
        let bucket = try Bucket.scripted(transport) {
            $0.readRangeSize = window
            $0.retry.maximumAttempts = 2
        }
        let object = try await bucket.getObject("a", range: range)
        var chunks: [Data] = []
        for try await chunk in object.body { chunks.append(chunk) }
        return (object, chunks)
    }

    @Test(
        "Only an ETag of 32 hexadecimal digits of a Normal object that is not encrypted is taken for an MD5",
        arguments: [
            ("0123456789abcdefABCDEF0123456789", "Normal", nil, true),
            ("0123456789ABCDEF0123456789ABCDEF", "Multipart", nil, false),
            ("0123456789ABCDEF0123456789ABCDEF", "Normal", "KMS", false),
            ("0123456789ABCDEF0123456789ABCDEF-2", "Normal", nil, false),
            ("0123456789ABCDEF0123456789ABCDE", "Normal", nil, false),
            ("0123456789ABCDEF0123456789ABCDEG", "Normal", nil, false), ("TAG", "Normal", nil, false),
            ("", "Normal", nil, false),
        ] as [(String, String, String?, Bool)])
    func contentMD5(_ eTag: String, _ type: String, _ encryption: String?, _ isMD5: Bool) async throws {
        var headers: HTTPHeaders = ["ETag": "\"\(eTag)\"", "x-oss-object-type": type, "Content-Length": "5"]
        headers["x-oss-server-side-encryption"] = encryption
        #expect(headers.contentMD5 == (isMD5 ? eTag.uppercased() : nil))
        guard !isMD5, !eTag.isEmpty else { return }
        let response = HTTPResponse.ok("hello", headers: headers)
        let bucket = try Bucket.scripted(ScriptedTransport { _ in response })
        #expect(try await bucket.getObject("k").body.text() == "hello")
    }

    @Test(
        "A body is returned in ranges of a single version of the object and is complete",
        arguments: [1, 65_536, 65_537, 200_000])
    func windows(size: Int) async throws {
        let data = content(size)
        let transport = ScriptedTransport { $0.answered(from: data) }
        let (object, chunks) = try await read(transport)
        #expect(object.body.length == Int64(size))
        #expect(object.metadata.size == Int64(size))
        #expect(Data(chunks.joined()) == data)
        #expect(chunks.allSatisfy { !$0.isEmpty && $0.count <= window })
        #expect(transport.requests.count == (size + window - 1) / window)
        #expect(transport.requests.dropFirst().allSatisfy { $0.headers["If-Match"] == "\"TAG\"" })
        #expect(transport.requests.allSatisfy { $0.headers["x-oss-range-behavior"] == "standard" })
        #expect(transport.requests.allSatisfy { $0.url.contains("response-content-encoding=identity") })
    }

    @Test("No range is requested before the reader needs it")
    func backPressure() async throws {
        let data = content(300_000)
        let transport = ScriptedTransport { $0.answered(from: data) }
        let bucket = try Bucket.scripted(transport) { $0.readRangeSize = window }
        var chunks = try await bucket.getObject("a").body.makeAsyncIterator()
        for consumed in 1...4 {
            _ = try await chunks.next()
            #expect(transport.requests.count == consumed)
        }
    }

    @Test("Ranges of every kind return their bytes, across several requests")
    func ranges() async throws {
        let data = content(200_000)
        let transport = ScriptedTransport { $0.answered(from: data) }
        #expect(Data(try await read(transport, 0..<5).1.joined()) == data[0..<5])
        #expect(Data(try await read(transport, 7...9).1.joined()) == data[7...9])
        #expect(Data(try await read(transport, 60_000..<190_000).1.joined()) == data[60_000..<190_000])
        #expect(Data(try await read(transport, 199_000...).1.joined()) == data[199_000...])
        #expect(Data(try await read(transport, ..<100_000).1.joined()) == data[..<100_000])
        #expect(Data(try await read(transport, ...3).1.joined()) == data[...3])
        #expect(Data(try await read(transport, 199_990..<900_000).1.joined()) == data[199_990...])
        #expect(Data(try await read(transport, .last(10)).1.joined()) == data.suffix(10))
        #expect(Data(try await read(transport, .last(150_000)).1.joined()) == data.suffix(150_000))
        #expect(Data(try await read(transport, .last(900_000)).1.joined()) == data)
    }

    @Test("An empty range is rejected before any request")
    func emptyRanges() async throws {
        let transport = ScriptedTransport { $0.answered(from: Data([1])) }
        let bucket = try Bucket.scripted(transport)
        await #expect(throws: OSSError.self) { try await bucket.getObject("a", range: 5..<5) }
        await #expect(throws: OSSError.self) { try await bucket.getObject("a", range: (-5)...3) }
        await #expect(throws: OSSError.self) { try await bucket.getObject("a", range: ..<0) }
        await #expect(throws: OSSError.self) { try await bucket.getObject("a", range: .last(0)) }
        #expect(transport.requests.isEmpty)
    }

    @Test("A range that starts after the end of the object is invalidRange")
    func beyondTheEnd() async throws {
        let transport = ScriptedTransport { $0.answered(from: Data([1, 2, 3])) }
        let error = await #expect(throws: OSSError.self) { _ = try await read(transport, 3..<9) }
        #expect(error?.code == .invalidRange)
    }

    @Test("An empty object is read as an empty body with its metadata")
    func emptyObject() async throws {
        let transport = ScriptedTransport { $0.answered(from: Data()) }
        let (object, chunks) = try await read(transport)
        #expect(chunks.isEmpty)
        #expect(object.metadata.size == 0)
        #expect(object.metadata.eTag == "TAG")
    }

    @Test("A small object with a wrong checksum is downloaded again and then rejected")
    func smallChecksum() async throws {
        let data = content(100)
        let transport = ScriptedTransport { $0.answered(from: data, checksum: 42) }
        let error = await #expect(throws: OSSError.self) { _ = try await read(transport) }
        #expect(error?.code == .checksumMismatch)
        #expect(transport.requests.count == 2)
    }

    @Test("A large object with a wrong checksum ends with an error in place of its last chunk")
    func largeChecksum() async throws {
        let data = content(200_000)
        let transport = ScriptedTransport { $0.answered(from: data, checksum: 42) }
        let bucket = try Bucket.scripted(transport) { $0.readRangeSize = window }
        var received = 0
        let error = await #expect(throws: OSSError.self) {
            for try await chunk in try await bucket.getObject("a").body { received += chunk.count }
        }
        #expect(error?.code == .checksumMismatch)
        #expect(received < data.count)
    }

    @Test("An object that is replaced while it is being read is never mixed with its replacement")
    func replaced() async throws {
        let old = content(200_000)
        let transport = ScriptedTransport(
            { $0.answered(from: old) }, { $0.answered(from: Data(old.reversed()), eTag: "OTHER") })
        let error = await #expect(throws: OSSError.self) { _ = try await read(transport) }
        #expect(error?.code == .preconditionFailed)
    }

    @Test("A server that ignores ranges is supported")
    func rangesIgnored() async throws {
        let data = content(1000)
        let transport = ScriptedTransport { $0.answeredWhole(data) }
        #expect(Data(try await read(transport, 10..<20).1.joined()) == data[10..<20])
        #expect(Data(try await read(transport).1.joined()) == data)
        let error = await #expect(throws: OSSError.self) { _ = try await read(transport, 1000..<2000) }
        #expect(error?.code == .invalidRange)
    }

    @Test("A response with a range other than the requested one is rejected")
    func wrongRange() async throws {
        let transport = ScriptedTransport { request in
            var response = request.answered(from: Data(repeating: 0, count: 100))
            response.headers["Content-Range"] = "bytes 5-104/105"
            return response
        }
        let error = await #expect(throws: OSSError.self) { _ = try await read(transport) }
        #expect(error?.code == .invalidResponse)
    }

    @Test("Collecting more bytes than the limit is rejected before more are downloaded")
    func collectLimit() async throws {
        let data = content(200_000)
        let transport = ScriptedTransport { $0.answered(from: data) }
        let bucket = try Bucket.scripted(transport) { $0.readRangeSize = window }
        let object = try await bucket.getObject("a")
        let error = await #expect(throws: OSSError.self) { try await object.body.collect(upTo: 199_999) }
        #expect(error?.code == .bodyTooLarge)
        #expect(transport.requests.count == 1)
        #expect(try await object.body.collect(upTo: 200_000) == data)
    }

    @Test("A body can be read twice; one of a single range is not downloaded again", arguments: [1, 3])
    func twice(windows: Int) async throws {
        let data = content(windows * window)
        let transport = ScriptedTransport { $0.answered(from: data) }
        let bucket = try Bucket.scripted(transport) { $0.readRangeSize = window }
        let object = try await bucket.getObject("a")
        for _ in 0..<2 { #expect(try await object.body.collect() == data) }
        #expect(transport.requests.count == (windows == 1 ? 1 : 2 * windows))
        #expect(transport.requests.dropFirst().allSatisfy { $0.headers["If-Match"] == "\"TAG\"" })
    }

    @Test("A suffix for which there is not enough memory is returned in smaller ranges")
    func crowdedSuffix() async throws {
        let data = content(300_000)
        let transport = ScriptedTransport { $0.answered(from: data) }
        let bucket = try Bucket.scripted(transport) { $0.memoryBudget = 1 << 20 }
        let crowd = bucket.client.readMemory.reserveRange(upTo: 1 << 20)
        let more = try await bucket.client.readMemory.acquire(400 << 10)
        let object = try await bucket.getObject("a", range: .last(200_000))
        #expect(try await object.body.collect() == data.suffix(200_000))
        #expect(transport.requests.count == 5)
        withExtendedLifetime((crowd, more)) {}
        #expect(bucket.client.configuration.readRangeSize == 4 << 20)
    }

    private func lines(of data: Data, upTo limit: Int = 100, _ body: (String) -> Void = { _ in }) async throws {
        let transport = ScriptedTransport { $0.answered(from: data) }
        let bucket = try Bucket.scripted(transport) { $0.readRangeSize = window }
        for try await line in try await bucket.getObject("a").body.lines(upTo: limit) { body(line) }
    }

    @Test(
        "Lines end with a line feed, optionally after a carriage return, or with the content",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb", ["a", "b"]),
            ("a\n\n\u{E9}\rb\n", ["a", "", "\u{E9}\rb"]),
        ] as [(String, [String])])
    func lines(text: String, expected: [String]) async throws {
        var found: [String] = []
        try await lines(of: Data(text.utf8)) { found.append($0) }
        #expect(found == expected)
    }

    @Test("Lines that span two ranges are complete")
    func linesAcrossRanges() async throws {
        let expected = (0..<20_000).map { "line \($0)" }
        var found: [String] = []
        try await lines(of: Data(expected.joined(separator: "\r\n").utf8)) { found.append($0) }
        #expect(found == expected)
    }

    @Test("A line that is too long or not UTF-8 ends the lines with a typed error")
    func refusedLines() async throws {
        let long = String(repeating: "x", count: 101)
        for text in [long, "a\n" + long + "\n", String(repeating: long, count: 2000)] {
            let error = await #expect(throws: OSSError.self) { try await lines(of: Data(text.utf8)) }
            #expect(error?.code == .bodyTooLarge)
        }
        try await lines(of: Data((long.dropLast() + "\r\n").utf8))
        let error = await #expect(throws: OSSError.self) { try await lines(of: Data([0x68, 0x0A, 0xFF])) }
        #expect(error?.code == .invalidResponse)
        #expect(error?.message.contains("line 2") == true)
    }

    @Test("Text that is not UTF-8 is an error")
    func text() async throws {
        let text = ScriptedTransport { $0.answered(from: Data("héllo 🍎".utf8)) }
        #expect(try await Bucket.scripted(text).getObject("a").body.text() == "héllo 🍎")
        let bytes = ScriptedTransport { $0.answered(from: Data([0x68, 0xFF])) }
        await #expect(throws: OSSError.self) { try await Bucket.scripted(bytes).getObject("a").body.text() }
    }
}

extension HTTPRequest {
    /// Returns the response to a range request by a service that follows `x-oss-range-behavior: standard`.
    fileprivate func answered(from data: Data, checksum: UInt64? = nil, eTag: String = "TAG") -> HTTPResponse {
        var whole = answeredWhole(data, checksum: checksum, eTag: eTag)
        if let expected = headers["If-Match"], expected != "\"\(eTag)\"" { return .refusal(412, "PreconditionFailed") }
        guard method == .get, let range = headers["Range"].flatMap(ByteRangeHeader.init) else {
            whole.headers["Content-Length"] = "\(data.count)"
            return whole
        }
        let size = Int64(data.count)
        let bounds: (first: Int64, last: Int64)
        switch range {
        case .bounded(let first, let last): bounds = (first, min(last, size - 1))
        case .from(let first): bounds = (first, size - 1)
        case .suffix(let count): bounds = (max(0, size - count), size - 1)
        }
        guard bounds.first < size else { return .refusal(416, "InvalidRange") }
        let part = Data(data[Int(bounds.first)...Int(bounds.last)])
        whole.status = 206
        whole.headers["Content-Range"] = "bytes \(bounds.first)-\(bounds.last)/\(size)"
        whole.body = part
        whole.bodyLength = Int64(part.count)
        whole.bodyChecksum = CRC64.checksum(part)
        return whole
    }

    fileprivate func answeredWhole(_ data: Data, checksum: UInt64? = nil, eTag: String = "TAG") -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: ["ETag": "\"\(eTag)\"", "x-oss-hash-crc64ecma": "\(checksum ?? CRC64.checksum(data))"],
            body: data, bodyLength: Int64(data.count), bodyChecksum: CRC64.checksum(data))
    }
}
