import Foundation
import OSSPrimitives
import TestKit

@testable import AliyunOSS

/// The published form of an operation: its request, and the documents in its request and response.
struct OperationFacts: Decodable, Sendable {
    struct Field: Decodable, Sendable {
        var name: String
        var required: Bool?
    }

    struct Body: Decodable, Sendable {
        var format: String
        var root: String?
        var tree: [Element]?
    }

    struct Element: Decodable, Sendable {
        var name: String
        /// Type of the text; `nil` for a string.
        var type: String?
        var repeated: Bool?
        var children: [Element]?
    }

    var name: String
    var level: String
    var method: String
    var query: [String: String]
    var parameters: [Field]?
    var headers: [Field]?
    var contentMD5: Bool?
    var request: Body?
    var response: Body?
    var v1Subresources: [String]?

    static let all = VectorFile<OperationFacts>.load("operations", keys: .useDefaultKeys)
    static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Operations that other suites test: those on objects, and those that create, describe and list buckets.
    static let ofOtherSuites: Set<String> = Set(
        all.lazy.filter { $0.level == "object" }.map(\.name)
            + [
                "PutBucket", "DeleteBucket", "ListObjects", "ListObjectsV2", "GetBucketInfo", "GetBucketLocation",
                "GetBucketStat", "ListObjectVersions", "DeleteMultipleObjects", "ListMultipartUploads", "ListBuckets",
                "DescribeRegions",
            ])

    /// Operations on settings.
    static let ofSettings = all.filter { !ofOtherSuites.contains($0.name) }
}

extension OperationFacts.Element {
    /// The notation of a list of elements, such as `Rule*{ID,Status}`.
    static func notation(_ elements: [Self], sorted: Bool = false) -> String {
        let texts = elements.map { element in
            element.name + (element.repeated == true ? "*" : "")
                + (element.children.map { "{\(notation($0, sorted: sorted))}" } ?? "")
        }
        return (sorted ? texts.sorted() : texts).joined(separator: ",")
    }

    /// Returns elements with a plausible text for each type. Repeated elements occur twice.
    ///
    /// - Parameters:
    ///   - texts: Texts of elements, by name.
    ///   - extra: Element to append to every element that contains others.
    static func sample(
        _ elements: [Self], texts: [String: String] = [:], omitting omitted: Set<String> = [], extra: XMLTree? = nil,
        _ count: inout Int
    ) -> [XMLTree] {
        var trees: [XMLTree] = []
        for element in elements where !omitted.contains(element.name) {
            for _ in 0..<(element.repeated == true ? 2 : 1) {
                count += 1
                var tree = XMLTree(name: element.name)
                if let children = element.children {
                    tree.children = sample(children, texts: texts, omitting: omitted, extra: extra, &count)
                } else {
                    tree.text = texts[element.name] ?? element.text(count)
                }
                trees.append(tree)
            }
        }
        return trees + (extra.map { [$0] } ?? [])
    }

    private func text(_ count: Int) -> String {
        switch type {
        case "int": return "7"
        case "double": return "0.5"
        case "bool": return "true"
        default:
            let isDate = ["Date", "Time", "LastModified", "NewObject"].contains { name.hasSuffix($0) }
            return type == "datetime" || isDate ? "2026-01-02T00:00:00.000Z" : "text-\(count)"
        }
    }
}

extension XMLDocument {
    /// The table of elements as nested elements.
    static var outline: [OperationFacts.Element] {
        var outline: [OperationFacts.Element] = []
        for element in elements { insert(element, element.path[...], into: &outline) }
        return outline
    }

    private static func insert(
        _ element: XMLElement<Self>, _ path: ArraySlice<String>, into outline: inout [OperationFacts.Element]
    ) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            let content = element.content?.outline
            outline.append(
                OperationFacts.Element(
                    name: name, type: nil, repeated: element.occurrence == .repeated ? true : nil,
                    children: content?.isEmpty == true ? nil : content))
            return
        }
        if outline.last?.name != name { outline.append(.init(name: name, type: nil, repeated: nil, children: [])) }
        var children = outline[outline.count - 1].children ?? []
        insert(element, path.dropFirst(), into: &children)
        outline[outline.count - 1].children = children
    }
}

extension XMLTree {
    /// The tree with the children of each element in a fixed order, and without white space between elements.
    var normalized: XMLTree {
        var tree = self
        tree.children = children.map(\.normalized).sorted { "\($0)" < "\($1)" }
        if text.allSatisfy(\.isWhitespace) { tree.text = "" }
        return tree
    }

    /// The tree as a document.
    var data: Data {
        var writer = XMLWriter(root: name)
        writer.content(of: self)
        return writer.finish()
    }
}
