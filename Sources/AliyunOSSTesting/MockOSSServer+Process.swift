import AliyunOSS
import Foundation

extension MockOSSServer {
    /// A request for an operation that the server does not implement.
    public struct ProcessRequest: Sendable {
        /// Name of the operation, such as `SelectObject`, `ProcessObject` or `PutLiveChannel`.
        public var operation: String
        /// Value of `x-oss-process` or `x-oss-async-process` in the query or body, which specifies how to process the
        /// object; `nil` for other operations.
        public var process: String?
        /// HTTP method.
        public var method: String
        /// Name of the bucket; `nil` for a request to the service.
        public var bucket: String?
        /// Key of the object; `nil` for a request to a bucket or to the service.
        public var key: String?
        /// Decoded query items in the order received.
        public var query: [(name: String, value: String?)]
        /// Header fields in the order received.
        public var headers: HTTPHeaders
        /// Request body.
        public var body: Data
        /// Content of the object to process; `nil` if ``process`` is `nil`.
        public var object: Data?

        /// Creates a request, for use in tests that call a handler directly.
        public init(
            operation: String, process: String? = nil, method: String = "GET", bucket: String? = nil,
            key: String? = nil, query: [(name: String, value: String?)] = [], headers: HTTPHeaders = [:],
            body: Data = Data(), object: Data? = nil
        ) {
            self.operation = operation
            self.process = process
            self.method = method
            self.bucket = bucket
            self.key = key
            self.query = query
            self.headers = headers
            self.body = body
            self.object = object
        }
    }

    /// A response to a ``ProcessRequest``.
    public struct ProcessResponse: Sendable {
        /// HTTP status code.
        public var status: Int
        /// Response headers. They take precedence over those that the server sets.
        public var headers: [String: String]
        /// Response body.
        public var body: Data

        /// Creates a response. The defaults are status 200, no headers and an empty body.
        public init(status: Int = 200, headers: [String: String] = [:], body: Data = Data()) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// Registers a handler for operations that the server does not implement. These are image processing and other uses
    /// of `x-oss-process` and `x-oss-async-process`, SelectObject, live channels, asynchronous fetches and data
    /// pipelines.
    ///
    /// ```swift
    /// server.process { request in
    ///     guard request.process == "image/info" else { return nil }
    ///     return .init(headers: ["Content-Type": "application/json"], body: Data(#"{"ImageWidth":{"value":"1"}}"#.utf8))
    /// }
    /// ```
    ///
    /// The server first authorizes the request and checks that the bucket and the object to process exist. It then
    /// calls the handlers, starting with the one registered last. If no handler responds, it returns `NotImplemented`
    /// with the name of the operation.
    ///
    /// - Parameter handler: A closure that returns the response, or `nil` to pass the request to the handlers
    ///   registered before it. It runs on the connection's thread, which it may block.
    public func process(_ handler: @escaping @Sendable (ProcessRequest) -> ProcessResponse?) {
        core.handlers.add(handler)
    }
}
