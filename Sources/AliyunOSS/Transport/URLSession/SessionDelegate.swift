import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The session's delegate. It forwards events to the request they concern and declines everything that URLSession would
/// do on its own.
///
/// It is the delegate of the session, because on Linux a data task's own delegate gets few of the calls. On Linux these
/// methods run on the thread that drives all networking of the process (see ``InlineOperationQueue``), so they only
/// copy, count and dispatch.
final class SessionDelegate: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    // Unchecked because NSObject is not Sendable. The only stored properties are a Mutex and an immutable queue.

    private let requests = Mutex<[Int: InFlightRequest]>([:])
    private let control: DispatchQueue

    init(control: DispatchQueue) {
        self.control = control
    }

    /// Registers a request for a task, before the task is resumed.
    func add(_ inFlight: InFlightRequest, for task: URLSessionTask) {
        requests.withLock { $0[task.taskIdentifier] = inFlight }
    }

    private func inFlight(for task: URLSessionTask) -> InFlightRequest? {
        requests.withLock { $0[task.taskIdentifier] }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        if let head = HTTPResponseHead(response) { inFlight(for: dataTask)?.didReceive(head) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard let inFlight = inFlight(for: dataTask) else { return }
        data.withUnsafeBytes { inFlight.didReceive($0) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let inFlight = requests.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        // On Linux, a redirect without a Location completes without a preceding response callback.
        if error == nil, inFlight.awaitsHead, let head = task.response.flatMap(HTTPResponseHead.init) {
            inFlight.didReceive(head)
        }
        inFlight.complete(error)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        needNewBodyStream completionHandler: @escaping @Sendable (InputStream?) -> Void
    ) {
        completionHandler(inFlight(for: task)?.makeBodyStream())
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        #if canImport(FoundationNetworking)
            guard inFlight(for: task)?.mayRefuseRedirect() == true else { return }
        #endif
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        #if canImport(FoundationNetworking)
            // The complete response has arrived by now, and only this disposition ends the task. It cancels the task,
            // which must not be done on this thread.
            inFlight(for: task)?.wasChallenged()
            control.async { completionHandler(.cancelAuthenticationChallenge, nil) }
        #else
            // The evaluation of a server's certificate is a challenge too, and is left to the system.
            let method = challenge.protectionSpace.authenticationMethod
            let isCertificate =
                method == NSURLAuthenticationMethodServerTrust || method == NSURLAuthenticationMethodClientCertificate
            completionHandler(isCertificate ? .performDefaultHandling : .rejectProtectionSpace, nil)
        #endif
    }
}

extension HTTPResponseHead {
    fileprivate init?(_ response: URLResponse) {
        guard let response = response as? HTTPURLResponse else { return nil }
        var headers = HTTPHeaders()
        for case (let name as String, let value as String) in response.allHeaderFields { headers.add(name, value) }
        self.init(status: response.statusCode, headers: headers)
    }
}
