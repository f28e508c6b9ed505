/// The transfer of one file or object, with its destination resolved.
enum ObjectTransfer: Equatable, Sendable {
    /// Uploads a file or, if the path is `nil`, standard input.
    case upload(path: String?, to: RemoteAddress)
    /// Downloads an object to a file or, if the path is `nil`, to standard output.
    case download(RemoteAddress, path: String?)
    case copy(RemoteAddress, to: RemoteAddress)

    /// Resolves the destination of each source.
    ///
    /// - Parameters:
    ///   - isFolder: A closure that returns whether a local path is an existing directory.
    static func plan(
        _ sources: [TransferLocation], to destination: TransferLocation, verb: Verb, isFolder: (String) -> Bool
    ) throws(UsageError) -> [ObjectTransfer] {
        var transfers: [ObjectTransfer] = []
        for source in sources {
            let transfer = try ObjectTransfer(source, to: destination, verb: verb, isFolder: isFolder)
            if destination != .standardStream,
                let other = transfers.firstIndex(where: { $0.destination == transfer.destination })
            {
                let advice =
                    sources.count == transfers.count + 1 && transfers.count == 1
                    ? "add '/' to the destination if it is a folder" : "run ossmirror once for each destination"
                throw UsageError(
                    "'\(sources[other])' and '\(source)' have the same destination, \(transfer.destination); \(advice)")
            }
            transfers.append(transfer)
        }
        return transfers
    }

    private init(
        _ source: TransferLocation, to destination: TransferLocation, verb: Verb, isFolder: (String) -> Bool
    ) throws(UsageError) {
        if case .remote(let address) = source, source.name == nil {
            throw UsageError("\(address) is a bucket or a prefix, not an object; add --recursive, or a key")
        }
        switch (source, destination) {
        case (.path(let path), .remote(let address)):
            guard !isFolder(path) else { throw UsageError("'\(path)' is a folder; add --recursive") }
            self = .upload(path: path, to: try address.receiving(source))
        case (.standardStream, .remote(let address)):
            guard destination.name != nil else {
                throw UsageError("standard input has no name; add a key to the destination \(address)")
            }
            self = .upload(path: nil, to: address)
        case (.remote(let address), .standardStream):
            self = .download(address, path: nil)
        case (.remote(let address), .path(let path)):
            let name = source.name ?? ""
            guard path.hasSuffix("/") || isFolder(path) else {
                self = .download(address, path: path)
                return
            }
            self = .download(address, path: path.hasSuffix("/") ? path + name : path + "/" + name)
        case (.remote(let from), .remote(let address)):
            let target = try address.receiving(source)
            guard from != target else { throw UsageError("\(from) is both the source and the destination") }
            self = .copy(from, to: target)
        case (.path, .path), (.path, .standardStream), (.standardStream, _):
            throw UsageError.localPaths(verb, destination.description)
        }
    }

    var source: TransferLocation {
        switch self {
        case .upload(let path, _): path.map { .path($0) } ?? .standardStream
        case .download(let address, _), .copy(let address, _): .remote(address)
        }
    }

    var destination: TransferLocation {
        switch self {
        case .upload(_, let address), .copy(_, let address): .remote(address)
        case .download(_, let path): path.map { .path($0) } ?? .standardStream
        }
    }

    /// The command whose options apply to the transfer.
    var direction: CommandDescription {
        switch self {
        case .upload: .up
        case .download: .down
        case .copy: .copy
        }
    }

    /// The past participle of the action.
    var participle: String {
        switch self {
        case .upload: "uploaded"
        case .download: "downloaded"
        case .copy: "copied"
        }
    }
}

extension RemoteAddress {
    /// Returns the address at which this destination receives a source: in a bucket or under a prefix that ends with
    /// `/`, the source keeps its name.
    fileprivate func receiving(_ source: TransferLocation) throws(UsageError) -> RemoteAddress {
        guard key.isEmpty || key.hasSuffix("/") else { return self }
        guard let name = source.name else { throw UsageError("'\(source)' has no name; add a key to \(self)") }
        return RemoteAddress(bucket: bucket, key: key + name)
    }
}
