import Foundation
import OSSPrimitives

extension Bucket {
    /// Processes an object, such as an image, and returns the result. (GetObject with `x-oss-process`)
    ///
    /// ```swift
    /// let thumbnail = try await bucket.processedObject("photo.jpg", "image/resize,w_100").data
    /// ```
    ///
    /// The length of the result is compared if the service announces it. It has no checksum.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - process: Instruction, such as `image/resize,w_100` or `style/thumbnail`.
    ///   - versionID: ID of the version. Default: the current version.
    ///   - limit: Maximum number of bytes of the result. Default: 64 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, ``OSSError/Code/refused`` if the object cannot be
    ///   processed, or ``OSSError/Code/bodyTooLarge``.
    public func processedObject(
        _ key: ObjectKey, _ process: String, versionID: String? = nil, upTo limit: Int = 64 << 20
    ) async throws -> ProcessedContent {
        var operation = Operation("GetObject", .get, key: key)
        operation.query = [("x-oss-process", try client.checked(process, operation))]
        operation.addQuery("versionId", ifPresent: versionID)
        guard limit >= 0 else {
            let problem = OSSError(.invalidArgument, "upTo must not be negative (got \(limit))")
            throw client.describe(problem, operation, attempts: 0)
        }
        operation.destination = .memory(limit: limit)
        let response = try await client.perform(operation)
        return ProcessedContent(
            data: response.body, contentType: response.headers["Content-Type"],
            requestID: response.headers["x-oss-request-id"])
    }

    /// Processes an object, such as an image, and stores the result as another object. (ProcessObject)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - process: Instruction, such as `image/resize,w_100`.
    ///   - destination: Key of the result. An existing object is replaced.
    ///   - bucket: Bucket of the result. Default: this bucket.
    /// - Returns: The size of the result.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, or ``OSSError/Code/refused`` if the object cannot
    ///   be processed.
    @discardableResult
    public func processObject(
        _ key: ObjectKey, _ process: String, savingTo destination: ObjectKey, in bucket: String? = nil
    ) async throws -> ProcessedObject {
        var operation = Operation("ProcessObject", .post, key: key)
        var instruction = try client.checked(process, operation)
        do throws(OSSError) {
            try destination.validate()
            instruction += "|sys/saveas,o_" + Self.urlSafeBase64(destination.rawValue)
            if let bucket {
                try BucketName.validate(bucket)
                instruction += ",b_" + Self.urlSafeBase64(bucket)
            }
        } catch {
            throw client.describe(error, operation, attempts: 0)
        }
        operation.query = [("x-oss-process", nil)]
        operation.setBody(Data("x-oss-process=\(instruction)".utf8), type: Self.formType)
        let document: ProcessDocument = try await client.json(operation)
        guard let status = document.status, document.object ?? "" == "" || document.object == destination.rawValue
        else {
            let problem = "the response is not about the object '\(destination.rawValue.onOneLine)'; try again"
            throw client.reject(OSSError(.invalidResponse, problem), operation)
        }
        guard status == "OK" else {
            let problem = "the object could not be processed (status \(status.onOneLine)); check the instruction"
            throw client.describe(OSSError(.refused, problem), operation)
        }
        return ProcessedObject(key: destination, bucket: bucket ?? name, size: document.fileSize)
    }

    /// Starts to process an object, such as a video, and returns at once. (AsyncProcessObject)
    ///
    /// A request that may have arrived is not retried, because the object could be processed twice.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - process: Instruction, including the destination (`sys/saveas`) and notification.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, or ``OSSError/Code/refused`` if the object cannot
    ///   be processed.
    public func startProcessingObject(_ key: ObjectKey, _ process: String) async throws -> ProcessTask {
        var operation = Operation("AsyncProcessObject", .post, key: key)
        operation.isIdempotent = false
        let instruction = try client.checked(process, operation)
        operation.query = [("x-oss-async-process", nil)]
        operation.setBody(Data("x-oss-async-process=\(instruction)".utf8), type: Self.formType)
        return try await client.json(operation)
    }

    private static var formType: String { "application/x-www-form-urlencoded" }

    private static func urlSafeBase64(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
}

extension Client {
    /// Returns an instruction for processing an object if it is valid.
    fileprivate func checked(_ process: String, _ operation: Operation) throws(OSSError) -> String {
        // The service separates parameters in the body by ampersands.
        guard !process.isEmpty, !process.contains("&") else {
            let problem = OSSError(.invalidArgument, "process must not be empty or contain '&'")
            throw describe(problem, operation, attempts: 0)
        }
        return process
    }

    /// Sends a request, and returns the JSON in the response.
    fileprivate func json<Value: Decodable>(_ operation: Operation) async throws -> Value {
        var operation = operation
        operation.verify = { $0.failureInSuccess }
        let response = try await perform(operation)
        return try decode(operation) { () throws(UnreadableDocument) in
            guard let value = try? JSONDecoder().decode(Value.self, from: response.body) else {
                throw UnreadableDocument(path: "JSON object")
            }
            return value
        }
    }
}

private struct ProcessDocument: Decodable {
    var object: String?
    var fileSize: Int64?
    var status: String?
}

/// The result of processing an object.
public struct ProcessedContent: Sendable, Hashable {
    /// Content.
    public var data: Data
    /// `Content-Type` header.
    public var contentType: String?
    /// ID of the request.
    public var requestID: String?
}

/// An object with the result of processing another object.
public struct ProcessedObject: Sendable, Hashable {
    /// Key of the object.
    public var key: ObjectKey
    /// Bucket of the object.
    public var bucket: String
    /// Size in bytes; `nil` if the response did not include it.
    public var size: Int64?
}

/// A task of the service that processes an object.
public struct ProcessTask: Sendable, Hashable, Decodable {
    /// ID of the task.
    public var taskID: String
    /// ID of the event.
    public var eventID: String?
    /// ID of the request.
    public var requestID: String?

    private enum CodingKeys: String, CodingKey {
        case taskID = "TaskId"
        case eventID = "EventId"
        case requestID = "RequestId"
    }
}
