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

    /// Sends a request whose body the library does not interpret, and returns the body of the response.
    func perform(_ operation: Operation, body: [UInt8], isIdempotent: Bool) async throws -> [UInt8] {
        var operation = operation
        operation.isIdempotent = isIdempotent
        if !body.isEmpty { operation.setBody(Data(body), type: "application/xml") }
        return Array(try await perform(operation).body)
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

    /// Returns a header of a response that must contain it.
    func header(_ name: String, of response: HTTPResponse, _ operation: Operation) throws(OSSError) -> String {
        try decode(operation) { () throws(UnreadableDocument) in
            guard let value = response.headers[name], !value.isEmpty else { throw UnreadableDocument(path: name) }
            return value
        }
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

extension OSSError {
    /// Returns whether the service refused to return or delete a document because there is none.
    ///
    /// - Parameter owners: Error codes for a missing owner of the document, such as the bucket.
    func meansAbsence(owners: Set<String> = ["NoSuchBucket"]) -> Bool {
        guard let serviceCode = serviceError?.code, !owners.contains(serviceCode) else { return false }
        return code == .notFound && serviceCode.hasPrefix("NoSuch")
            || code == .refused && serviceCode == "MetaQueryNotExist"
    }
}

/// A page of a listing that continues at a token or a name.
protocol PagedDocument: XMLDocument {
    associatedtype Item: Sendable
    var items: [Item] { get }
    /// Whether there are more pages. A single page may lack it.
    var isTruncated: Bool? { get }
    /// Start of the next page, if there is one.
    var nextToken: String? { get }
}

extension PagedDocument {
    /// Returns the start of the next page, or `nil` on the last page.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` if the next page cannot be reached.
    func nextMarker() throws(OSSError) -> PageMarker? {
        if isTruncated == false { return nil }
        guard let nextToken, !nextToken.isEmpty else {
            guard isTruncated == true else { return nil }
            throw ListingDocument.problem("does not indicate where the next page starts")
        }
        return PageMarker(key: ObjectKey(unchecked: nextToken))
    }
}

extension Client {
    /// Returns a listing whose pages are documents.
    ///
    /// - Parameter operation: Closure that returns the request for the page that starts at a token.
    func list<Page: PagedDocument>(
        _ type: Page.Type, root: String, _ operation: @escaping @Sendable (_ token: String?) -> Operation
    ) -> PagedSequence<Page.Item, [Page.Item]> {
        PagedSequence(elements: { $0 }) { progress in
            let operation = operation(progress.marker?.key.rawValue)
            do {
                let page: Page = try await self.document(operation, root: root)
                try progress.advance(to: page.nextMarker())
                return page.items
            } catch let error as OSSError where progress.marker == nil && error.meansAbsence() {
                try progress.advance(to: nil)
                return []
            } catch let error as OSSError where error.code == .invalidResponse && error.operation == nil {
                throw self.reject(error, operation)
            }
        }
    }
}
