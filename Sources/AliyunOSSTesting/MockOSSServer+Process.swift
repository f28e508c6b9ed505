import AliyunOSS
import Foundation

extension MockOSSServer {
    /// A request for an operation that the server does not implement.
    public struct ProcessRequest: Sendable {
        /// The operation, such as `SelectObject`, `ProcessObject` or `PutLiveChannel`.
        public var operation: String
        /// What is to be done with the object: the value of `x-oss-process` or `x-oss-async-process`, which stands in the
        /// query or in the body. `nil` for other operations.
        public var process: String?
        /// The HTTP method.
        public var method: String
        /// The bucket; `nil` for a request to the service.
        public var bucket: String?
        /// The key; `nil` for a request to a bucket or to the service.
        public var key: String?
        /// The decoded query in the order received.
        public var query: [(name: String, value: String?)]
        /// The header fields in the order received.
        public var headers: HTTPHeaders
        /// The body of the request.
        public var body: Data
        /// The bytes of the object to be processed. `nil` unless ``process`` says what to do with it.
        public var object: Data?
    }

    /// The answer to a ``ProcessRequest``.
    public struct ProcessResponse: Sendable {
        /// The HTTP status.
        public var status: Int
        /// Headers, which take the place of the server's own.
        public var headers: [String: String]
        /// The body.
        public var body: Data

        /// Makes a reply. The defaults are status 200, no headers and no body.
        public init(status: Int = 200, headers: [String: String] = [:], body: Data = Data()) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// Answers the operations that the server does not implement: image processing and whatever else is asked for with
    /// `x-oss-process` or `x-oss-async-process`, SelectObject, live channels, asynchronous fetches, data pipelines.
    ///
    /// ```swift
    /// server.process { request in
    ///     guard request.process == "image/info" else { return nil }
    ///     return .init(headers: ["Content-Type": "application/json"], body: Data(#"{"ImageWidth":{"value":"1"}}"#.utf8))
    /// }
    /// ```
    ///
    /// The handler that was registered last is asked first. The request is authorized before, its bucket exists, and so
    /// does the object that is to be processed. Without a reply the answer is `NotImplemented`, which names the operation.
    ///
    /// - Parameter handler: Returns the reply, or `nil` to leave the request to the handlers before it. It runs on the
    ///   thread of the connection and may block it.
    public func process(_ handler: @escaping @Sendable (ProcessRequest) -> ProcessResponse?) {
        core.handlers.add(handler)
    }
}
