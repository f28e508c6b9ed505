/// How the pieces of large files share what a folder transfer may use.
struct TransferContext: Sendable {
    /// From how many bytes on a file is transferred in pieces.
    var multipartThreshold: Int64
    /// The size of a piece, where it is not to depend on that of the file.
    var partSize: Int64?
    /// How many requests may be in the air, for files and pieces alike.
    var concurrency: Int
    /// What becomes of the pieces of a transfer that ends unfinished.
    var interruptionPolicy: InterruptionPolicy
    /// Who has one of these requests.
    var slots: AsyncSemaphore
    /// Who is told of the bytes that move.
    var progress: RunProgress?
    /// Whether nothing is to be written, not even to forget what was begun earlier.
    var isDryRun = false
}
