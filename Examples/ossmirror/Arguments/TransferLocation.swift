/// The source or destination of a transfer, as given on the command line.
enum TransferLocation: Equatable, Sendable, CustomStringConvertible {
    case path(String)
    /// Standard input or standard output.
    case standardStream
    case remote(RemoteAddress)

    init(_ text: String) throws(UsageError) {
        if text == "-" {
            self = .standardStream
        } else if RemoteAddress.matches(text) {
            self = .remote(try RemoteAddress(text))
        } else {
            self = .path(text)
        }
    }

    var description: String {
        switch self {
        case .path(let path): path
        case .standardStream: "-"
        case .remote(let address): address.description
        }
    }

    /// The last name in a path or a key, or `nil` if there is none. `photos/` has no name as a key, because it denotes
    /// the objects under a prefix, and has the name `photos` as a path.
    var name: String? {
        switch self {
        case .path(let path): Self.lastName(path.hasSuffix("/") ? String(path.dropLast()) : path)
        case .standardStream: nil
        case .remote(let address): Self.lastName(address.key)
        }
    }

    private static func lastName(_ path: String) -> String? {
        // Search in bytes: a name that starts with a combining mark would form one `Character` with the slash.
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = String(Substring(path.utf8[(slash.map(path.utf8.index(after:)) ?? path.startIndex)...]))
        return name.isEmpty || name == "." || name == ".." ? nil : name
    }
}

extension MirrorCommand {
    /// Creates the command that transfers a folder in the direction that its two arguments determine.
    init(_ scanned: ScannedArguments) throws(UsageError) {
        guard scanned.operands.count == 2 else {
            throw UsageError("--recursive requires one source and one destination; run ossmirror once for each source")
        }
        let (source, target) = (scanned.operands[0], scanned.operands[1])
        switch (try TransferLocation(source), try TransferLocation(target)) {
        case (.path(let path), .remote(let address)):
            try scanned.requireOptions(of: .up)
            direction = .up
            arguments = try MirrorArguments(scanned, local: path, remote: address)
        case (.remote(let address), .path(let path)):
            try scanned.requireOptions(of: .down)
            direction = .down
            arguments = try MirrorArguments(scanned, local: path, remote: address)
        case (.remote(let from), .remote(let address)):
            try scanned.requireOptions(of: .copy)
            direction = .copy(from: from)
            arguments = try MirrorArguments(scanned, local: from.description, remote: address)
        case (.path, .path):
            throw UsageError.localPaths(scanned.verb, target)
        default:
            throw UsageError("'-' is not a folder; use it with 'cp' or 'put' and one object")
        }
        verb = scanned.verb
        if verb == .mv {
            guard arguments.options.retryReport == nil, !arguments.options.deletes else {
                throw UsageError("'mv' does not accept --delete and --retry-failed; use 'sync', or 'cp -r'")
            }
            removesSource = true
        }
    }
}

extension MirrorArguments {
    init(_ scanned: ScannedArguments, local: String, remote: RemoteAddress) throws(UsageError) {
        let symlinks: MirrorOptions.Links? = scanned.choice("--symlinks")
        if symlinks == .follow, scanned.operands.last == local {
            throw UsageError(
                "--symlinks follow does not apply to 'down', which never follows local links; remove the option")
        }
        if scanned.has("--quiet"), scanned.has("--verbose") {
            throw UsageError("--quiet and --verbose exclude each other; remove one of them")
        }
        self.init(
            local: local, remote: remote, connection: try ConnectionArguments(scanned),
            output: OutputArguments(scanned), concurrency: scanned.number("--concurrency"),
            limits: LimitArguments(scanned), symlinks: symlinks,
            emptyDirectories: scanned.has("--empty-directories"),
            failFast: scanned.flags.last { $0 == "--fail-fast" || $0 == "--keep-going" } == "--fail-fast",
            options: try MirrorOptions(scanned))
    }
}

extension ScannedArguments {
    /// Throws an error if an option does not apply to the kind of transfer that the arguments determine.
    func requireOptions(of direction: CommandDescription) throws(UsageError) {
        let kind =
            switch direction.verb {
            case .up: "an upload"
            case .down: "a download"
            default: "a copy between buckets"
            }
        for name in flags + pairs.map(\.name) where direction.option(named: name) == nil {
            guard name != Option.recursive.name, name != Option.delete.name else { continue }
            guard name != Option.versionID.name else { throw UsageError("--version-id does not apply to folders") }
            throw UsageError("\(name) does not apply to \(kind); remove the option")
        }
    }
}

extension UsageError {
    /// The error for a transfer between two local paths.
    static func localPaths(_ verb: Verb, _ destination: String) -> UsageError {
        let advice = RemoteAddress.corrected(destination).map { "; did you mean '\($0)'?" } ?? ""
        return UsageError("'\(verb.rawValue)' requires an OSS address, such as oss://BUCKET/KEY\(advice)")
    }
}
