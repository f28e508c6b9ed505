extension Options {
    static let help = """
        USAGE: oss-mock-server [options]

        Runs an Aliyun OSS server for tests on 127.0.0.1. When it is ready, it prints
          listening on http://127.0.0.1:PORT
        and serves until it receives SIGINT or SIGTERM.

        OPTIONS:
          --port N                  port; default: 0, which selects a free port
          --bucket NAME             create a bucket at startup; repeatable
          --data DIR                store objects in a folder and load them at the next startup; default: in memory
          --region R                region required in V4 signatures; default: cn-hangzhou
          --access-key-id ID        verify signatures (V4, V2 and V1, in headers and URLs) with this key
          --access-key-secret S     secret of the key; required with --access-key-id; repeat both for more keys
          --security-token T        security token that requests must include when they use the key, as with temporary keys
          --account-id ID           account that the key belongs to, if that account does not own the buckets. The account
                                    has the owner's rights, but needs x-oss-request-payer for buckets whose requesters
                                    pay.
          --no-auth                 accept every request, signed or not (default if no key is given)
          --allow-public-access     accept public ACLs and policies in new buckets, as the service did before 2025-10-13.
                                    By default, new buckets block public access until DeleteBucketPublicAccessBlock.
          --host-suffix HOST        host name that can follow a bucket name, as in photos.HOST, in addition to
                                    localhost; repeatable
          --cname HOST=BUCKET       custom host of a bucket, which PutCname accepts as verified; repeatable
          --callback-host HOST      host that upload callbacks can reach in addition to this machine; repeatable.
                                    Only http:// is supported.
          --max-buckets N           maximum number of buckets, after which PutBucket returns TooManyBuckets; default: 1000
          --max-connections N       maximum number of open connections, beyond which new ones are closed; default: 16384
          --max-log-requests N      maximum number of requests in GET /-/log; default: 100000
          --max-log-bytes SIZE      maximum size of the request log, in bytes or with a suffix K, M, G or T, beyond which
                                    the older half is dropped; default: 128M
          --idle-timeout SECONDS    close a connection after this many idle seconds; default: 120
          --clock-offset SECONDS    number of seconds to add to the server's clock, possibly negative; default: 0
          --seed N                  random seed for faults that have a probability; default: 0
          -v, --verbose             print one line per request to standard error
          -h, --help                print this help

        CLIENTS: use the printed endpoint (path style: /BUCKET/KEY), or
          http://localhost:PORT, which also serves BUCKET.localhost. Example:
            export OSS_ACCESS_KEY_ID=test OSS_ACCESS_KEY_SECRET=test
            ossmirror up site oss://photos/www/ --endpoint http://127.0.0.1:PORT

        CONTROL (JSON, under /-/, which is not a valid bucket name; not counted as requests):
          GET    /-/stats           requests, bytesReceived, bytesSent, peakConcurrency, objects, openUploads,
                                    connections, openConnections
          GET    /-/log             received requests, oldest first
          POST   /-/reset           remove all objects, added buckets, faults and canned responses; clear log and counts
          POST   /-/process         add a canned response for an unimplemented operation, for example
              {"operation": "ProcessObject", "process": "image/info", "text": "{}"}
            conditions: operation, process, bucket, key; response: status, headers, text or base64
          DELETE /-/process         remove the canned responses
          GET    /-/faults          how often each fault occurred, and how many faults occurred less often than requested
          DELETE /-/faults          remove the faults
          POST   /-/faults          add one fault or an array of faults, for example
              {"action": "respond", "status": 503, "code": "ServiceUnavailable", "operation": "PutObject", "times": 2}
              {"action": "truncateBody", "bytes": 100, "operation": "GetObject", "key": "video.mp4"}
            conditions: operation, method, bucket, key, partNumber, range, requestNumber, connection,
              skip (matching requests to let through first), minimumRequestIndex (1: reused connections only),
              probability, times (default: 1; 0: every time)
            actions and their members (Docs/Testing.md describes each):
              respond status code [message]     respondEarly status code    errorInSuccess code
              response status [headers] [text]  redirect to [status]        challenge
              raw text                          closeAfterApplying          neverRespond
              closeBeforeReading                closeAfterReading bytes     stopReading bytes
              refuseConnections milliseconds    delay milliseconds          header name [value]
              replaceBody text                  corruptBody offset          gzip
              ignoreRange                       listing kind                truncateBody bytes
              stallBody bytes milliseconds      throttleBody bytesPerSecond dripHead milliseconds
              dripSpaces count milliseconds     chunkBody [ends]            endlessBody
              extraBytes text                   afterwards change [objectKey text milliseconds accessKeyID]
              base64 can replace text; actions that close a connection accept closing: finish or reset

        EXIT STATUS: 0 stopped by a signal; 1 cannot start; 2 invalid usage
        """
}
