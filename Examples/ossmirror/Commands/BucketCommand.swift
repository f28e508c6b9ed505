import AliyunOSS

/// The commands `mb`, which creates a bucket, and `rb`, which deletes an empty bucket.
struct BucketCommand: Command {
    let verb: Verb
    let name: String
    let connection: ConnectionArguments
    let output: OutputArguments
    let options: CreateBucketOptions

    private struct Report: Encodable {
        var command: Verb
        var succeeded = true
        var bucket: String
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        verb = scanned.verb
        name = try scanned.address(0).bucket
        connection = try ConnectionArguments(scanned)
        output = OutputArguments(scanned)
        let acl: MirrorOptions.AccessControlList? = scanned.choice("--acl")
        options = CreateBucketOptions(
            storageClass: scanned.values["--storage-class"].map { StorageClass(rawValue: $0) },
            redundancy: scanned.values["--redundancy"].map { DataRedundancy(rawValue: $0) },
            accessControl: acl.map { AccessControl(rawValue: $0.rawValue) })
    }

    func run() async throws -> Int32 {
        if verb == .mb {
            try await Connection.service(connection).createBucket(name, options: options)
        } else {
            try await delete()
        }
        if output.json {
            try JSONOutput.print(Report(command: verb, bucket: name))
        } else if !output.quiet {
            try StandardStream.output.resultLine("\(verb == .mb ? "created" : "deleted") oss://\(name)")
        }
        return ExitStatus.success
    }

    private func delete() async throws {
        do {
            try await Connection.bucket(name, connection).deleteBucket()
        } catch var error as OSSError where error.serviceError?.code == "BucketNotEmpty" {
            error.message +=
                " Remove its objects first (rm -r --force oss://\(name)), versions and incomplete uploads included"
            throw error
        }
    }
}
