import AliyunOSS
import Foundation

/// The transport under test: ``URLSessionTransport``, or `LibcurlTransport` if the environment variable
/// `OSS_TEST_TRANSPORT` is `libcurl`. Buckets of tests follow the same variable.
package struct TestTransport: HTTPTransport {
    package static let isLibcurl = ProcessInfo.processInfo.environment["OSS_TEST_TRANSPORT"] == "libcurl"

    private let base: Result<any ClosableTransport, any Error>

    /// Creates a transport. An error in doing so is thrown by the first request.
    package init(maximumConnections: Int = 64) {
        base = Result { try Self.make(maximumConnections) }
    }

    private static func make(_ maximumConnections: Int) throws -> any ClosableTransport {
        #if os(Linux)
            if isLibcurl {
                var configuration = LibcurlTransport.Configuration()
                configuration.maximumConnections = maximumConnections
                return try LibcurlTransport(configuration: configuration)
            }
        #endif
        var configuration = URLSessionTransport.Configuration()
        configuration.maximumConnections = maximumConnections
        return URLSessionTransport(configuration: configuration)
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse { try await base.get().send(request) }
    package func discardConnections() { try? base.get().discardConnections() }
    package func shutDown() { try? base.get().shutDown() }
}
