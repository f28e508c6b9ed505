/// A listing that is fetched from the service one page at a time as it is iterated over. Each iteration queries the
/// service again.
///
/// The sequence either ends after the last element or throws an error; a listing that could not be read to its end
/// never looks complete.
public struct PagedSequence<Element: Sendable, Page: Sendable>: AsyncSequence, Sendable {
    /// The same listing as a sequence of pages.
    public let pages: Pages

    private let elements: @Sendable (Page) -> [Element]

    init(
        from start: ListingProgress = ListingProgress(),
        elements: @escaping @Sendable (Page) -> [Element],
        fetch: @escaping @Sendable (inout ListingProgress) async throws -> Page
    ) {
        pages = Pages(start: start, fetch: fetch)
        self.elements = elements
    }

    /// Creates an iterator that starts at the first element.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pages: pages.makeAsyncIterator(), elements: elements)
    }

    /// An iterator over the elements of the pages.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var pages: Pages.AsyncIterator
        fileprivate let elements: @Sendable (Page) -> [Element]
        private var page: ArraySlice<Element> = []

        fileprivate init(pages: Pages.AsyncIterator, elements: @escaping @Sendable (Page) -> [Element]) {
            self.pages = pages
            self.elements = elements
        }

        /// Returns the next element, or `nil` after the last one.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> Element? {
            while page.isEmpty {
                guard let next = try await pages.next() else { return nil }
                page = elements(next)[...]
            }
            return page.removeFirst()
        }
    }

    /// The pages of a listing. Each iteration queries the service again.
    public struct Pages: AsyncSequence, Sendable {
        /// A page of the listing.
        public typealias Element = Page

        fileprivate let start: ListingProgress
        fileprivate let fetch: @Sendable (inout ListingProgress) async throws -> Page

        /// Creates an iterator that starts at the first page.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(progress: start, fetch: fetch) }

        /// An iterator that fetches one page at a time.
        public struct AsyncIterator: AsyncIteratorProtocol {
            fileprivate var progress: ListingProgress
            fileprivate let fetch: @Sendable (inout ListingProgress) async throws -> Page

            /// Returns the next page, or `nil` after the last one.
            ///
            /// - Throws: ``OSSError`` or `CancellationError`. There are no more pages after an error.
            public mutating func next() async throws -> Page? {
                guard !progress.isFinished else { return nil }
                do {
                    return try await fetch(&progress)
                } catch {
                    progress.finish()
                    throw error
                }
            }
        }
    }
}

extension PagedSequence where Page == [Element] {
    /// Returns a listing that contains only the elements that satisfy a condition.
    func filteringPages(_ isIncluded: @escaping @Sendable (Element) -> Bool) -> PagedSequence {
        PagedSequence(from: pages.start, elements: elements) { [fetch = pages.fetch] progress in
            try await fetch(&progress).filter(isIncluded)
        }
    }
}

/// The progress of an iteration over a listing. Pages that would make the listing endless are rejected.
struct ListingProgress: Sendable {
    /// The prefix that every key must have.
    private let prefix: String
    /// The position at which the next page starts; `nil` before the first page.
    private(set) var marker: PageMarker?
    private(set) var isFinished = false
    private var last: ObjectKey?
    /// The markers of the pages read since the last page that contained a key. Keys always increase, but pages without
    /// keys could form a loop.
    private var visited: Set<PageMarker> = []

    init(prefix: String = "") { self.prefix = prefix }

    /// Checks the parameters of a listing against the limits of the service.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    static func check(
        pageSize: Int = 1000, prefix: String, delimiter: String? = nil, startAfter: String? = nil
    ) throws(OSSError) {
        guard (1...1000).contains(pageSize) else {
            throw OSSError(.invalidArgument, "pageSize must be from 1 to 1000 (got \(pageSize))")
        }
        for (name, text) in [("prefix", prefix), ("delimiter", delimiter ?? ""), ("startAfter", startAfter ?? "")]
        where text.utf8.count > 1023 {
            throw OSSError(.invalidArgument, "\(name) must not exceed 1023 bytes (got \(text.utf8.count))")
        }
    }

    /// Advances to the next page, or finishes when there is none.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` if the next page has already been read.
    mutating func advance(to next: PageMarker?) throws(OSSError) {
        if let next {
            guard next != marker, visited.insert(next).inserted else {
                throw ListingDocument.problem("leads back to a page that was already read")
            }
        }
        marker = next
        isFinished = next == nil
    }

    /// Checks a page of objects, and advances past it.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when the keys are not in order, do not follow
    ///   those of the previous page or do not have the prefix, or if the next page has already been read.
    mutating func advance(over page: ObjectPage) throws(OSSError) {
        guard zip(page.objects, page.objects.dropFirst()).allSatisfy({ $0.key <= $1.key }) else {
            throw ListingDocument.problem("is not in key order")
        }
        let names = page.objects.lazy.map(\.key.rawValue)
        if let stray = names.first(where: { !$0.utf8.starts(with: prefix.utf8) })
            ?? page.commonPrefixes.first(where: { !$0.utf8.starts(with: prefix.utf8) })
        {
            throw ListingDocument.problem(
                "contains '\(stray.onOneLine)', which does not start with the prefix '\(prefix.onOneLine)'")
        }
        func outermost(_ objects: ObjectSummary?, _ prefix: String?) -> [ObjectKey] {
            [objects?.key, prefix.map(ObjectKey.init(unchecked:))].compactMap { $0 }
        }
        let first = outermost(page.objects.first, page.commonPrefixes.first).min()
        if let first, let last, first <= last { throw ListingDocument.problem("repeats keys from the previous page") }
        if first != nil { visited = [] }
        try advance(to: page.nextMarker.map { PageMarker(key: ObjectKey(unchecked: $0)) })
        last = outermost(page.objects.last, page.commonPrefixes.last).max() ?? last
    }

    mutating func finish() { isFinished = true }
}
