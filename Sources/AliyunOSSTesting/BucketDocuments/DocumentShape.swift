import Foundation
import OSSPrimitives

/// The shape of an XML document, in a notation such as `Rule+{ID,Status!(Enabled|Disabled),Days:int,Tag*{Key!,Value}}`.
///
/// Each name is followed by its count (`!` exactly one, `+` at least one, `*` any number, otherwise at most one) and
/// its content: `{…}` for elements in the order of the service's responses, `:int`, `:bool`, `(A|B)` for one of these
/// words, `~` for anything, otherwise text.
struct DocumentShape: Sendable {
    enum Count: Sendable {
        case optional, once, any, some
    }

    enum Content: Sendable {
        case text, integer, boolean, anything
        case word([String])
        case elements([DocumentShape])
    }

    let name: String
    let count: Count
    let content: Content

    /// Creates a shape from its notation, or returns `nil` if the notation is invalid.
    init?(_ notation: String) {
        var text = Substring(notation)
        guard let shape = Self.read(&text), text.isEmpty else { return nil }
        self = shape
    }

    private init(name: String, count: Count, content: Content) {
        self.name = name
        self.count = count
        self.content = content
    }

    /// Returns the document with its elements in the order that the service's responses use.
    ///
    /// Unknown elements come last, unchanged: newer clients may use elements that this server does not know.
    ///
    /// - Throws: `MalformedXML` if the document does not have this shape.
    func arranged(_ tree: XMLTree) throws(ServiceError) -> XMLTree {
        guard tree.name == name else { throw .malformedXML }
        var tree = tree
        switch content {
        case .anything: return tree
        case .elements(let shapes):
            var children: [XMLTree] = []
            for shape in shapes {
                let found = tree.all(shape.name)
                guard shape.allows(found.count) else { throw .malformedXML }
                for child in found { children.append(try shape.arranged(child)) }
            }
            tree.children = children + tree.children.filter { child in !shapes.contains { $0.name == child.name } }
            tree.text = ""
            return tree
        case .text, .integer, .boolean, .word:
            guard tree.children.isEmpty, let text = leaf(tree.text) else { throw .malformedXML }
            tree.text = text
            return tree
        }
    }

    private func allows(_ number: Int) -> Bool {
        switch count {
        case .optional: number <= 1
        case .once: number == 1
        case .any: true
        case .some: number >= 1
        }
    }

    private func leaf(_ text: String) -> String? {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        switch content {
        case .integer: return Int64(trimmed).map(String.init)
        case .boolean: return ["true", "false"].first { $0 == trimmed.lowercased() }
        case .word(let words): return words.first { $0 == trimmed }
        default: return text
        }
    }

    // MARK: The notation

    private static func read(_ text: inout Substring) -> DocumentShape? {
        let name = text.prefix { !"!+*:(){}|,~".contains($0) }
        guard !name.isEmpty else { return nil }
        text = text.dropFirst(name.count)
        let count: Count =
            switch text.first {
            case "!": .once
            case "*": .any
            case "+": .some
            default: .optional
            }
        if let first = text.first, "!*+".contains(first) { text = text.dropFirst() }
        guard let content = readContent(&text) else { return nil }
        return DocumentShape(name: String(name), count: count, content: content)
    }

    private static func readContent(_ text: inout Substring) -> Content? {
        for (mark, content) in [(":int", Content.integer), (":bool", .boolean), ("~", .anything)]
        where text.hasPrefix(mark) {
            text = text.dropFirst(mark.count)
            return content
        }
        if text.first == "(" {
            guard let end = text.firstIndex(of: ")") else { return nil }
            let words = text[..<end].dropFirst().split(separator: "|").map(String.init)
            text = text[text.index(after: end)...]
            return .word(words)
        }
        guard text.first == "{" else { return .text }
        var shapes: [DocumentShape] = []
        repeat {
            text = text.dropFirst()
            guard let shape = read(&text) else { return nil }
            shapes.append(shape)
        } while text.first == ","
        guard text.first == "}" else { return nil }
        text = text.dropFirst()
        return .elements(shapes)
    }
}

extension XMLTree {
    /// Creates an element whose children contain only text.
    init(_ name: String, _ texts: KeyValuePairs<String, String>) {
        self.init(name: name, children: texts.map { XMLTree(name: $0.key, text: $0.value) })
    }

    /// The tree as an XML document.
    var document: Data {
        var xml = XMLWriter(root: name)
        write(contentTo: &xml)
        return xml.finish()
    }

    /// Appends the element to another document.
    func write(to xml: inout XMLWriter) {
        xml.element(name) { write(contentTo: &$0) }
    }

    private func write(contentTo xml: inout XMLWriter) {
        if children.isEmpty { xml.text(text) }
        for child in children { child.write(to: &xml) }
    }

    /// Changes the first child with the given name, if there is one.
    mutating func change(_ name: String, _ body: (inout XMLTree) -> Void) {
        guard let found = children.firstIndex(where: { $0.name == name }) else { return }
        body(&children[found])
    }

    /// Sets the text of the first child with the given name, inserting the child if it is missing.
    mutating func set(_ name: String, _ text: String, at index: Int? = nil) {
        if let found = children.firstIndex(where: { $0.name == name }) {
            children[found].text = text
        } else {
            children.insert(XMLTree(name: name, text: text), at: min(index ?? children.count, children.count))
        }
    }
}
