extension MockFault {
    /// The effect of a fault.
    public enum Action: Sendable, Equatable {
        /// Default message of injected errors.
        public static let defaultMessage = "Injected by a test."

        // MARK: Before the response

        /// Waits before the request body is read. Combines with any other fault.
        case delay(Duration)
        /// Closes the connection after the request head has arrived.
        case closeBeforeReading(Closing = .reset)
        /// Closes the connection after reading the given number of request body bytes. Matches requests that announce
        /// at least that many bytes.
        case closeAfterReading(bytes: Int, Closing = .reset)
        /// Reads only the given number of request body bytes and leaves the connection open. Matches requests that
        /// announce more than that many bytes.
        case stopReading(after: Int)
        /// Reads the request, but neither performs it nor responds.
        case neverRespond
        /// Resets the connection and refuses new connections for the given time, like a server that is restarting.
        /// Where the system cannot refuse connections, they are accepted and reset.
        case refuseConnections(for: Duration)

        // MARK: Instead of the response

        /// Reads the request and, without performing it, responds with the service's error XML.
        case respond(status: Int, code: String, message: String = defaultMessage)
        /// Responds with the service's error XML before the request body has arrived, and closes the connection.
        case respondEarly(status: Int, code: String, Closing = .finish)
        /// Reads the request and, without performing it, sends the given response, such as a gateway's HTML page.
        case response(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// Reads the request and, without performing it, responds with status 200 and the service's error XML.
        case errorInSuccess(code: String, message: String = defaultMessage)
        /// Reads the request and, without performing it, responds with a redirect.
        case redirect(status: Int = 307, to: String)
        /// Reads the request and, without performing it, responds with status 401 and a `WWW-Authenticate` header that
        /// requests Basic authentication.
        case challenge
        /// Reads the request without performing it, sends the given bytes, and closes the connection.
        case raw([UInt8])
        /// Performs the request and closes the connection without a response.
        case closeAfterApplying(Closing = .reset)

        // MARK: In the content of the response

        /// Replaces or adds a response header, or removes the header if the value is `nil`. Applies to any header,
        /// including `Content-Length`, `Date` and `x-oss-request-id`. A changed `Content-Length` closes the connection.
        case header(_ name: String, _ value: String?)
        /// Performs the request and replaces the response body. Matches responses that can have a body, which excludes
        /// responses to HEAD and those with status 204 or 304.
        case replaceBody([UInt8])
        /// Compresses the response body with gzip and adds a `Content-Encoding` header. The checksum header is not
        /// changed.
        case gzip
        /// Inverts one byte of the response body. Matches responses whose body has a byte at that offset.
        case corruptBody(at: Int)
        /// Responds with status 200 and the entire object to a request for a range. Matches a GetObject whose range
        /// would otherwise be satisfied or rejected.
        case ignoreRange
        /// Makes a listing invalid. Matches pages of ListObjects and ListObjectsV2 that can be changed this way:
        /// `unsorted` requires two objects or two common prefixes, and `duplicated` requires one of either.
        case listing(ListingFault)

        // MARK: In the transmission of the response

        /// Closes the connection after sending the given number of response body bytes. Matches response bodies that are longer than that.
        case truncateBody(after: Int, Closing = .finish)
        /// Sends the given number of response body bytes, pauses, and then sends the rest. Matches longer response
        /// bodies.
        case stallBody(after: Int, for: Duration)
        /// Limits the rate at which the response body is sent. Matches responses with a body.
        case throttleBody(bytesPerSecond: Int)
        /// Sends the status line and the headers one byte at a time, with a pause after each byte.
        case dripHead(every: Duration)
        /// Sends the head, spaces with a pause after each, and then the body. The service responds like this while it
        /// completes a large upload. Matches responses with a body.
        case dripSpaces(count: Int, every: Duration)
        /// Sends the response body in chunks, with or without the last chunk. If the last chunk is omitted, the
        /// connection is closed.
        case chunkBody(ends: Bool)
        /// Sends the response body in chunks, followed by zeros until the peer closes the connection.
        case endlessBody
        /// Sends additional bytes after the announced response body.
        case extraBytes([UInt8])

        // MARK: After the request

        /// Changes the server's state after the service or another fault has produced the response, but before the
        /// response is sent. Does not match requests that get no response because of another fault, except
        /// ``closeAfterApplying(_:)``.
        case afterwards(StateChange)
    }

