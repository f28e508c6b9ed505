import AliyunOSSTesting

/// The command line of `oss-mock-server`.
struct Options {
    var configuration = MockOSSServer.Configuration()
    var isVerbose = false
    var wantsHelp = false

    /// What is wrong with a command line, in one line.
    struct Problem: Error {
        var description: String
    }

    init(_ arguments: [String]) throws(Problem) {
        var keyID: String?
        var keySecret: String?
        var acceptsAnything = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            var name = argument
            var attached: String?
            if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                name = String(argument[..<equals])
                attached = String(argument[argument.index(after: equals)...])
            }
            func value() throws(Problem) -> String {
                guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
                    throw Problem(description: "\(name) needs a value")
                }
                return value
            }
            switch name {
            case "--help", "-h": wantsHelp = true
            case "--verbose", "-v": isVerbose = true
            case "--no-auth": acceptsAnything = true
            case "--port":
                let text = try value()
                guard let port = UInt16(text) else {
                    throw Problem(description: "--port needs a number from 0 to 65535, not '\(text)'")
                }
                configuration.port = port
            case "--bucket": configuration.buckets.append(try value())
            case "--data": configuration.storage = .folder(try value())
            case "--region": configuration.region = try value()
            case "--access-key-id": keyID = try value()
            case "--access-key-secret": keySecret = try value()
            default: throw Problem(description: "unknown argument '\(argument)'")
            }
        }
        switch (keyID, keySecret) {
        case (nil, nil): break
        case (let id?, let secret?):
            if acceptsAnything {
                throw Problem(description: "--no-auth and an access key contradict each other; give one of them")
            }
            configuration.accessKeys = [.init(id: id, secret: secret)]
        default:
            throw Problem(description: "--access-key-id and --access-key-secret go together; one of them is missing")
        }
    }

    static let help = """
        USAGE: oss-mock-server [options]

        An Aliyun OSS service for tests, on 127.0.0.1 only. It prints
          listening on http://127.0.0.1:PORT
        when it is ready, and serves until it gets SIGINT or SIGTERM.

        OPTIONS:
          --port N                  the port; 0, the default, takes one that is free
          --bucket NAME             a bucket that exists from the start; may be repeated.
                                    Others can be made with PutBucket.
          --data DIR                keep objects in a folder, for the next run too; default: in memory
          --region R                the region that V4 signatures must name; default cn-hangzhou
          --access-key-id ID        verify signatures (V4 and V1, in headers and URLs) with this key
          --access-key-secret S     its secret; the two go together
          --no-auth                 accept any request, signed or not; the default without a key
          -v, --verbose             one line for every request on standard error
          -h, --help                this text

        CLIENTS: give them the endpoint as printed (path style: /BUCKET/KEY), or
          http://localhost:PORT, which serves BUCKET.localhost too. Example:
            export OSS_ACCESS_KEY_ID=test OSS_ACCESS_KEY_SECRET=test
            ossmirror up site oss://photos/www/ --endpoint http://127.0.0.1:PORT

        CONTROL (JSON, under /-/ which no bucket can be called; not counted as requests):
          GET    /-/stats           requests, bytesReceived, bytesSent, peakConcurrency, objects, openUploads,
                                    connections, openConnections
          GET    /-/log             the requests received, oldest first
          POST   /-/reset           forget all objects, added buckets, faults, the log and the counts
          GET    /-/faults          how often each fault has happened, and how many have not as they should
          DELETE /-/faults          forget the faults
          POST   /-/faults          one fault or an array of them, for example
              {"action": "respond", "status": 503, "code": "ServiceUnavailable", "operation": "PutObject", "times": 2}
              {"action": "truncateBody", "bytes": 100, "operation": "GetObject", "key": "video.mp4"}
            which requests: operation, method, bucket, key, partNumber, range, requestNumber, connection,
              skip (let that many through first), minimumRequestIndex (1: only on a reused connection),
              probability, times (default 1; 0: every time)
            actions and what they need (Docs/Testing.md says what each does):
              respond status code [message]     respondEarly status code    errorInSuccess code
              reply status [headers] [text]     redirect to [status]        challenge
              raw text                          closeAfterApplying          neverAnswer
              closeBeforeReading                closeAfterReading bytes     stopReading bytes
              refuseConnections milliseconds    delay milliseconds          header name [value]
              replaceBody text                  corruptBody offset          gzip
              ignoreRange                       listing kind                truncateBody bytes
              stallBody bytes milliseconds      throttleBody bytesPerSecond dripHead milliseconds
              dripSpaces count milliseconds     chunkBody [ends]            endlessBody
              extraBytes text                   afterwards change [objectKey text milliseconds accessKeyID]
              text may be base64 instead; those that close take closing: finish or reset

        EXIT STATUS: 0 stopped by a signal; 1 could not serve; 2 bad usage
        """
}
