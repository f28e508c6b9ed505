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
