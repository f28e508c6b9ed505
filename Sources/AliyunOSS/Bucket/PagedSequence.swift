/// A listing, fetched from the service page by page while it is iterated. Each iteration queries the service again.
///
/// The sequence ends after the last element or throws: a listing that could not be read to its end never looks complete.
public struct PagedSequence<Element: Sendable, Page: Sendable>: AsyncSequence, Sendable {
    /// The same listing, page by page.
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
        /// A page.
        public typealias Element = Page

        fileprivate let start: ListingProgress
        fileprivate let fetch: @Sendable (inout ListingProgress) async throws -> Page

        /// Creates an iterator that starts at the first page.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(progress: start, fetch: fetch) }

        /// An iterator that fetches one page after the other.
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
    /// Returns the listing with only those elements that satisfy a condition.
    func filteringPages(_ isIncluded: @escaping @Sendable (Element) -> Bool) -> PagedSequence {
        PagedSequence(from: pages.start, elements: elements) { [fetch = pages.fetch] progress in
            try await fetch(&progress).filter(isIncluded)
        }
    }
}

/// The position of an iteration over a listing. Refuses pages that do not lead on, which would make the listing endless.
struct ListingProgress: Sendable {
    /// The prefix that every key must have.
    private let prefix: String
    /// The start of the next page; `nil` before the first one.
    private(set) var marker: PageMarker?
    private(set) var isFinished = false
    private var last: ObjectKey?
    /// The starts of pages since the last page that had a key. Keys only increase, but pages without any key could form a
    /// circle.
    private var visited: Set<PageMarker> = []

    init(prefix: String = "") { self.prefix = prefix }

    /// Advances to the next page, or finishes when there is none.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when the next page was already read.
    mutating func advance(to next: PageMarker?) throws(OSSError) {
        if let next {
            guard next != marker, visited.insert(next).inserted else {
                throw ListingDocument.problem("leads back to a page that was already read")
            }
        }
        marker = next
        isFinished = next == nil
    }

    /// Advances over a page of objects.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when the keys are not in order, do not follow
    ///   those of the page before or do not have the prefix, or when the next page was already read.
    mutating func advance(over page: ObjectPage) throws(OSSError) {
        guard zip(page.objects, page.objects.dropFirst()).allSatisfy({ $0.key <= $1.key }) else {
            throw ListingDocument.problem("is not in the order of its keys")
        }
        let names = page.objects.lazy.map(\.key.rawValue)
        if let stray = names.first(where: { !$0.utf8.starts(with: prefix.utf8) })
            ?? page.commonPrefixes.first(where: { !$0.utf8.starts(with: prefix.utf8) })
        {
            throw ListingDocument.problem("has '\(stray.onOneLine)', which does not start with '\(prefix.onOneLine)'")
        }
        func outermost(_ objects: ObjectSummary?, _ prefix: String?) -> [ObjectKey] {
            [objects?.key, prefix.map(ObjectKey.init(unchecked:))].compactMap { $0 }
        }
        let first = outermost(page.objects.first, page.commonPrefixes.first).min()
        if let first, let last, first <= last { throw ListingDocument.problem("repeats keys of the page before") }
        if first != nil { visited = [] }
        try advance(to: page.nextMarker.map { PageMarker(key: ObjectKey(unchecked: $0)) })
        last = outermost(page.objects.last, page.commonPrefixes.last).max() ?? last
    }

    mutating func finish() { isFinished = true }
}
