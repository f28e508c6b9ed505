/// The elements of a listing whose pages are chained by a marker.
///
/// A page that leads back to where one began would make the listing endless: it is an error.
struct MarkerPages<Element: Sendable, Marker: Hashable & Sendable>: Sendable {
    /// Fetches the page that begins after a marker, or the first one.
    let fetch: @Sendable (Marker?) async throws -> Page

    struct Page: Sendable {
        var elements: [Element]
        /// Where the next page begins; `nil` on the last.
        var next: Marker?
    }

    func makeIterator() -> Iterator { Iterator(fetch: fetch) }

    /// One pass over all pages.
    struct Iterator {
        fileprivate let fetch: @Sendable (Marker?) async throws -> Page
        private var elements: ArraySlice<Element> = []
        private var marker: Marker?
        private var isFinished = false
        /// Where pages began. It is one for each thousand elements.
        private var visited: Set<Marker> = []

        fileprivate init(fetch: @escaping @Sendable (Marker?) async throws -> Page) { self.fetch = fetch }

        mutating func next() async throws -> Element? {
            while elements.isEmpty {
                guard !isFinished else { return nil }
                // After an error there are no more pages.
                isFinished = true
                let page = try await fetch(marker)
                if let next = page.next, !visited.insert(next).inserted {
                    throw OSSError(
                        .invalidResponse,
                        "the answer to a listing leads back to a page that was read. Check the endpoint"
                    )
                }
                elements = page.elements[...]
                marker = page.next
                isFinished = page.next == nil
            }
            return elements.removeFirst()
        }
    }
}
