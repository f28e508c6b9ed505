import Foundation
import Testing

@testable import AliyunOSS

@Suite("Listing pages")
struct ObjectPageTests {
    private func page(_ inner: String, paging: ListPaging = .marker) throws -> ObjectPage {
        let end = inner.contains("<IsTruncated") ? "" : "<IsTruncated>false</IsTruncated>"
        return try ObjectPage(
            decoding: Data("<ListBucketResult>\(inner)\(end)</ListBucketResult>".utf8), paging: paging)
    }

    private func contents(_ key: String) -> String {
        """
        <Contents><Key>\(key)</Key><LastModified>2012-02-24T08:43:07.000Z</LastModified><ETag>"5B3C"</ETag>\
        <Type>Normal</Type><Size>344606</Size><StorageClass>IA</StorageClass></Contents>
        """
    }

    @Test("An object has its key, size, ETag, time, type and storage class")
    func object() throws {
        let object = try #require(try page(contents("fun/a.avi")).objects.first)
        #expect(object.key == "fun/a.avi")
        #expect(object.size == 344_606)
        #expect(object.eTag == "5B3C")
        #expect(object.lastModified == Date(timeIntervalSince1970: 1_330_072_987))
        #expect(object.type == "Normal")
        #expect(object.storageClass == .infrequentAccess)
    }

    @Test("Names are decoded only if the response declares that they are encoded")
    func encoding() throws {
        #expect(try page(contents("a%2Bb")).objects.first?.key == "a%2Bb")
        #expect(
            try page("<EncodingType>url</EncodingType>" + contents("a%2Bb+%F0%9F%8D%8E")).objects.first?.key == "a+b+🍎")
    }

    @Test("The next page starts after the marker, the last name if there is no marker, or the token")
    func markers() throws {
        let truncated = "<IsTruncated>true</IsTruncated>"
        #expect(try page(truncated + "<NextMarker>m</NextMarker>").nextMarker == "m")
        #expect(try page(truncated + contents("a") + contents("b")).nextMarker == "b")
        let groups = "<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>"
        #expect(try page(truncated + contents("a") + groups).nextMarker == "c/")
        let token = "<NextContinuationToken>CgJiYw--</NextContinuationToken>"
        #expect(try page(truncated + token, paging: .continuationToken).nextMarker == "CgJiYw--")
        #expect(try page("<IsTruncated>false</IsTruncated><NextMarker>m</NextMarker>").nextMarker == nil)
    }

    @Test(
        "A page that would silently end the listing or lose an entry is rejected",
        arguments: [
            "<IsTruncated>true</IsTruncated>",
            "<Contents><Size>1</Size><LastModified>2012-02-24T08:43:07.000Z</LastModified></Contents>",
            "<Contents><Key>a</Key><LastModified>2012-02-24T08:43:07.000Z</LastModified></Contents>",
            "<Contents><Key>a</Key><Size>-1</Size><LastModified>2012-02-24T08:43:07.000Z</LastModified></Contents>",
            "<Contents><Key>a</Key><Size>1</Size><LastModified>yesterday</LastModified></Contents>",
            "<EncodingType>url</EncodingType><Contents><Key>%FF</Key><Size>1</Size></Contents>",
        ])
    func refused(inner: String) {
        let error = #expect(throws: OSSError.self) { try page(inner) }
        #expect(error?.code == .invalidResponse)
    }

    @Test(
        "A page that does not state whether it is the last one is rejected",
        arguments: ["", "<IsTruncated/>"]
            + ["True", "TRUE", " true ", "1", "no"].map { "<IsTruncated>\($0)</IsTruncated>" })
    func unknownEnd(element: String) {
        let document = Data("<ListBucketResult>\(element)<NextMarker>m</NextMarker></ListBucketResult>".utf8)
        let error = #expect(throws: OSSError.self) { try ObjectPage(decoding: document, paging: .marker) }
        #expect(error?.code == .invalidResponse && error?.message.contains("complete") == true)
    }

    @Test(
        "Another document, a truncated document and an empty body are rejected",
        arguments: ["<Error/>", "<ListBucketResult>", ""])
    func notAListing(text: String) {
        #expect(throws: OSSError.self) { try ObjectPage(decoding: Data(text.utf8), paging: .marker) }
    }

    @Test("Pages that repeat, go back or have no successor end the listing with an error")
    func progress() throws {
        func summary(_ key: String) -> ObjectSummary {
            ObjectSummary(
                key: ObjectKey(unchecked: key), size: 0, eTag: "", lastModified: .distantPast, type: "Normal",
                storageClass: .standard)
        }
        func page(_ keys: [String], _ next: String?) -> ObjectPage {
            ObjectPage(objects: keys.map(summary), commonPrefixes: [], nextMarker: next)
        }
        var progress = ListingProgress()
        try progress.advance(over: page(["a", "b"], "b"))
        #expect(progress.marker == "b")
        try progress.advance(over: page(["c"], "c"))
        #expect(throws: OSSError.self) { try progress.advance(over: page(["c"], "d")) }
        #expect(throws: OSSError.self) { try progress.advance(over: page(["d"], "c")) }
        try progress.advance(over: page(["d"], nil))
        #expect(progress.isFinished)
    }

    @Test("A page with only common prefixes is progress")
    func groupsOnly() throws {
        var progress = ListingProgress()
        try progress.advance(over: ObjectPage(objects: [], commonPrefixes: ["a/", "b/"], nextMarker: "b/"))
        #expect(throws: OSSError.self) {
            try progress.advance(over: ObjectPage(objects: [], commonPrefixes: ["b/"], nextMarker: "c/"))
        }
    }
}
