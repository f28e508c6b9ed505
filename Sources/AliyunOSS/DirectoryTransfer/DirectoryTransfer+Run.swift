extension DirectoryTransfer {
    /// Carries out the actions of a plan as they come.
    func run(
        _ operation: TransferReport.Operation, _ plan: some AsyncSequence<TransferAction, any Error>,
        _ progress: RunProgress?, _ perform: @escaping @Sendable (TransferAction) async throws -> Int64
    ) async throws -> TransferReport {
        let start = ContinuousClock.now
        var ledger = TransferLedger(operation, options: options)
        var actions = plan.makeAsyncIterator()
        try await BoundedTasks.run(limit: options.concurrency) { () async throws -> TransferAction? in
            guard let action = try await actions.next() else { return nil }
            ledger.start(action)
            return action
        } work: { action in
            do {
                return TransferLedger.Outcome(action: action, result: .success(try await perform(action)))
            } catch {
                return TransferLedger.Outcome(action: action, result: .failure(error))
            }
        } handle: { outcome in
            ledger.finish(outcome)
        }
        await progress?.finish()
        if let fatal = ledger.fatal { throw fatal }
        ledger.close(after: start.duration(to: .now))
        return ledger.report
    }

    /// Refuses options that cannot be right.
    func check(_ options: Options) throws(OSSError) {
        guard options.concurrency > 0 else {
            throw OSSError(.invalidArgument, "the concurrency must be at least 1, and it is \(options.concurrency)")
        }
        if let partSize = options.partSize { try PartPlan.check(partSize: partSize) }
        guard (1...PartPlan.maximumPartSize).contains(options.multipartThreshold) else {
            throw OSSError(.invalidArgument, "multipartThreshold must be from 1 byte to 5 GiB")
        }
    }

    /// Opens the folder that is to be read, once, and makes sure that it can be.
    func openSource(_ folder: String) throws(OSSError) -> SafeDirectory {
        guard !folder.isEmpty else {
            throw OSSError(.invalidArgument, "the local folder must not be empty; '.' is the current one")
        }
        do throws(FileError) {
            let root = try SafeDirectory(folder)
            _ = try DirectoryWalker(root, links: .skip)
            return root
        } catch {
            throw OSSError(folder: error)
        }
    }

    /// Refuses a target that is no folder, before anything is asked of the service. It need not exist.
    func checkTarget(_ folder: String) throws(OSSError) {
        guard !folder.isEmpty else {
            throw OSSError(.invalidArgument, "the local folder must not be empty; '.' is the current one")
        }
        do throws(FileError) {
            _ = try SafeDirectory(folder)
        } catch {
            if !error.isMissing { throw OSSError(folder: error) }
        }
    }
}

extension DirectoryTransfer.Options {
    /// What the files of one run share.
    func pieces() -> PieceOptions {
        PieceOptions(
            multipartThreshold: multipartThreshold, partSize: partSize, concurrency: min(concurrency, 1000),
            whenInterrupted: whenInterrupted, slots: AsyncSemaphore(concurrency), progress: RunProgress(onProgress))
    }
}
