import AliyunOSS
import Foundation
import OSSPrimitives

/// A benchmark of the byte operations that every request and every object needs.
enum PrimitivesBenchmark {
    static func report() throws -> BenchmarkReport {
        BenchmarkReport(
            scenario: "primitives",
            measures: checksums() + digests() + [signature()] + (try listingPage()) + texts())
    }

    private typealias Measure = BenchmarkReport.Measure

    // MARK: - Bytes

    private static func checksums() -> [Measure] {
        [(16 << 10, "16 KiB"), (4 << 20, "4 MiB")].map { size, label in
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                for index in 0..<size { buffer[index] = UInt8(truncatingIfNeeded: index &* 167 >> 3) }
                count = size
            }
            var copy = bytes
            func gigabytesPerSecond(_ work: () -> Void) -> Double { Double(size) / Stopwatch.seconds(work) / 1e9 }
            return Measure(
                "CRC-64, \(label)", gigabytesPerSecond { keep(CRC64.checksum(bytes)) }, .gigabytesPerSecond,
                bound: CRC64.isAccelerated ? 8 : nil,
                peers: [
                    ("by tables", gigabytesPerSecond { keep(CRC64.portableChecksum(bytes)) }),
                    (
                        "a plain copy",
                        gigabytesPerSecond {
                            copy.withUnsafeMutableBytes { target in
                                bytes.withUnsafeBytes { target.copyMemory(from: $0) }
                            }
                            keep(copy.last)
                        }
                    ),
                ])
        }
    }

    private static func digests() -> [Measure] {
        let bytes = [UInt8](repeating: 0x5a, count: 1 << 20)
        func megabytesPerSecond(_ work: () -> Void) -> Double { Double(bytes.count) / Stopwatch.seconds(work) / 1e6 }
        let checksum = megabytesPerSecond { keep(CRC64.checksum(bytes)) }
        func measure<Function: HashFunction>(_ name: String, _: Function.Type) -> Measure {
            Measure(
                name, megabytesPerSecond { keep(Function.hash(bytes)) }, .megabytesPerSecond,
                peers: [("CRC-64", checksum)])
        }
        return [measure("MD5", MD5.self), measure("SHA-1", SHA1.self), measure("SHA-256", SHA256.self)]
    }

    // MARK: - Requests

    /// Measures the time taken to sign a PUT request with a cached key, relative to the time taken to compute the
    /// signature's two hashes.
    private static func signature() -> Measure {
        let signer = Signer(region: "cn-hangzhou")
        let credentials = Credentials(
            accessKeyID: "LTAI5tExampleExample", accessKeySecret: "ExampleSecretExampleSecret1234")
        let date = Date(timeIntervalSince1970: 1_795_334_400)
        var headers = HTTPHeaders()
        headers["Content-Type"] = "application/octet-stream"
        headers["Content-MD5"] = "XrY7u+Ae7tCTyyK7j1rNww=="
        headers["x-oss-meta-mtime"] = "1795334400.123456789"
        headers["x-oss-storage-class"] = "Standard"
        let request = SignableRequest(
            method: .put, bucket: "photos", key: "2026/11/中文 name with blanks.jpg",
            query: [("partNumber", "17"), ("uploadId", "0004B9894A22E5B1888A1E29F8236E2D")], headers: headers)
        let signing = Stopwatch.seconds {
            var request = request
            signer.sign(&request, credentials: credentials, at: date)
            keep(request)
        }
        let warmKey = HMAC<SHA256>(key: [UInt8](repeating: 7, count: 32))
        let canonicalRequest = [UInt8](repeating: 0x61, count: 400)
        let stringToSign = [UInt8](repeating: 0x62, count: 140)
        let hashing = Stopwatch.seconds {
            var code = warmKey
            code.update(SHA256.hash(canonicalRequest))
            code.update(stringToSign)
            keep(code.finalize())
        }
        return Measure(
            "V4 signature, warm key", signing * 1e6, .microseconds, bound: 20,
            peers: [("its hashes alone", hashing * 1e6)])
    }

    // MARK: - Listings

    private static func listingPage() throws -> [Measure] {
        let document = ListingDocument.page(keyCount: 1000)
        let tree = try XMLReader.read(document)
        guard FoundationXMLPeer.read(document) == tree, tree.all("Contents").count == 1000 else {
            throw CocoaError(.coderInvalidValue)
        }
        let decoding = try Stopwatch.seconds { keep(try ObjectPage(decoding: document, paging: .marker)) }
        let reading = try Stopwatch.seconds { keep(try XMLReader.read(document)) }
        let foundation = Stopwatch.seconds { keep(FoundationXMLPeer.read(document)) }
        return [
            Measure(
                "listing page of 1000 keys, decoded", decoding * 1e3, .milliseconds, bound: 5,
                peers: [("its XML tree alone", reading * 1e3)]),
            Measure(
                "XML tree of that page", reading * 1e3, .milliseconds,
                peers: [("FoundationXML", foundation * 1e3)]),
        ]
    }

    // MARK: - Text

    private static func texts() -> [Measure] {
        let key = "2026/11/22/中文目录/IMG 0123 (1).jpg"
        let encoded = PercentEncoding.encode(key)
        let date = Date(timeIntervalSince1970: 1_795_334_400)
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        func microseconds(_ work: () -> Void) -> Double { Stopwatch.seconds(work) * 1e6 }
        return [
            Measure(
                "percent-encoding a key", microseconds { keep(PercentEncoding.encode(key)) }, .microseconds,
                peers: [
                    ("Foundation", microseconds { keep(key.addingPercentEncoding(withAllowedCharacters: unreserved)) })
                ]),
            Measure(
                "percent-decoding a key", microseconds { keep(PercentEncoding.decode(encoded)) }, .microseconds,
                peers: [("Foundation", microseconds { keep(encoded.removingPercentEncoding) })]),
            Measure(
                "HTTP date", microseconds { keep(HTTPDate.string(from: date)) }, .microseconds,
                peers: [("DateFormatter", microseconds { keep(formatter.string(from: date)) })]),
            Measure(
                "ISO 8601 date read", microseconds { keep(ISO8601.date(from: "2026-11-22T08:00:00.000Z")) },
                .microseconds,
                peers: [
                    (
                        "Date.ISO8601FormatStyle",
                        microseconds {
                            keep(
                                try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(
                                    "2026-11-22T08:00:00.000Z"))
                        }
                    )
                ]),
        ]
    }
}
