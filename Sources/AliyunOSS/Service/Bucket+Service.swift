import Foundation
import OSSPrimitives

extension Bucket {
    /// Deletes the bucket, which must be empty. (DeleteBucket)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, or ``OSSError/Code/refused`` if the bucket contains
    ///   objects, versions or incomplete multipart uploads (`BucketNotEmpty`).
    public func deleteBucket() async throws {
        do {
            _ = try await client.perform(Operation("DeleteBucket", .delete))
        } catch let error as OSSError where error.saysNoBucket && error.attempts > 1 {
            // The first attempt, whose response was lost, deleted the bucket.
            return
        }
    }

    /// Returns whether the bucket exists. (GetBucketInfo)
    ///
    /// - Throws: ``OSSError``, with code ``OSSError/Code/accessDenied`` if the bucket belongs to another account or the
    ///   credentials do not permit the operation.
    public func exists() async throws -> Bool {
        do {
            _ = try await info()
            return true
        } catch let error as OSSError where error.saysNoBucket {
            return false
        }
    }

    /// Returns the bucket's region, endpoints, storage class and settings. (GetBucketInfo)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the bucket does not exist.
    public func info() async throws -> BucketInfo {
        try await document("GetBucketInfo", "bucketInfo", root: "BucketInfo") { [name] root in
            guard let bucket = root["Bucket"] else { return nil }
            return BucketInfo(bucket).flatMap { $0.name == name ? $0 : nil }
        }
    }

    /// Returns the number and the size of the bucket's objects, about an hour old. (GetBucketStat)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the bucket does not exist.
    public func statistics() async throws -> BucketStatistics {
        try await document("GetBucketStat", "stat", root: "BucketStat", read: BucketStatistics.init)
    }

    /// Returns the location of the bucket, such as `oss-cn-hangzhou`. (GetBucketLocation)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the bucket does not exist.
    public func location() async throws -> String {
        try await document("GetBucketLocation", "location", root: "LocationConstraint") {
            $0.text.isEmpty ? nil : $0.text
        }
    }

    /// Fetches a document about the bucket and reads it.
    private func document<Value>(
        _ name: String, _ parameter: String, root: String, read: (XMLTree) -> Value?
    ) async throws -> Value {
        var operation = Operation(name, .get)
        operation.query = [(parameter, nil)]
        operation.expect(root: root, withETag: false)
        let response = try await client.perform(operation)
        guard let document = try? XMLReader.read(response.body), let value = read(document) else {
            throw client.reject(
                OSSError(
                    .invalidResponse,
                    "the \(root) document lacks a required element or is about another bucket; check the endpoint"),
                operation)
        }
        return value
    }
}

extension OSSError {
    /// Whether the service reports that the bucket does not exist.
    fileprivate var saysNoBucket: Bool { serviceError?.code == "NoSuchBucket" }
}
