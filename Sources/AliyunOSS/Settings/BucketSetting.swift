import Foundation
import OSSPrimitives

/// A configuration of a bucket, such as ``lifecycle`` or ``encryption``, that is read, replaced and deleted as one
/// document.
///
/// ```swift
/// let rules = try await bucket.setting(.lifecycle)?.rules ?? []
/// try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
/// try await bucket.remove(.encryption)
/// ```
///
/// `Access` is ``ReadOnlySetting``, ``PermanentSetting`` or ``RemovableSetting``: a setting that the service cannot
/// change or delete has no such call.
public struct BucketSetting<Document: Hashable & Sendable, Access: Sendable>: Sendable {
    /// Name of the operations without the verb, such as `BucketLifecycle`.
    let name: String
    let query: [(name: String, value: String?)]
    var headers = HTTPHeaders()
    /// The requested item, which the response must repeat.
    var echo: DocumentEcho?
    /// Error codes for a missing owner of the setting, which do not mean that only the setting is absent.
    var owners: Set<String> = ["NoSuchBucket"]
    /// Whether storing the document twice has the same effect as storing it once.
    var isIdempotent = true
    /// Root element of the document in a response, or `nil` if it is not XML.
    let root: String?
    let empty: @Sendable () -> Document
    let read: @Sendable (HTTPResponse, _ echo: DocumentEcho?) throws(UnreadableDocument) -> Document
    /// Adds a document to the request that stores it.
    var write: @Sendable (Document, inout Operation) throws(OSSError) -> Void
}

/// Access to a setting that only other operations or the service itself change.
public enum ReadOnlySetting: Sendable {}
/// Access to a setting that can be replaced but not deleted.
public enum PermanentSetting: WritableSetting {}
/// Access to a setting that can be replaced and deleted.
public enum RemovableSetting: WritableSetting, DeletableSetting {}
/// Access to a setting that an operation of its own creates, and that can be deleted but not replaced.
public enum CreatedSetting: DeletableSetting {}
/// Access to a setting that can be replaced.
public protocol WritableSetting: Sendable {}
/// Access to a setting that can be deleted.
public protocol DeletableSetting: Sendable {}

extension BucketSetting {
    /// A setting that is an XML document with the given root element.
    static func xml(
        _ name: String, _ query: KeyValuePairs<String, String?>, root: String, headers: HTTPHeaders = [:]
    ) -> Self where Document: XMLDocument {
        Self(
            name: name, query: query.map { ($0.key, $0.value) }, headers: headers, root: root, empty: { Document() },
            read: { (response, echo) throws(UnreadableDocument) in try response.document(root: root, echo: echo) },
            write: { (document, operation) throws(OSSError) in try operation.setBody(document, root: root) })
    }

    /// A setting that is a text in JSON, of at most the given number of bytes.
    static func json(
        _ name: String, _ query: KeyValuePairs<String, String?>, headers: HTTPHeaders = [:], maximumLength: Int = .max
    ) -> Self where Document == String {
        Self(
            name: name, query: query.map { ($0.key, $0.value) }, headers: headers, root: nil, empty: { "" },
            read: { (response, _) throws(UnreadableDocument) in
                guard let text = String(validating: response.body, as: UTF8.self), text.isJSONObject else {
                    throw UnreadableDocument(path: "JSON object")
                }
                return text
            },
            write: { (text, operation) throws(OSSError) in
                guard text.isJSONObject else {
                    throw OSSError(.invalidArgument, "\(name) must be a JSON object (got '\(text.excerpt)')")
                }
                guard text.utf8.count <= maximumLength else {
                    throw OSSError(
                        .invalidArgument, "\(name) must not exceed \(maximumLength) bytes (got \(text.utf8.count))")
                }
                operation.setBody(Data(text.utf8), type: "application/json")
            })
    }

    /// The setting with changed properties.
    func with(_ change: (inout Self) -> Void) -> Self {
        var setting = self
        change(&setting)
        return setting
    }

