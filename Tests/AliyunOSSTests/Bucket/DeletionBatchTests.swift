import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

@Suite("Deletion batches")
struct DeletionBatchTests {
    @Test("A batch holds a thousand keys")
    func thousand() {
        var batch = DeletionBatch()
        for index in 0..<1000 {
            #expect(batch.accepts(ObjectKey(unchecked: "\(index)")))
            batch.append(DeletionItem(key: ObjectKey(unchecked: "\(index)")))
        }
        #expect(!batch.accepts("one more"))
    }

    @Test("A batch of keys that become long when escaped stays below the service's 2 MB limit")
    func size() throws {
        var batch = DeletionBatch()
        let key = ObjectKey(unchecked: String(repeating: "&", count: 1023))
        while batch.accepts(key) { batch.append(DeletionItem(key: key)) }
        #expect(batch.items.count < 1000)
        #expect(batch.document().count <= 2_000_000)
    }

    @Test("Keys survive encoding in the request document")
    func document() throws {
        let keys: [ObjectKey] = ["a&b<c>\"'", "line\nfeed", "tab\t", "\u{1}", " blanks ", "🍎", "e\u{301}", "é"]
        var batch = DeletionBatch()
        for key in keys { batch.append(DeletionItem(key: key)) }
        let root = try XMLReader.read(batch.document())
        #expect(root["Quiet"]?.text == "false")
        #expect(root.all("Object").map { ObjectKey(unchecked: $0["Key"]?.text ?? "") } == keys)
    }

    @Test("Only keys that the response names are deleted")
    func confirmation() throws {
        var batch = DeletionBatch()
        for key in ["a b", "c"] as [ObjectKey] { batch.append(DeletionItem(key: key)) }
        let answer = "<DeleteResult><EncodingType>url</EncodingType><Deleted><Key>a%20b</Key></Deleted></DeleteResult>"
        #expect(try batch.confirmations(in: Data(answer.utf8)).keys.map(\.key) == ["a b"])
        #expect(throws: OSSError.self) { try batch.confirmations(in: Data()) }
    }
}
