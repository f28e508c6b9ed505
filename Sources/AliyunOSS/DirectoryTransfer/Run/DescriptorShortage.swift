import Foundation

/// Work that needs files of which no more may be open at present. That is no fault of the file: others are closed as they
/// are done, and then there is room.
enum DescriptorShortage {
    private static let advice = "raise the limit of open files (ulimit -n) or lower the concurrency"

    /// Does work, and again when no descriptor was left for it, as long as the run has patience.
    ///
    /// - Throws: what the work throws, or `CancellationError`.
    static func outlasting<T>(_ work: () async throws -> T) async throws -> T {
        var waited = Duration.zero
        var pause = Duration.milliseconds(20)
        while true {
            do {
                return try await work()
            } catch {
                guard isCause(of: error), let patience = Patience.current, waited < patience.limit else { throw error }
                if waited >= .seconds(1) { patience.warn(once: "too many open files: some wait for others; \(advice)") }
            }
            try await Task.sleep(for: pause)
            waited += pause
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Whether it is why something failed.
    static func isCause(of error: any Error) -> Bool {
        switch error {
        case let error as FileError: [EMFILE, ENFILE].contains(error.code)
        case let error as OSSError: error.underlying.map(isCause) ?? false
        case let error as FatalTransferError: isCause(of: error.error)
        default: false
        }
    }
}

extension DirectoryTransfer.Options {
    /// The options with as many requests as this process may have files open for.
    func fitted(to count: (Int) -> Int = DescriptorLimit.requests) -> Self {
        var options = self
        options.concurrency = count(concurrency)
        if options.concurrency < concurrency {
            options.adjustments.append(
                "the concurrency is \(options.concurrency) and not \(concurrency), because this process may have few files open; "
                    + "raise the limit (ulimit -n)")
        }
        return options
    }
}
