import AliyunOSS
import Foundation

/// The command `setting`, which prints, replaces or deletes the document of a bucket's setting, unchanged.
struct SettingCommand: Command {
    enum Action: String, CaseIterable, Sendable { case get, set, rm }

    let action: Action
    let name: String
    let setting: SettingAccess
    let bucketName: String
    /// Path of the new document; `-` for standard input.
    let path: String?
    let connection: ConnectionArguments
    let output: OutputArguments

    private struct Report: Encodable {
        var command = Verb.setting
        var succeeded = true
        var action: String
        var setting: String
        var bucket: String
        /// The document, XML or JSON.
        var document: String?
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        action = Action(rawValue: scanned.operands[0]) ?? .get
        name = scanned.operands[1]
        bucketName = try scanned.address(2).bucket
        path = scanned.operands.count > 3 ? scanned.operands[3] : nil
        connection = try ConnectionArguments(scanned)
        output = OutputArguments(scanned)
        guard let setting = try SettingAccess.named(name, id: scanned.values["--id"]) else {
            throw UsageError("unknown setting '\(name)'")
        }
        self.setting = setting
        switch action {
        case .set where path == nil:
            throw UsageError("missing document; use 'setting set \(name) oss://\(bucketName) FILE', or '-' for FILE")
        case .get where path != nil, .rm where path != nil:
            throw UsageError("too many arguments; only 'setting set' takes a document")
        case .set where setting.set == nil: throw UsageError("the setting '\(name)' cannot be replaced")
        case .rm where setting.remove == nil:
            throw UsageError(
                "the setting '\(name)' cannot be removed" + (setting.set == nil ? "" : "; replace it instead"))
        default: break
        }
    }

    func run() async throws -> Int32 {
        // Read first, because reading can fail.
        let document = action == .set ? try await read() : nil
        let bucket = try await Connection.bucket(bucketName, connection)
        switch action {
        case .get: return try await show(bucket)
        case .set: if let document { try await setting.set?(bucket, document) }
        case .rm: try await setting.remove?(bucket)
        }
        if output.json {
            try JSONOutput.print(Report(action: action.rawValue, setting: name, bucket: bucketName))
        } else if !output.quiet {
            let done = action == .set ? "set" : "removed"
            try StandardStream.output.resultLine("\(done) \(name) of oss://\(bucketName)")
        }
        return ExitStatus.success
    }

    private func show(_ bucket: Bucket) async throws -> Int32 {
        guard let document = try await setting.get(bucket) else {
            throw OSSError(.notFound, "the bucket has no \(name)", bucket: bucketName)
        }
        if output.json {
            try JSONOutput.print(
                Report(
                    action: action.rawValue, setting: name, bucket: bucketName,
                    document: String(decoding: document, as: UTF8.self)))
        } else {
            try StandardStream.output.write(document)
            if document.last != UInt8(ascii: "\n") { try StandardStream.output.write(Data("\n".utf8)) }
        }
        return ExitStatus.success
    }

    /// Reads the document from the file or from standard input.
    private func read() async throws -> Data {
        guard let path else { return Data() }
        do {
            guard path == "-" else { return try Data(contentsOf: URL(fileURLWithPath: path)) }
            return try await StandardInput().reduce(into: Data()) { $0.append($1) }
        } catch  where !(error is CancellationError) {
            let source = path == "-" ? "standard input" : "'\(path)'"
            throw OSSError(
                .fileSystem, "cannot read \(source): \((error as NSError).localizedDescription)", underlying: error)
        }
    }
}

/// The operations on a setting, without the type of its document.
struct SettingAccess: Sendable {
    let get: @Sendable (Bucket) async throws -> Data?
    /// `nil` if the setting cannot be replaced.
    let set: (@Sendable (Bucket, Data) async throws -> Void)?
    /// `nil` if the setting cannot be deleted.
    let remove: (@Sendable (Bucket) async throws -> Void)?

    private init<Document>(readOnly setting: BucketSetting<Document, ReadOnlySetting>) {
        get = { try await $0.rawSetting(setting) }
        (set, remove) = (nil, nil)
    }

    private init<Document>(permanent setting: BucketSetting<Document, PermanentSetting>) {
        get = { try await $0.rawSetting(setting) }
        set = { try await $0.setRaw(setting, to: $1) }
        remove = nil
    }

    private init<Document>(_ setting: BucketSetting<Document, RemovableSetting>) {
        get = { try await $0.rawSetting(setting) }
        set = { try await $0.setRaw(setting, to: $1) }
        remove = { try await $0.remove(setting) }
    }

    /// The settings that a bucket has once, by name.
    private static let table: [String: SettingAccess] = [
        "access-monitor": .init(permanent: .accessMonitor),
        "archive-direct-read": .init(permanent: .archiveDirectRead),
        "cors": .init(.cors),
        "encryption": .init(.encryption),
        "https": .init(permanent: .https),
        "lifecycle": .init(.lifecycle),
        "log-fields": .init(.userDefinedLogFields),
        "logging": .init(.logging),
        "object-worm": .init(permanent: .objectWorm),
        "overwrite": .init(.overwrite),
        "policy": .init(.policy),
        "policy-status": .init(readOnly: .policyStatus),
        "public-access-block": .init(.publicAccessBlock),
        "quota": .init(.storageQuota),
        "referer": .init(permanent: .referer),
        "replication": .init(readOnly: .replication),
        "request-payment": .init(permanent: .requestPayment),
        "resource-group": .init(permanent: .resourceGroup),
        "tags": .init(.tags),
        "transfer-acceleration": .init(permanent: .transferAcceleration),
        "versioning": .init(permanent: .versioning),
        "website": .init(.website),
        "worm": .init(readOnly: .worm),
    ]

    /// The settings of which a bucket can have several, by name. The argument is the ID of one.
    private static let families: [String: @Sendable (String) -> SettingAccess] = [
        "inventory": { .init(.inventory($0)) },
        "style": { .init(.style($0)) },
    ]

    /// Names of all settings, sorted.
    static let names = (Array(table.keys) + families.keys).sorted()

    /// Returns the operations on the setting with a name, or `nil` if there is none.
    static func named(_ name: String, id: String?) throws(UsageError) -> SettingAccess? {
        guard let family = families[name] else {
            guard id == nil else { throw UsageError("--id does not apply to the setting '\(name)'") }
            return table[name]
        }
        guard let id else { throw UsageError("the setting '\(name)' requires --id") }
        return family(id)
    }
}