    func operation(_ verb: String, _ method: HTTPMethod) -> Operation {
        var operation = Operation(verb + name, method)
        operation.query = query
        operation.headers = headers
        return operation
    }
}

extension String {
    fileprivate var isJSONObject: Bool {
        (try? JSONSerialization.jsonObject(with: Data(utf8))) is [String: Any]
    }
}

extension Bucket {
    /// Returns a setting of the bucket, or `nil` if the bucket has none. The operation is the `Get…` operation of the
    /// setting.
    ///
    /// For some settings, such as ``BucketSetting/versioning``, the service returns a document with default values
    /// instead.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` and the path of the element if the document
    ///   lacks a required element.
    public func setting<Document, Access>(_ setting: BucketSetting<Document, Access>) async throws -> Document? {
        try await client.setting(setting)
    }

    /// Replaces a setting of the bucket. The operation is the `Put…` operation of the setting.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` and the path of the element if the document
    ///   is invalid, before anything is sent.
    public func set<Document, Access: WritableSetting>(
        _ setting: BucketSetting<Document, Access>, to document: Document
    ) async throws {
        try await client.set(setting, to: document)
    }

    /// Deletes a setting of the bucket. Deleting a setting that does not exist succeeds. The operation is the
    /// `Delete…` operation of the setting.
    ///
    /// - Throws: ``OSSError``.
    public func remove<Document, Access: DeletableSetting>(_ setting: BucketSetting<Document, Access>) async throws {
        try await client.remove(setting)
    }

    /// Gets a setting, changes it and stores it.
    ///
    /// ```swift
    /// try await bucket.updateSetting(.lifecycle) { $0.rules.append(.init(id: "logs", prefix: "logs/")) }
    /// ```
    ///
    /// Elements that this version of the library does not know remain unchanged. If the document does not change, it is
    /// not sent. The service has no condition for replacing a setting: a change that another client makes at the same
    /// time is overwritten.
    ///
    /// - Parameters:
    ///   - setting: The setting.
    ///   - change: Closure that changes the document. It receives an empty document if the bucket has none.
    /// - Returns: The changed document.
    /// - Throws: ``OSSError``, or any error of `change`.
    @discardableResult
    public func updateSetting<Document, Access: WritableSetting>(
        _ setting: BucketSetting<Document, Access>, _ change: @Sendable (inout Document) throws -> Void
    ) async throws -> Document {
        let old = try await self.setting(setting) ?? setting.empty()
        var document = old
        try change(&document)
        if document != old { try await set(setting, to: document) }
        return document
    }
}

extension Client {
    func setting<Document, Access>(_ setting: BucketSetting<Document, Access>) async throws -> Document? {
        try await fetch(setting)?.document
    }

    /// Returns a setting and the response that contains it, or `nil` if there is none.
    func fetch<Document, Access>(
        _ setting: BucketSetting<Document, Access>
    ) async throws -> (document: Document, response: HTTPResponse)? {
        var operation = setting.operation("Get", .get)
        if let root = setting.root { operation.expect(root: root, withETag: false) }
        do {
            let response = try await perform(operation)
            let document = try decode(operation) { () throws(UnreadableDocument) in
                try setting.read(response, setting.echo)
            }
            return (document, response)
        } catch let error as OSSError where error.meansAbsence(owners: setting.owners) {
            return nil
        }
    }

    func set<Document, Access>(_ setting: BucketSetting<Document, Access>, to document: Document) async throws {
        var operation = setting.operation("Put", .put)
        operation.isIdempotent = setting.isIdempotent
        do throws(OSSError) {
            try setting.write(document, &operation)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
        _ = try await perform(operation)
    }

    func remove<Document, Access>(_ setting: BucketSetting<Document, Access>) async throws {
        do {
            _ = try await perform(setting.operation("Delete", .delete))
        } catch let error as OSSError where error.meansAbsence(owners: setting.owners) {
            return
        }
    }
}
