import AliyunOSS

/// `ossmirror cat`: an object on standard output, in bounded memory however large it is and however slow the reader.
///
/// The checksum is known when the last byte has been written, so a status other than 0 means: do not trust what came.
struct CatCommand {
    let arguments: ObjectArguments

    func run() async throws -> Int32 {
        let key = try ObjectKey(arguments.remote.key)
        let bucket = try await Connection.bucket(arguments.remote.bucket, arguments.connection)
        for try await chunk in try await bucket.getObject(key).body {
            try StandardStream.output.write(chunk)
        }
        return ExitStatus.success
    }
}
