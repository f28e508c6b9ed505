import Foundation
import OSSPrimitives

/// The mapping between a property of a document and an element of its XML.
struct XMLElement<Document>: Sendable {
    /// Frequency of an element in its document.
    enum Occurrence: Sendable {
        case optional, required, repeated
    }

    /// Path of the element below the document. Elements that only group others have no type of their own: the path of a
    /// tag is `TagSet/Tag`.
    let path: [String]
    let occurrence: Occurrence
    /// Type of the element if it contains other elements; otherwise, `nil`.
    let content: (any XMLDocument.Type)?
    /// Whether the parent is written even if it is empty.
    var writesEmptyParent = false
    /// Reads the element. Returns `false` for text that cannot be parsed.
    let read: @Sendable (XMLTree, inout Document) throws(UnreadableDocument) -> Bool
    /// Returns the elements for the property. The path is that of the element in the entire document.
    let write: @Sendable (Document, _ path: String) throws(OSSError) -> [XMLTree]
}

extension XMLElement {
    typealias Property<Value> = any WritableKeyPath<Document, Value> & Sendable

    /// An element with text.
    static func text<Value: XMLText>(_ path: String, _ property: Property<Value?>) -> Self {
        Self(path, .optional) { tree, document in
            guard let value = Value.parsed(xmlText: tree.text) else { return false }
            document[keyPath: property] = value
            return true
        } write: { document, name, _ in
            document[keyPath: property].map { [XMLTree(name: name, text: $0.xmlText)] } ?? []
        }
    }

    /// An element with text that must exist and must not be empty.
    static func required<Value: XMLText>(_ path: String, _ property: Property<Value>) -> Self {
        Self(path, .required) { tree, document in
            guard let value = Value.parsed(xmlText: tree.text) else { return false }
            document[keyPath: property] = value
            return true
        } write: { (document, name, path) throws(OSSError) in
            let text = document[keyPath: property].xmlText
            guard !text.isEmpty else { throw OSSError(.invalidArgument, "\(path) must not be empty") }
            return [XMLTree(name: name, text: text)]
        }
    }

    /// An element with text that can occur any number of times.
    static func texts<Value: XMLText>(
        _ path: String, _ property: Property<[Value]>, writesEmptyParent: Bool = false
    ) -> Self {
        Self(path, .repeated, writesEmptyParent: writesEmptyParent) { tree, document in
            guard let value = Value.parsed(xmlText: tree.text) else { return false }
            document[keyPath: property].append(value)
            return true
        } write: { document, name, _ in
            document[keyPath: property].map { XMLTree(name: name, text: $0.xmlText) }
        }
    }

    /// An element with a time as a number of seconds since 1970.
    static func seconds(_ path: String, _ property: Property<Date?>) -> Self {
        Self(path, .optional) { tree, document in
            guard let seconds = Int64.parsed(xmlText: tree.text) else { return false }
            document[keyPath: property] = Date(timeIntervalSince1970: TimeInterval(seconds))
            return true
        } write: { document, name, _ in
            guard let date = document[keyPath: property] else { return [] }
            // A conversion to an integer traps outside its range.
            let seconds = min(max(date.timeIntervalSince1970.rounded(.down), 0), 1e12)
            return [XMLTree(name: name, text: String(Int64(seconds)))]
        }
    }

    /// An element that contains other elements.
    static func part<Part: XMLDocument>(_ path: String, _ property: Property<Part?>) -> Self {
        Self(path, .optional, content: Part.self) { (tree, document) throws(UnreadableDocument) in
            document[keyPath: property] = try Part(xml: tree)
            return true
        } write: { (document, name, path) throws(OSSError) in
            guard let part = document[keyPath: property] else { return [] }
            return [try part.tree(name, at: path)]
        }
    }

    /// An element that contains other elements and must exist.
    static func requiredPart<Part: XMLDocument>(_ path: String, _ property: Property<Part>) -> Self {
        Self(path, .required, content: Part.self) { (tree, document) throws(UnreadableDocument) in
            document[keyPath: property] = try Part(xml: tree)
            return true
        } write: { (document, name, path) throws(OSSError) in
            [try document[keyPath: property].tree(name, at: path)]
        }
    }

