import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS
@testable import AliyunOSSTesting

/// Tests of all parsers of untrusted input. A parser may reject any input but must always return.
@Suite("Fuzzing of parsers")
struct FuzzTests {
    private static let listing = """
        <?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>photos</Name><Prefix></Prefix><Marker></Marker>\
        <MaxKeys>100</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <NextMarker>b%2Fc</NextMarker><Contents><Key>a%20b</Key><LastModified>2012-02-24T08:43:07.000Z</LastModified>\
        <ETag>"5B3C1A2E053D763E1B002CC607C5A0FE"</ETag><Type>Normal</Type><Size>344606</Size>\
        <StorageClass>Standard</StorageClass></Contents><CommonPrefixes><Prefix>d%2F</Prefix></CommonPrefixes>\
        </ListBucketResult>
        """
    private static let error = """
        <Error><Code>RequestTimeTooSkewed</Code><Message>No.</Message><RequestId>5C3D9175B6FC201293AD0001</RequestId>\
        <HostId>h</HostId><ServerTime>2026-01-01T00:00:00.000Z</ServerTime><EC>0002-00000504</EC></Error>
        """
    private static let xmlTokens = [
        "<", ">", "</", "/>", "<a>", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<!DOCTYPE x [", "&amp;",
        "&#x1;",
        "&#1114112;", "&#xD800;", "&x;", "\"", "'", "=", "\u{FEFF}", "é", "\u{0}", "<Contents>", "</Contents>", "<Key>",
        "-1",
        "99999999999999999999", "%", "%FF", "%2F",
    ]

    @Test("H10: random XML is parsed or rejected in bounded time")
    func xml() {
        var fuzz = Fuzz("xml", samples: [Self.listing, Self.error, "<a/>"], tokens: Self.xmlTokens)
        fuzz.run { input in
            guard let tree = try? XMLReader.read(Data(input)) else { return }
            // A tree is never larger than its document.
            var left = [tree]
            var count = 0
            while let node = left.popLast() {
                count += 1
                left += node.children
            }
            #expect(count * 4 <= input.count + 4)
        }
    }

    @Test("Random listings of both kinds are parsed or rejected")
    func listings() {
        var fuzz = Fuzz("listings", samples: [Self.listing], tokens: Self.xmlTokens)
        fuzz.run { input in
            for paging in [ListPaging.marker, .continuationToken] {
                guard let page = try? ObjectPage(decoding: Data(input), paging: paging) else { continue }
                #expect(page.objects.allSatisfy { $0.size >= 0 })
                var progress = ListingProgress()
                try? progress.advance(over: page)
                try? progress.advance(over: page)
            }
        }
    }

    @Test("Random responses to DeleteMultipleObjects are parsed or rejected")
    func deletions() {
        var batch = DeletionBatch()
        batch.append(DeletionItem(key: "k"))
        var fuzz = Fuzz(
            "deletions",
            samples: ["<DeleteResult><EncodingType>url</EncodingType><Deleted><Key>k</Key></Deleted></DeleteResult>"],
            tokens: Self.xmlTokens)
        fuzz.run { _ = try? batch.confirmations(in: Data($0)) }
    }

    @Test("Random error bodies and error headers are parsed or rejected")
    func errors() {
        var fuzz = Fuzz("errors", samples: [Self.error, "<html>", "{}"], tokens: Self.xmlTokens)
        fuzz.run { input in
            for status in [200, 301, 403, 503, 999] {
                let foreign = OSSError(refusal: HTTPResponse(status: status, headers: [:], body: Data(input)))
                let inBody = OSSError(
                    refusal: HTTPResponse(status: status, headers: ["x-oss-request-id": "1"], body: Data(input)))
                let inHeader = OSSError(
                    refusal: HTTPResponse(status: status, headers: ["x-oss-err": Data(input).base64EncodedString()]))
                for error in [foreign, inBody, inHeader] {
                    #expect(error.message.utf8.count < 8192)
                    _ = RetryVerdict(on: error, isIdempotent: true)
                    if let reply = error.serviceError {
                        _ = ClockOffset(clock: { Date() }).learn(from: reply, dateHeader: nil)
                    }
                }
            }
        }
    }

    @Test("H10: random dates are parsed or rejected, and parsed dates can be formatted")
    func dates() {
        var fuzz = Fuzz(
            "dates",
            samples: [
                "Fri, 24 Feb 2012 02:58:28 GMT", "Friday, 24-Feb-12 02:58:28 GMT", "Fri Feb 24 02:58:28 2012",
                "2012-02-24T08:43:07.000Z", "20120224T084307Z", "2012-02-24T08:43:07Z",
            ],
            tokens: ["Feb", "GMT", "0", "99", "-", ":", " ", "T", "Z", "+0100", "é", "0000", "9999", "24:60:61", "."])
        fuzz.run { input in
            let text = String(decoding: input, as: UTF8.self)
            // A parsed date can be formatted and is parsed to the same date again.
            if let date = HTTPDate.date(from: text) {
                #expect(HTTPDate.date(from: HTTPDate.string(from: date)) == date)
            }
            // A formatted date has no fraction and a year of four digits.
            if let date = ISO8601.date(from: text), abs(date.timeIntervalSince1970) < 6e10 {
                let written = ISO8601.date(from: ISO8601.extended(date))
                #expect(written.map { (0..<1).contains(date.timeIntervalSince($0)) } == true, "\(text)")
            }
            _ = HTTPResponse(status: 503, headers: ["Retry-After": text, "Date": text]).requestedDelay
        }
    }

    @Test("H10: random ranges are parsed or rejected and never exceed the object")
    func ranges() {
        var fuzz = Fuzz(
            "ranges", samples: ["bytes=0-99", "bytes=5-", "bytes=-5", "bytes 0-4/10", "bytes 0-4/*", "bytes */10"],
            tokens: [
                "bytes", "=", "-", "/", "*", ",", " ", "+", "0", "9223372036854775807", "9223372036854775808", "٣",
            ])
        fuzz.run { input in
            let text = String(decoding: input, as: UTF8.self)
            if let range = ContentRange(text) {
                #expect(range.first >= 0 && range.first <= range.last && range.last < range.total ?? .max)
                #expect(ContentRange(range.headerValue) == range)
            }
            if let range = ByteRangeHeader(text) { #expect(ByteRangeHeader(range.headerValue) == range) }
            for size in [0, 1, 100, Int.max] {
                guard case .part(let range)? = try? RangeSelection(text, size: size, isStandard: size.isMultiple(of: 2))
                else { continue }
                #expect(range.lowerBound >= 0 && !range.isEmpty && range.upperBound <= size)
            }
        }
    }

    @Test("Random percent-encoded text is decoded or rejected")
    func percentEncoding() {
        var fuzz = Fuzz(
            "percent", samples: ["a%20b", "%E6%97%A5", "a+b", "%"], tokens: ["%", "%F", "%FF", "%00", "é", "%25"])
        fuzz.run { input in
            let text = String(decoding: input, as: UTF8.self)
            #expect(PercentEncoding.decode(PercentEncoding.encode(text))?.utf8.elementsEqual(text.utf8) == true)
            _ = PercentEncoding.decode(text)
            // The mock server has its own decoder. The two must agree.
            let decoded = PercentEncoding.decodeBytes(input).flatMap { String(validating: $0, as: UTF8.self) }
            #expect(decoded.map { Array($0.utf8) } == percentDecoded(input).map { Array($0.utf8) })
        }
    }

    @Test("Random endpoints are parsed or rejected")
    func endpoints() {
        var fuzz = Fuzz(
            "endpoints",
            samples: [
                "https://oss-cn-hangzhou.aliyuncs.com", "http://127.0.0.1:8080", "http://[::1]:80/", "cdn.example.com",
                "oss-cn-hangzhou-internal.aliyuncs.com",
            ],
            tokens: [
                "http://", "https://", ":", "/", "@", "[", "]", ".", "..", "-", "?", "#", "%", "65536", "é", "oss-",
                "\r\n",
            ])
        fuzz.run { input in
            let text = String(decoding: input, as: UTF8.self)
            guard let endpoint = try? Endpoint(text) else { return }
            #expect(endpoint.host.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            #expect((try? Endpoint(endpoint.description))?.description == endpoint.description)
            let url = endpoint.url(bucket: "photos", key: "a/../b c", query: [("acl", nil), ("x", "é&")])
            #expect(URL(string: url)?.absoluteString == url)
        }
    }

    @Test("Random object keys and local paths are mapped or rejected")
    func paths() {
        var fuzz = Fuzz(
            "paths", samples: ["a/b/c", "../x", "a//b", "/a", "a\\b", "."],
            tokens: ["/", "..", ".", "\\", "\u{0}", "é", "//"])
        fuzz.run { input in
            guard let path = try? RelativePath(input) else { return }
            let components = "\(path)".utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            for component in components {
                let bytes = Array(component)
                #expect(!bytes.isEmpty && bytes != Array(".".utf8) && bytes != Array("..".utf8) && !bytes.contains(0))
            }
        }
    }
}
