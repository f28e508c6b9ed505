import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("XML of the service")
struct XMLSampleTests {
    @Test("Every published document has every expected field")
    func samples() throws {
        let samples = try XMLSample.all()
        #expect(samples.count == 65)
        for sample in samples {
            let root = try XMLReader.read(Data(sample.body.utf8))
            #expect(root.name == sample.root, "\(sample.id)")
            for (path, expectation) in sample.expected {
                check(root, path, expectation, "\(sample.id): \(path)")
            }
        }
    }

    private func check(_ root: XMLTree, _ path: String, _ expectation: XMLSample.Expectation, _ comment: Comment) {
        let parts = path.split(separator: "|")
        let isEncoded = parts.count > 1
        var nodes = [root]
        for name in parts[0].split(separator: "/") where name != "." {
            nodes = nodes.flatMap { $0.all(String(name)) }
        }
        let texts = nodes.map { isEncoded ? PercentEncoding.decode($0.text) : $0.text }
        switch expectation {
        case .text(let text): #expect(texts.first == text, comment)
        case .texts(let expected): #expect(texts == expected, comment)
        case .count(let count): #expect(nodes.count == count, comment)
        case .absent: #expect(nodes.isEmpty, comment)
        }
    }

    @Test("Foundation's parser returns the same trees")
    func secondOpinion() throws {
        for sample in try XMLSample.all() {
            let document = Data(sample.body.utf8)
            #expect(try XMLReader.read(document) == FoundationTree.read(document), "\(sample.id)")
        }
    }

    @Test("Errors in headers are decoded to the same values")
    func headers() throws {
        let samples = try XMLSample.all().filter { $0.base64 != nil }
        #expect(samples.count == 2)
        for sample in samples {
            let document = try #require(sample.base64.flatMap { Data(base64Encoded: $0) })
            #expect(try XMLReader.read(document).text("Code") == XMLReader.read(Data(sample.body.utf8)).text("Code"))
        }
    }

    @Test("A truncated sample is rejected, wherever it is cut")
    func truncations() throws {
        for sample in try XMLSample.all() {
            let document = Array(sample.body.utf8)
            let end = (document.lastIndex(of: UInt8(ascii: ">")) ?? 0) + 1
            for count in stride(from: 0, to: end, by: max(1, document.count / 500)) {
                #expect(throws: XMLSyntaxError.self) { try XMLReader.read(Data(document[..<count])) }
            }
        }
    }

    @Test("Damaged samples are parsed or rejected, and the position of an error is inside the document")
    func mutations() throws {
        var random = SeededRandom(seed: 42)
        let alphabet = Array("<>&;/!?-[]\"'=#x:aé \u{1}\r".utf8) + [0x00, 0xff, 0xc0, 0x80]
        var refused = 0
        for sample in try XMLSample.all() {
            for _ in 0..<40 {
                var document = Array(sample.body.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<document.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: document[place] = alphabet.randomElement(using: &random) ?? 0
                    case 1: document.remove(at: place)
                    default: document.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                    }
                }
                do throws(XMLSyntaxError) {
                    _ = try XMLReader.read(Data(document))
                } catch {
                    refused += 1
                    #expect((0...document.count).contains(error.offset))
                }
            }
        }
        #expect(refused > 500)
    }
}
