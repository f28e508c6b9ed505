extension Options {
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
          --access-key-id ID        verify signatures (V4, V2 and V1, in headers and URLs) with this key
          --access-key-secret S     its secret; the two go together, and may be repeated for more keys
          --security-token T        the token that must come with the key: it is a temporary one
          --account-id ID           the key is another account's than the buckets': what it asks of a bucket whose
                                    requesters pay needs x-oss-request-payer. It may do the rest as the owner may.
          --no-auth                 accept any request, signed or not; the default without a key
          --allow-public-access     new buckets take public ACLs and policies, as those made before 2025-10-13 do; without
                                    it they block public access until DeleteBucketPublicAccessBlock
          --host-suffix HOST        below it the first label is a bucket's name, as in photos.HOST; may be repeated;
                                    localhost always is one
          --cname HOST=BUCKET       the host stands for the bucket; may be repeated. PutCname takes it as verified.
          --callback-host HOST      a host that upload callbacks may go to besides this machine; may be repeated.
                                    Only http:// is spoken.
          --max-buckets N           PutBucket answers TooManyBuckets beyond it; default 1000
          --max-connections N       one more is closed at once; default 16384
          --max-log-requests N      how many requests GET /-/log shows; default 100000
          --max-log-bytes SIZE      what the requests in the log may take, as bytes or with K, M, G or T; beyond it the
                                    older half is dropped; default 128M
          --idle-timeout SECONDS    how long a connection may be silent; default 120
          --clock-offset SECONDS    how far the server's clock is ahead, or behind with a minus; default 0
          --seed N                  what faults with a probability draw from; default 0
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
          POST   /-/reset           forget all objects, added buckets, faults, replies, the log and the counts
          POST   /-/process         a reply for an operation that is not implemented, for example
              {"operation": "ProcessObject", "process": "image/info", "text": "{}"}
            which requests: operation, process, bucket, key; the reply: status, headers, text or base64
          DELETE /-/process         forget the replies
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
