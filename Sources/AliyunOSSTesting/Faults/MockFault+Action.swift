extension MockFault {
    /// What happens.
    public enum Action: Sendable, Equatable {
        // MARK: Before the reply

        /// Waits before the request's body is read. Combines with any other fault.
        case delay(Duration)
        /// Closes the connection when the request's head has arrived.
        case closeBeforeReading(Closing = .reset)
        /// Closes the connection after that many bytes of the request's body. Matches requests that announce as many.
        case closeAfterReading(bytes: Int, Closing = .reset)
        /// Reads that many bytes of the request's body and then no more, with the connection left open. Matches requests
        /// that announce more.
        case stopReading(after: Int)
        /// Reads the request, does nothing and never answers.
        case neverRespond
        /// Resets the connection and refuses new ones for a while, as a server that is being restarted. (Where the
        /// system cannot refuse them, they are accepted and reset.)
        case refuseConnections(for: Duration)

        // MARK: In place of the reply

        /// Reads the request, does nothing, and answers with the service's error XML.
        case respond(status: Int, code: String, message: String = "Injected by a test.")
        /// Answers with the service's error XML before the request's body has arrived, and closes the connection.
        case respondEarly(status: Int, code: String, Closing = .finish)
        /// Reads the request, does nothing, and answers with this: a gateway's page of HTML, nothing at all, garbage.
        case response(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// Reads the request, does nothing, and answers 200 with the service's error XML.
        case errorInSuccess(code: String, message: String = "Injected by a test.")
        /// Reads the request, does nothing, and answers with a redirect.
        case redirect(status: Int = 307, to: String)
        /// Reads the request, does nothing, and answers 401 with `WWW-Authenticate: Basic`.
        case challenge
        /// Reads the request, does nothing, sends these bytes and closes the connection.
        case raw([UInt8])
        /// Does what was asked, then closes the connection instead of answering.
        case closeAfterApplying(Closing = .reset)

        // MARK: In the content of the reply

        /// Replaces a header of the reply, or adds it, or with `nil` leaves it out. Any header can be changed, also
        /// `Content-Length`, `Date` and `x-oss-request-id`; with a changed `Content-Length` the connection is closed.
        case header(_ name: String, _ value: String?)
        /// Does what was asked and answers with these bytes in place of the body. Matches replies that can have one: none
        /// to HEAD, and none with 204 or 304.
        case replaceBody([UInt8])
        /// Compresses the reply's body and says so with `Content-Encoding: gzip`. The checksum stays that of the object.
        case gzip
        /// Inverts one byte of the reply's body. Matches replies that have it.
        case corruptBody(at: Int)
        /// Answers 200 with the whole object although a range was asked for. Matches GetObject with a range that would
        /// otherwise be answered with a part, or refused.
        case ignoreRange
        /// Makes a listing wrong. Matches pages of ListObjects and ListObjectsV2 that have what it needs: two objects or
        /// two common prefixes to be unsorted, one of them to be duplicated.
        case listing(ListingFault)

        // MARK: In the sending of the reply

        /// Closes the connection after that many bytes of the reply's body. Matches replies that have more.
        case truncateBody(after: Int, Closing = .finish)
        /// Sends that many bytes of the reply's body, pauses, and goes on. Matches replies that have more.
        case stallBody(after: Int, for: Duration)
        /// Sends the reply's body slowly. Matches replies that have a body.
        case throttleBody(bytesPerSecond: Int)
        /// Sends the reply's status line and headers one byte at a time, with a pause after each.
        case dripHead(every: Duration)
        /// Sends the head, then spaces with a pause after each, then the body: what the service does while it completes
        /// a large upload. Matches replies that have a body.
        case dripSpaces(count: Int, every: Duration)
        /// Sends the reply's body in chunks, with or without the chunk that ends it; without, the connection is closed.
        case chunkBody(ends: Bool)
        /// Sends the reply's body in chunks and goes on sending zeros until the peer hangs up.
        case endlessBody
        /// Sends more bytes after the reply's body than it announced.
        case extraBytes([UInt8])

        // MARK: After the request

        /// Changes something once the request has been served, or a fault has answered in the service's place, before
        /// the reply is sent. Matches no request that another fault leaves without an answer, but for
        /// ``closeAfterApplying(_:)``.
        case afterwards(StateChange)
    }

    /// How a listing can be wrong.
    public enum ListingFault: String, Sendable, CaseIterable {
        /// The first object stands in it twice.
        case duplicated
        /// Its objects stand in reverse order.
        case unsorted
        /// Each page is the first one, and says that there are more.
        case endless
        /// It says that there are more pages and not where.
        case withoutMarker
    }

    /// Something that changes between two requests.
    public enum StateChange: Sendable, Equatable {
        /// Somebody else stores an object, in the bucket of the request; `nil` is the request's own key.
        case putObject(key: String?, bytes: [UInt8])
        /// Somebody else deletes an object, in the bucket of the request; `nil` is the request's own key.
        case deleteObject(key: String?)
        /// All multipart uploads of the bucket are aborted.
        case abortUploads
        /// The server's clock is set forward, or with a negative duration back.
        case moveClock(by: Duration)
        /// An access key's token expires.
        case expireToken(accessKeyID: String)
    }
}

extension MockFault.Action {
    /// The kinds of faults, of which a request meets one each.
    enum Slot {
        case delay, response, range, listing, content, sending, header, state

        var isExclusive: Bool { self != .header && self != .state }
    }

    /// The kind, for the faults that a request meets before it is served; `nil` when it does not concern the request.
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

    /// The kind, for the faults in the content of a reply, whose body is so long or cannot be; `nil` when it does not
    /// concern the reply.
    func slot(forContentOf length: Int?) -> Slot? {
        switch self {
        case .corruptBody(let offset): offset < length ?? 0 ? .content : nil
        case .gzip: length ?? 0 > 0 ? .content : nil
        case .replaceBody: length != nil ? .content : nil
        default: nil
        }
    }

    /// The kind, for the faults that a reply meets when it is sent; `nil` when it does not concern the reply.
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
    /// Whether a request has the bucket and the key that the change needs.
    func concerns(_ facts: RequestFacts) -> Bool {
        switch self {
        case .putObject(let key, _), .deleteObject(let key): facts.bucket != nil && (key ?? facts.key) != nil
        case .abortUploads: facts.bucket != nil
        case .moveClock, .expireToken: true
        }
    }
}
