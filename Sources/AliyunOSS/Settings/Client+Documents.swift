import Foundation
import OSSPrimitives

extension Operation {
    /// Sets the body to a document.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the document is invalid.
    mutating func setBody(_ document: some XMLDocument, root: String) throws(OSSError) {
        let tree = try document.tree(root, at: root)
        var writer = XMLWriter(root: root)
        writer.content(of: tree)
        setBody(writer.finish(), type: "application/xml")
    }

    /// Sets the body, its type and its MD5, which the service requires for documents.
    mutating func setBody(_ data: Data, type: String) {
        headers["Content-Type"] = type
        headers["Content-MD5"] = Data(MD5.hash(data)).base64EncodedString()
        body = .data(data)
    }
}

/// A value of a request that the document in the response must repeat.
struct DocumentEcho: Sendable {
    /// Name of the element, a child of the root.
    var element: String
    var text: String

    init(_ element: String, _ text: String) {
        self.element = element
        self.text = text
    }
}

extension HTTPResponse {
    /// Returns the document in the body.
    func document<Document: XMLDocument>(root: String, echo: DocumentEcho?) throws(UnreadableDocument) -> Document {
        guard let tree = try? XMLReader.read(body), tree.name == root else { throw UnreadableDocument(path: root) }
        // On a connection that is out of step, the response to one request is read as the response to the next.
        if let echo, mismatch(of: echo.element, in: tree, with: echo.text) != nil {
            throw UnreadableDocument(path: "\(root)/\(echo.element) with the value '\(echo.text)'")
        }
        return try Document(xml: tree)
    }
}

extension Client {
    /// Sends a request, and returns the document in the response.
    func document<Document: XMLDocument>(
        _ operation: Operation, root: String, echo: DocumentEcho? = nil
    ) async throws -> Document {
        var operation = operation
        operation.expect(root: root, withETag: false)
        let response = try await perform(operation)
        return try decode(operation) { () throws(UnreadableDocument) in
            try response.document(root: root, echo: echo)
        }
    }

    /// Sends a request with a document, and returns the response.
    @discardableResult
    func send(_ document: some XMLDocument, root: String, _ operation: Operation) async throws -> HTTPResponse {
        try await perform(try adding(document, root: root, to: operation))
    }

    /// Returns an operation with a document as its body.
    func adding(
        _ document: some XMLDocument, root: String, to operation: Operation
    ) throws(OSSError) -> Operation {
        var operation = operation
        do throws(OSSError) {
            try operation.setBody(document, root: root)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
        return operation
    }

    /// Returns the result of a closure that reads a response, and rejects the response if it is unreadable.
    func decode<Value>(
        _ operation: Operation, _ read: () throws(UnreadableDocument) -> Value
    ) throws(OSSError) -> Value {
        do throws(UnreadableDocument) {
            return try read()
        } catch {
            // The document may belong to another request on a connection that is out of step.
            throw reject(
                OSSError(
                    .invalidResponse,
                    "the response to \(operation.name) has no valid \(error.path.onOneLine); check the endpoint"),
                operation)
        }
    }
}
