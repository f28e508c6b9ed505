/// The objects of a listing, one by one. Each loop over it asks the service anew.
public struct ObjectListing: AsyncSequence, Sendable {
    /// One object.
    public typealias Element = ObjectSummary

    /// The same listing page by page, with the common prefixes that a delimiter gives.
    public let pages: ObjectPages

    /// Begins at the first object.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pages: pages.makeAsyncIterator()) }

    /// Hands out the objects of one page after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var pages: ObjectPages.AsyncIterator
        private var objects: ArraySlice<ObjectSummary> = []

        init(pages: ObjectPages.AsyncIterator) { self.pages = pages }

        /// The next object, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> ObjectSummary? {
            while objects.isEmpty {
                guard let page = try await pages.next() else { return nil }
                objects = page.objects[...]
            }
            return objects.removeFirst()
        }
    }
}

/// The pages of a listing. Each loop over it asks the service anew.
public struct ObjectPages: AsyncSequence, Sendable {
    /// One page.
    public typealias Element = ObjectPage

    let client: Client
    let prefix: String
    let delimiter: String?
    let startAfter: String?
    let pageSize: Int
    let paging: ListPaging

    /// Begins at the first page.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(listing: self) }

    /// Fetches one page after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let listing: ObjectPages
        private var progress: ListingProgress

        init(listing: ObjectPages) {
            self.listing = listing
            progress = ListingProgress(prefix: listing.prefix)
        }

        /// The next page, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`. After that there are no more pages.
        public mutating func next() async throws -> ObjectPage? {
            guard !progress.isFinished else { return nil }
            do {
                let operation = try listing.operation(after: progress.marker)
                let response = try await listing.client.perform(operation)
                do throws(OSSError) {
                    let page = try ObjectPage(
                        decoding: response.body, paging: listing.paging, prefix: listing.prefix,
                        marker: listing.marker(after: progress.marker))
                    try progress.advance(over: page)
                    return page
                } catch {
                    throw listing.client.reject(error, operation)
                }
            } catch {
                progress.finish()
                throw error
            }
        }
    }

    /// The value that the response repeats as its marker.
    private func marker(after marker: String?) -> String {
        switch paging {
        case .marker: marker ?? startAfter ?? ""
        case .continuationToken: marker ?? ""
        }
    }

    private func operation(after marker: String?) throws(OSSError) -> Operation {
        guard (1...1000).contains(pageSize) else {
            throw OSSError(.invalidArgument, "a page of a listing has 1 to 1000 keys, not \(pageSize)")
        }
        var operation = Operation(paging == .marker ? "ListObjects" : "ListObjectsV2", .get)
        switch paging {
        case .marker:
            operation.addQuery("marker", ifPresent: marker ?? startAfter)
        case .continuationToken:
            operation.query.append(("list-type", "2"))
            operation.addQuery("continuation-token", ifPresent: marker)
            operation.addQuery("start-after", ifPresent: startAfter)
        }
        if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
        operation.addQuery("delimiter", ifPresent: delimiter)
        operation.query += [("max-keys", String(pageSize)), ("encoding-type", "url")]
        return operation
    }
}

/// How far a listing has come. Refuses pages that do not lead on, which would make it endless.
struct ListingProgress {
    /// The prefix that every key must have.
    private let prefix: String
    /// Where the next page begins; `nil` before the first.
    private(set) var marker: String?
    private(set) var isFinished = false
    private var last: ObjectKey?
    /// Where the pages began since the last one that had a key: keys only go up, but pages without any could lead round in a
    /// circle for ever.
    private var emptyMarkers: Set<ObjectKey> = []

    init(prefix: String = "") { self.prefix = prefix }

    /// Takes a page in.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when its keys do not come after those of the
    ///   page before, or when the next page is one that was read already.
    mutating func advance(over page: ObjectPage) throws(OSSError) {
        guard zip(page.objects, page.objects.dropFirst()).allSatisfy({ $0.key <= $1.key }) else {
            throw ObjectPage.problem("is not in the order of the keys")
        }
        let names = page.objects.lazy.map(\.key.rawValue)
        if let stray = names.first(where: { !$0.utf8.starts(with: prefix.utf8) })
            ?? page.commonPrefixes.first(where: { !$0.utf8.starts(with: prefix.utf8) })
        {
            throw ObjectPage.problem("has '\(stray.onOneLine)', which does not begin with '\(prefix.onOneLine)'")
        }
        var first: ObjectKey?
        var last = self.last
        for key in [page.objects.first?.key, page.commonPrefixes.first.map(ObjectKey.init(unchecked:))] {
            if let key, first.map({ key < $0 }) ?? true { first = key }
        }
        for key in [page.objects.last?.key, page.commonPrefixes.last.map(ObjectKey.init(unchecked:))] {
            if let key, last.map({ $0 < key }) ?? true { last = key }
        }
        if let first, let previous = self.last, first <= previous {
            throw ObjectPage.problem("repeats keys of the page before")
        }
        if let next = page.nextMarker, let marker, next.utf8.elementsEqual(marker.utf8) {
            throw ObjectPage.problem("leads back to the page just read")
        }
        // As keys, because these are compared by their bytes.
        if first != nil { emptyMarkers = [] }
        if let next = page.nextMarker, !emptyMarkers.insert(ObjectKey(unchecked: next)).inserted {
            throw ObjectPage.problem("leads back to a page that was read already")
        }
        self.last = last
        marker = page.nextMarker
        isFinished = page.nextMarker == nil
    }

    mutating func finish() { isFinished = true }
}