    /// An element that contains other elements and can occur any number of times.
    static func parts<Part: XMLDocument>(
        _ path: String, _ property: Property<[Part]>, writesEmptyParent: Bool = false
    ) -> Self {
        Self(path, .repeated, content: Part.self, writesEmptyParent: writesEmptyParent) {
            (tree, document) throws(UnreadableDocument) in
            document[keyPath: property].append(try Part(xml: tree))
            return true
        } write: { (document, name, path) throws(OSSError) in
            var trees: [XMLTree] = []
            for part in document[keyPath: property] {
                trees.append(try part.tree(name, at: "\(path)[\(trees.count + 1)]"))
            }
            return trees
        }
    }

    private init(
        _ path: String, _ occurrence: Occurrence, content: (any XMLDocument.Type)? = nil,
        writesEmptyParent: Bool = false,
        read: @escaping @Sendable (XMLTree, inout Document) throws(UnreadableDocument) -> Bool,
        write: @escaping @Sendable (Document, _ name: String, _ path: String) throws(OSSError) -> [XMLTree]
    ) {
        let names = path.split(separator: "/").map(String.init)
        let name = names.last ?? ""
        self.init(
            path: names, occurrence: occurrence, content: content, writesEmptyParent: writesEmptyParent, read: read,
            write: { (document, path) throws(OSSError) in try write(document, name, path) })
    }
}

/// A value that an element contains as text.
protocol XMLText: Sendable, Hashable {
    /// Returns the value of an element with the given text, or `nil` if the text cannot be parsed.
    static func parsed(xmlText: String) -> Self?
    var xmlText: String { get }
}

extension XMLText where Self: RawRepresentable<String> {
    static func parsed(xmlText: String) -> Self? { Self(rawValue: xmlText) }
    var xmlText: String { rawValue }
}

extension XMLText where Self: LosslessStringConvertible {
    static func parsed(xmlText: String) -> Self? { Self(xmlText.trimmingCharacters(in: .whitespacesAndNewlines)) }
    var xmlText: String { description }
}

extension String: XMLText {
    static func parsed(xmlText: String) -> Self? { xmlText }
}
extension Int: XMLText {}
extension Int64: XMLText {}
extension Double: XMLText {}
extension StorageClass: XMLText {}
extension ObjectType: XMLText {}
extension AccessControl: XMLText {}
extension EncryptionAlgorithm: XMLText {}
extension RetentionMode: XMLText {}

extension Bool: XMLText {
    static func parsed(xmlText: String) -> Self? {
        Self(xmlText.trimmingCharacters(in: .whitespacesAndNewlines).lowercased())
    }
}

extension Date: XMLText {
    /// Returns a date from any of the formats that the service uses: ISO 8601, an HTTP date, or seconds since 1970.
    static func parsed(xmlText: String) -> Self? {
        let text = xmlText.trimmingCharacters(in: .whitespacesAndNewlines)
        return ISO8601.date(from: text) ?? HTTPDate.date(from: text)
            ?? Int64(text).map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    var xmlText: String { ISO8601.extended(self) }
}

/// A secret text, such as a private key. Descriptions and dumps of it, and of the documents that contain it, show only
/// `redacted`.
public struct SecretText: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The secret.
    public var value: String

    /// Creates a secret.
    public init(_ value: String) { self.value = value }

    /// Creates a secret.
    public init(stringLiteral value: String) { self.init(value) }
}

extension SecretText: CustomStringConvertible, CustomReflectable, XMLText {
    /// The text `redacted`.
    public var description: String { "redacted" }

    /// A mirror without the secret.
    public var customMirror: Mirror { Mirror(self, children: ["value": description]) }

    static func parsed(xmlText: String) -> Self? { Self(xmlText) }
    var xmlText: String { value }
}