    /// A way in which a listing is invalid.
    public enum ListingFault: String, Sendable, CaseIterable {
        /// Repeats the first item.
        case duplicated
        /// Reverses the order of the items.
        case unsorted
        /// Returns the first page for every request, and always marks it as truncated.
        case endless
        /// Returns a truncated page without the marker for the next page.
        case withoutMarker
    }

    /// A change to the server's state between two requests.
    public enum StateChange: Sendable, Equatable {
        /// Stores an object in the request's bucket, as another client might. If the key is `nil`, the request's key is
        /// used.
        case putObject(key: String?, bytes: [UInt8])
        /// Deletes an object in the request's bucket, as another client might. If the key is `nil`, the request's key
        /// is used.
        case deleteObject(key: String?)
        /// Aborts all multipart uploads in the request's bucket.
        case abortUploads
        /// Moves the server's clock forward, or backward if the duration is negative.
        case moveClock(by: Duration)
        /// Expires the security token of an access key.
        case expireToken(accessKeyID: String)
    }
}

extension MockFault.Action {
    /// Name of the action, such as `truncateBody`.
    var name: String {
        // The description of an enumeration value starts with the name of its case.
        String("\(self)".prefix { $0.isLetter })
    }

    /// A kind of fault. At most one fault of each exclusive kind applies to a request.
    enum Slot {
        case delay, response, range, listing, content, sending, header, state

        var isExclusive: Bool { self != .header && self != .state }
    }

    /// Returns the fault's kind, or `nil` if the fault does not apply before the request is served.
    func slot(for facts: RequestFacts) -> Slot? {
        switch self {
        case .delay: .delay
        case .respond, .respondEarly, .response, .errorInSuccess, .redirect, .challenge, .raw, .closeAfterApplying,
            .closeBeforeReading, .neverRespond, .refuseConnections:
            .response
        case .closeAfterReading(let bytes, _): facts.bodyLength.map { $0 >= bytes } ?? true ? .response : nil
        case .stopReading(let bytes): facts.bodyLength.map { $0 > bytes } ?? true ? .response : nil
        case .ignoreRange, .listing, .afterwards, .truncateBody, .stallBody, .throttleBody, .corruptBody, .header,
            .replaceBody, .gzip, .dripHead, .dripSpaces, .chunkBody, .endlessBody, .extraBytes:
            nil
        }
    }

    /// Returns the fault's kind, or `nil` if the fault does not apply to the content of a response.
    func slot(forContentOf length: Int?) -> Slot? {
        switch self {
        case .corruptBody(let offset): offset < length ?? 0 ? .content : nil
        case .gzip: length ?? 0 > 0 ? .content : nil
        case .replaceBody: length != nil ? .content : nil
        default: nil
        }
    }

    /// Returns the fault's kind, or `nil` if the fault does not apply while a response is being sent.
    func slot(forSendingOf length: Int) -> Slot? {
        switch self {
        case .truncateBody(let offset, _), .stallBody(let offset, _): offset < length ? .sending : nil
        case .throttleBody, .dripSpaces, .chunkBody: length > 0 ? .sending : nil
        case .dripHead, .endlessBody, .extraBytes: .sending
        case .header: .header
        default: nil
        }
    }
}

extension MockFault.StateChange {
    /// Returns whether a request names the bucket and key that the change needs.
    func concerns(_ facts: RequestFacts) -> Bool {
        switch self {
        case .putObject(let key, _), .deleteObject(let key): facts.bucket != nil && (key ?? facts.key) != nil
        case .abortUploads: facts.bucket != nil
        case .moveClock, .expireToken: true
        }
    }
}
