extension Options {
    static let help = """
        USAGE: oss-mock-server [options]

        Runs an Aliyun OSS server for tests on 127.0.0.1. When the server is ready, it prints
          listening on http://127.0.0.1:PORT
        and runs until it receives SIGINT or SIGTERM. http://127.0.0.1:PORT/-/ is a page that shows the buckets,
        the objects, the requests as they arrive and the faults.

        OPTIONS:
          --port N                  port to listen on (default: 0, which selects a free port)
          --bucket NAME             create a bucket at startup; repeatable
          --data DIR                store objects in DIR and load them at the next startup
                                    (default: keep objects in memory)
          --region R                region that V4 signatures must use (default: cn-hangzhou)
          --access-key-id ID        verify signatures (V4, V2 and V1, in headers and URLs) with this key
          --access-key-secret S     secret of the key; required with --access-key-id; repeat both for more keys
          --security-token T        security token that every request signed with the key must include
          --account-id ID           account that the key belongs to, if that account does not own the buckets.
                                    This account has the owner's permissions, but must send x-oss-request-payer with
                                    requests to requester-pays buckets.
          --no-auth                 accept every request, signed or not (default if no key is given)
          --allow-public-access     accept public ACLs and policies in new buckets, as the service did before 2025-10-13.
                                    By default, new buckets block public access until DeleteBucketPublicAccessBlock is
                                    called.
          --no-md5                  do not compute the MD5 of uploads, which takes longer than receiving them: ETags have
                                    the form of those of multipart uploads, and responses have no Content-MD5. For
                                    benchmarks of uploads.
          --read-only-page          let web pages, including the server's own page, only read. Programs that use the
                                    endpoints under /-/ are not restricted.
          --host-suffix HOST        accept BUCKET.HOST as the host name of a bucket, like BUCKET.localhost, and HOST as
                                    the host name of the server; repeatable
          --cname HOST=BUCKET       custom host name for a bucket; PutCname treats the name as verified; repeatable
          --callback-host HOST      host to which upload callbacks can be sent (http:// only), in addition to this
                                    machine; repeatable
          --max-buckets N           maximum number of buckets, beyond which PutBucket returns TooManyBuckets
                                    (default: 1000)
          --max-connections N       maximum number of open connections, beyond which new ones are closed
                                    (default: 16384)
          --max-requests-per-second N
                                    maximum number of requests per second, beyond which they fail with status 503
                                    (default: no limit)
          --max-log-requests N      maximum number of requests in the request log (default: 100000)
          --max-log-bytes SIZE      size at which the older half of the request log is dropped, such as 64M
                                    (default: 128M)
          --idle-timeout SECONDS    close a connection after this many idle seconds (default: 120)
          --clock-offset SECONDS    number of seconds to add to the server's clock (can be negative; default: 0)
          --seed N                  random seed for faults that have a probability (default: 0)
          -v, --verbose             print one line per request to standard error
          -h, --help                print this help

        CLIENTS: use the printed endpoint (path style: /BUCKET/KEY), or
          http://localhost:PORT, which also serves BUCKET.localhost. Example:
            export OSS_ACCESS_KEY_ID=test OSS_ACCESS_KEY_SECRET=test
            ossmirror up site oss://photos/www/ --endpoint http://127.0.0.1:PORT

        CONTROL (JSON, under /-/, which is not a valid bucket name; not counted as requests). Requests from web pages of
        other origins are rejected if they would change something.
          GET    /-/stats           return these counters: requests, bytesReceived, bytesSent, peakConcurrency, objects,
                                    openUploads, connections and openConnections
          GET    /-/log             return the request log, oldest request first
          GET    /-/changes         return the requests that have changed since ?after=NEXT, the faults, the counters
                                    and the buckets; NEXT is the member "next" of the previous response
          GET    /-/objects         list a bucket: ?bucket=NAME, prefix=TEXT, after=KEY
          GET    /-/object          return the properties of an object: ?bucket=NAME&key=KEY
          GET    /-/content         return the start of an object: ?bucket=NAME&key=KEY, limit=BYTES
          POST   /-/presign         return the target of a request, with a valid V4 signature, for example:
              {"method": "PUT", "bucket": "photos", "key": "a.txt", "headers": {"Content-Type": "text/plain"}}
            optional: query, headers, expires (in seconds; default: 900)
          POST   /-/reset           remove all objects, faults and canned responses, and buckets not created at startup;
                                    clear the log and the counters
          POST   /-/process         add a canned response for an operation that is not implemented, for example:
              {"operation": "ProcessObject", "process": "image/info", "text": "{}"}
            conditions: operation, process, bucket, key
            response: status, headers, text or base64
          DELETE /-/process         remove all canned responses
          GET    /-/faults          return how often each fault has occurred and how many faults are unused
          DELETE /-/faults          remove all faults
          PATCH  /-/faults/ID       switch a fault on or off: {"isEnabled": false}
          DELETE /-/faults/ID       remove a fault
          POST   /-/faults          add one fault or an array of faults, for example:
              {"action": "respond", "status": 503, "code": "ServiceUnavailable", "operation": "PutObject", "times": 2}
              {"action": "truncateBody", "bytes": 100, "operation": "GetObject", "key": "video.mp4"}

        CONDITIONS OF A FAULT (all optional):
          operation, method, bucket, key, partNumber, range, connection
          requestNumber             position of the request, counting from 1 at startup or the last reset
          skip                      number of matching requests to let through before the fault applies
          minimumRequestIndex       minimum number of earlier requests on the connection (1: only reused connections)
          probability               probability that the fault applies to a matching request, from 0 to 1 (default: 1)
          times                     number of times that the fault occurs (0: every time; default: 1)

        ACTIONS OF A FAULT, each with its members (optional members are in brackets):
          delay milliseconds              wait before reading the request body
          closeBeforeReading              close the connection without reading the request body
          closeAfterReading bytes         close the connection after reading this many bytes of the request body
          stopReading bytes               read only this many bytes of the request body and keep the connection open
          neverRespond                    read the request, but neither perform it nor respond
          refuseConnections milliseconds  reset the connection and refuse new ones for this time, like a restarting server
          respond status code [message]   respond with a service error
          respondEarly status code        respond with a service error before the request body has arrived
          response status [headers text]  respond with this status, these headers and this text as the body
          errorInSuccess code [message]   respond with status 200 and a service error
          redirect to [status]            respond with a redirect to the URL in the member "to"
          challenge                       respond with status 401 and request Basic authentication
          raw text                        send this text instead of an HTTP response and close the connection
          closeAfterApplying              perform the request and close the connection without a response
          header name [value]             replace or add a response header, or remove it if no value is given
          replaceBody text                perform the request and replace the response body
          gzip                            compress the response body with gzip
          corruptBody offset              invert the byte at this offset in the response body
          ignoreRange                     respond to a request for a range with the entire object
          listing kind                    make a listing invalid; kind: duplicated, unsorted, endless or withoutMarker
          truncateBody bytes              close the connection after sending this many bytes of the response body
          stallBody bytes milliseconds    pause after sending this many bytes of the response body
          throttleBody bytesPerSecond     limit the rate at which the response body is sent
          dripHead milliseconds           send the response head byte by byte, with a pause after each byte
          dripSpaces count milliseconds   send this many spaces before the response body, with a pause after each
          chunkBody [ends]                send the response body in chunks; omit the last chunk unless "ends" is true
          endlessBody                     send zeros after the response body until the client closes the connection
          extraBytes text                 send this text after the response body
          afterwards change               make one of the changes below after performing the request

          "base64" can replace "text". Actions that close the connection accept the member
          "closing" with the value "finish" (send FIN) or "reset" (send RST).

        CHANGES for the action "afterwards", each with its members (optional members are in brackets):
          putObject [objectKey text]      store an object with this key (default: the request's key)
          deleteObject [objectKey]        delete the object with this key (default: the request's key)
          abortUploads                    abort all multipart uploads in the request's bucket
          moveClock milliseconds          move the server's clock forward, or backward if the number is negative
          expireToken accessKeyID         expire the security token of an access key

        EXIT STATUS: 0 stopped by a signal; 1 cannot start; 2 invalid usage
        """
}
