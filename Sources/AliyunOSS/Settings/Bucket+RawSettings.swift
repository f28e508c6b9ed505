import Foundation

extension Bucket {
    /// Returns the document of a setting as the service sent it, or `nil` if the bucket has none. The operation is the
    /// `Get…` operation of the setting.
    ///
    /// The document is XML, or JSON for ``BucketSetting/policy``. It is checked as in ``setting(_:)``.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` if the document lacks a required element.
    public func rawSetting<Document, Access>(_ setting: BucketSetting<Document, Access>) async throws -> Data? {
        try await client.rawSetting(setting)
    }

    /// Replaces the document of a setting, which is sent unchanged. The operation is the `Put…` operation of the
    /// setting.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` and the path of the element if the document
    ///   is invalid, before anything is sent.
    public func setRaw<Document, Access: WritableSetting>(
        _ setting: BucketSetting<Document, Access>, to data: Data
    ) async throws {
        try await client.setRaw(setting, to: data)
    }
}

extension Client {
    fileprivate func rawSetting<Document, Access>(_ setting: BucketSetting<Document, Access>) async throws -> Data? {
        try await fetch(setting)?.response.body
    }

    fileprivate func setRaw<Document, Access>(
        _ setting: BucketSetting<Document, Access>, to data: Data
    ) async throws {
        var operation = setting.operation("Put", .put)
        operation.isIdempotent = setting.isIdempotent
        do throws(OSSError) {
            let document: Document
            do throws(UnreadableDocument) {
                document = try setting.read(HTTPResponse(status: 200, headers: [:], body: data), nil)
            } catch {
                throw OSSError(.invalidArgument, "the document has no valid \(error.path.onOneLine)")
            }
            // Reports invalid values, and adds parameters and headers.
            try setting.write(document, &operation)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
        // A setting that is a header has no body.
        if let type = operation.headers["Content-Type"] { operation.setBody(data, type: type) }
        _ = try await perform(operation)
    }
}
