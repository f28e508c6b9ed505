import OSSPrimitives

/// An XML document of the service, or an element that contains other elements.
///
/// The table ``elements`` drives both reading and writing. Elements that are not in the table and values that cannot be
/// parsed are stored and written back: a document that was written by a newer client can be read, changed and written
/// without losing anything.
protocol XMLDocument: Sendable, Hashable {
    /// Creates an empty document.
    init()
    /// The known elements, in the order in which they are written.
    static var elements: [XMLElement<Self>] { get }
    /// The content that the table does not describe.
    var unrecognized: UnrecognizedElements { get set }
    /// The first value that the service would refuse, or `nil` if there is none. Required elements are checked without
    /// it.
    var problem: DocumentProblem? { get }
}

/// The elements of a document that this version of the library does not know.
struct UnrecognizedElements: Sendable, Hashable {
    fileprivate(set) var trees: [XMLTree] = []
    /// Text of an element that should contain only other elements.
    fileprivate var text = ""
}

extension UnrecognizedElements: CustomStringConvertible, CustomReflectable {
    /// The names of the elements. Their content is omitted, because it may be a secret.
    var description: String { trees.map(\.name).joined(separator: " ") }

    var customMirror: Mirror { Mirror(self, children: ["names": description]) }
}

/// An invalid value in a document that a caller created.
struct DocumentProblem: Equatable {
    /// Path of the element, relative to the document that reports it; empty for the document itself.
    var element: String
    /// Predicate of the error message, such as `must not be empty`.
    var reason: String

    init(_ element: String, _ reason: String) {
        self.element = element
        self.reason = reason
    }
}

/// A document of the service that lacks a required element.
struct UnreadableDocument: Error, Equatable {
    /// Path of the element that is missing or invalid.
    var path: String
}

extension XMLDocument {
    var problem: DocumentProblem? { nil }

    /// Creates a document from its XML.
    ///
    /// - Throws: ``UnreadableDocument`` if a required element is missing or invalid. A rule without its status, for
    ///   example, would otherwise change its meaning when it is written back.
    init(xml tree: XMLTree) throws(UnreadableDocument) {
        self.init()
        var found: Set<[String]> = []
        unrecognized.trees = try read(tree, below: [], &found)
        if tree.children.isEmpty, !tree.text.allSatisfy(\.isWhitespace) { unrecognized.text = tree.text }
        for element in Self.elements where element.occurrence == .required && !found.contains(element.path) {
            throw UnreadableDocument(path: ([tree.name] + element.path).joined(separator: "/"))
        }
    }

    /// Reads the children of an element and returns those that the table does not describe.
    private mutating func read(
        _ tree: XMLTree, below parents: [String], _ found: inout Set<[String]>
    ) throws(UnreadableDocument) -> [XMLTree] {
        var rest: [XMLTree] = []
        for child in tree.children {
            let path = parents + [child.name]
            do throws(UnreadableDocument) {
                if let element = Self.element(at: path) {
                    // Of an element that should occur once, later occurrences are stored, not read: they may be new.
                    let isFirst = element.occurrence == .repeated || !found.contains(path)
                    if isFirst, try element.read(child, &self) { found.insert(path) } else { rest.append(child) }
                } else if Self.isParent(path) {
                    let inner = try read(child, below: path, &found)
                    if !inner.isEmpty || child.children.isEmpty {
                        rest.append(XMLTree(name: child.name, children: inner))
                    }
                } else {
                    rest.append(child)
                }
            } catch {
                throw UnreadableDocument(path: "\(tree.name)/\(error.path)")
            }
        }
        return rest
    }

    /// Returns the document as an element with the given name.
    ///
    /// - Parameter path: Path of the element, for errors.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if a required element is empty or a value is
    ///   invalid.
    func tree(_ name: String, at path: String) throws(OSSError) -> XMLTree {
        var tree = XMLTree(name: name, text: unrecognized.text)
        for element in Self.elements {
            let written = try element.write(self, "\(path)/\(element.path.joined(separator: "/"))")
            if !written.isEmpty || element.writesEmptyParent { tree.append(written, below: element.path.dropLast()) }
        }
        if let problem {
            let path = problem.element.isEmpty ? path : "\(path)/\(problem.element)"
            throw OSSError(.invalidArgument, "\(path) \(problem.reason)")
        }
        restore(unrecognized.trees, below: [], to: &tree)
        return tree
    }

    /// Adds the elements that are not in the table.
    private func restore(_ rest: [XMLTree], below parents: [String], to tree: inout XMLTree) {
        for child in rest {
            let path = parents + [child.name]
            if Self.isParent(path) {
                tree.append([], below: path[...])
                restore(child.children, below: path, to: &tree)
            } else if let element = Self.element(at: path), element.occurrence != .repeated,
                tree.contains(path[...]), !element.canParse(child)
            {
                // The caller has replaced a value that could not be parsed.
                continue
            } else {
                tree.append([child], below: parents[...])
            }
        }
    }

    private static func element(at path: [String]) -> XMLElement<Self>? { elements.first { $0.path == path } }

    /// Returns whether the path is that of an element that only groups others, such as `TagSet`.
    private static func isParent(_ path: [String]) -> Bool {
        elements.contains { $0.path.count > path.count && $0.path.starts(with: path) }
    }
}

extension XMLElement where Document: XMLDocument {
    /// Returns whether the element is not a text that cannot be parsed.
    fileprivate func canParse(_ tree: XMLTree) -> Bool {
        var document = Document()
        return (try? read(tree, &document)) ?? true
    }
}

extension XMLTree {
    /// Appends elements below a path of names, and creates the elements of the path if they do not exist.
    fileprivate mutating func append(_ added: [XMLTree], below path: ArraySlice<String>) {
        guard let name = path.first else {
            children += added
            return
        }
        if self[name] == nil { children.append(XMLTree(name: name)) }
        for index in children.indices where children[index].name == name {
            children[index].append(added, below: path.dropFirst())
            return
        }
    }

    fileprivate func contains(_ path: ArraySlice<String>) -> Bool {
        path.first.map { self[$0]?.contains(path.dropFirst()) ?? false } ?? true
    }
}

extension XMLWriter {
    /// Writes an element with its content.
    mutating func element(_ tree: XMLTree) {
        element(tree.name) { $0.content(of: tree) }
    }

    /// Writes the text and the children of an element.
    mutating func content(of tree: XMLTree) {
        text(tree.text)
        for child in tree.children { element(child) }
    }
}
