#if os(Linux)
    import Foundation
    import Synchronization
    import TestKit
    import Testing

    @testable import AliyunOSS

    @Suite("Queries whose rows are returned while the response is received", .timeLimit(.minutes(5)))
    struct SelectStreamTests {
        private static let query = SelectQuery("select * from ossobject", from: .csv())

        /// Calls a closure with a bucket that reads the responses of a script.
        private func withBucket<Result>(
            _ script: @escaping @Sendable (ScriptedServer.Connection) -> Void,
            configure: (inout BucketConfiguration) -> Void = { _ in },
            _ body: (Bucket, ScriptedServer) async throws -> Result
        ) async throws -> Result {
            let server = try ScriptedServer(script)
            var settings = LibcurlTransport.Configuration()
            // A body in memory that is not read for this time ends with an error. One in a file does not.
            settings.readerLimit = .milliseconds(1)
            let transport = try LibcurlTransport(configuration: settings)
            defer { transport.shutDown() }
            var configuration = BucketConfiguration()
            configuration.transport = transport
            configuration.retry.baseDelay = .milliseconds(1)
            configuration.timeouts.idle = .seconds(600)
            configure(&configuration)
            let bucket = try Bucket(
                "photos", endpoint: server.url(""), region: "cn-hangzhou",
                credentials: .static(accessKeyID: "id", accessKeySecret: "secret"), configuration: configuration)
            return try await body(bucket, server)
        }

        /// Sends the head of a response, with a length or for chunks.
        private static func sendHead(_ connection: ScriptedServer.Connection, length: Int?, status: Int = 200) {
            let framing = length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked"
            connection.send("HTTP/1.1 \(status) OK\r\n\(framing)\r\nx-oss-request-id: 5C3D9175B6FC201293AD0001\r\n\r\n")
        }

        /// Sends bytes of a body, as a chunk if the response has no length.
        private static func send(_ bytes: [UInt8], _ connection: ScriptedServer.Connection, isChunk: Bool) {
            if isChunk { connection.send(String(bytes.count, radix: 16) + "\r\n") }
            connection.send(bytes)
            if isChunk { connection.send("\r\n") }
        }

        private func texts(_ rows: SelectedRows) async throws -> [String] {
            try await rows.reduce(into: []) { $0.append($1.text) }
        }

        @Test(
            "The first row is returned before the last frame is sent, and further iterators start at the first row",
            arguments: [(true, 200), (false, 200), (true, 206)])
        func firstRow(isChunked: Bool, status: Int) async throws {
            let hasFirstRow = DispatchSemaphore(value: 0)
            let (first, rest) = (SelectFrames.records("a\nb"), SelectFrames.records("c\nd\n") + SelectFrames.end())
            try await withBucket { connection in
                guard connection.readRequest() != nil else { return }
                Self.sendHead(connection, length: isChunked ? nil : first.count + rest.count, status: status)
                if status == 206, connection.index == 0 {
                    // More than is accepted for an unexpected status.
                    Self.send(.init(repeating: 0, count: 2 << 20), connection, isChunk: isChunked)
                    return
                }
                Self.send(first, connection, isChunk: isChunked)
                hasFirstRow.wait()
                Self.send(rest, connection, isChunk: isChunked)
                if isChunked { connection.send("0\r\n\r\n") }
                connection.waitForEnd()
            } _: { bucket, server in
                let rows = try await bucket.selectObject("data", Self.query)
                var iterator = rows.makeAsyncIterator()
                #expect(try await iterator.next()?.text == "a")
                async let other = texts(rows)
                hasFirstRow.signal()
                var rest: [String] = []
                while let row = try await iterator.next() { rest.append(row.text) }
                #expect(rest == ["bc", "d"])
                let all = try await other
                #expect(all == ["a", "bc", "d"])
                #expect(server.requests.count == (status == 206 ? 2 : 1))
            }
        }

        @Test("A query whose connection is lost before its first row is sent again", arguments: [true, false])
        func lostBeforeFirstRow(isChunked: Bool) async throws {
            // Bytes of a row that is not complete, and of a frame that is not.
            let start = SelectFrames.records("a") + SelectFrames.records("b\n").dropLast()
            let body = SelectFrames.records("a") + SelectFrames.records("b\nc\n") + SelectFrames.end()
            let retries = Recorder<OSSError>()
            try await withBucket { connection in
                guard connection.readRequest() != nil else { return }
                Self.sendHead(connection, length: isChunked ? nil : body.count)
                Self.send(connection.index == 0 ? start : body, connection, isChunk: isChunked)
                if isChunked, connection.index > 0 { connection.send("0\r\n\r\n") }
            } configure: {
                $0.onRetry = { retries.append($0) }
            } _: { bucket, server in
                let rows = try await texts(bucket.selectObject("data", Self.query))
                #expect(rows == ["ab", "c"])
                #expect(server.requests.count == 2)
                #expect(retries.values.map(\.operation) == ["SelectObject"])
            }
        }

        @Test("A query whose connection is lost after its first row is not sent again", arguments: [true, false])
        func lostAfterFirstRow(isChunked: Bool) async throws {
            let body = SelectFrames.records("a\nb\n") + SelectFrames.records("c\n")
            try await withBucket { connection in
                guard connection.readRequest() != nil else { return }
                Self.sendHead(connection, length: isChunked ? nil : body.count)
                Self.send(body.dropLast(), connection, isChunk: isChunked)
            } _: { bucket, server in
                var iterator = try await bucket.selectObject("data", Self.query).makeAsyncIterator()
                for text in ["a", "b"] { #expect(try await iterator.next()?.text == text) }
                let error = await failure { try await iterator.next() }
                #expect([.connectionLost, .truncatedBody].contains(error?.code), "\(error as Any)")
                #expect(error?.operation == "SelectObject" && error?.key == "data")
                #expect(try await iterator.next() == nil)
                #expect(server.requests.count == 1)
            }
        }

        @Test("A complete response without a last frame, and a frame with a wrong checksum, end the rows with an error")
        func incompleteFrames() async throws {
            let damaged = SelectFrames.frame(SelectFrames.recordsKind, Array("b\n".utf8), checksum: 7)
            for (end, code) in [([], OSSError.Code.truncatedBody), (damaged, .checksumMismatch)] {
                let body = SelectFrames.records("a\n") + end
                try await withBucket { connection in
                    guard connection.readRequest() != nil else { return }
                    Self.sendHead(connection, length: body.count)
                    connection.send(body)
                } _: { bucket, server in
                    var iterator = try await bucket.selectObject("data", Self.query).makeAsyncIterator()
                    #expect(try await iterator.next()?.text == "a")
                    #expect(await failure { try await iterator.next() }?.code == code)
                    #expect(server.requests.count == 1)
                }
            }
        }

        @Test("A reader that pauses does not stop the response")
        func pause() async throws {
            let row = String(repeating: "r", count: 1023) + "\n"
            let frame = SelectFrames.records(String(repeating: row, count: 1024))
            let rest = SelectFrames.records("a\nb\n") + SelectFrames.end()
            let isSent = DispatchSemaphore(value: 0)
            try await withBucket { connection in
                guard connection.readRequest() != nil else { return }
                Self.sendHead(connection, length: 33 * frame.count + rest.count)
                for _ in 0..<33 { connection.send(frame) }
                connection.send(rest)
                isSent.signal()
                connection.waitForEnd()
            } _: { bucket, _ in
                var iterator = try await bucket.selectObject("data", Self.query).makeAsyncIterator()
                #expect(try await iterator.next()?.data.count == 1023)
                // More bytes than the sockets can hold are sent although nothing is read.
                await BlockingWork.run { isSent.wait() }
                #expect(try await iterator.next()?.data.count == 1023)
            }
        }

        @Test("Releasing the rows ends the request, and a cancelled reader does not")
        func release() async throws {
            let hasEnded = Atomic(false)
            try await withBucket { connection in
                guard connection.readRequest() != nil else { return }
                Self.sendHead(connection, length: 1 << 30)
                connection.send(SelectFrames.records("a\n"))
                connection.waitForEnd()
                hasEnded.store(true, ordering: .releasing)
            } _: { bucket, _ in
                do {
                    let rows = try await bucket.selectObject("data", Self.query)
                    let reader = Task { try await texts(rows) }
                    reader.cancel()
                    await #expect(throws: CancellationError.self) { try await reader.value }
                    var iterator = rows.makeAsyncIterator()
                    #expect(try await iterator.next()?.text == "a")
                    let hasEndedEarly = hasEnded.load(ordering: .acquiring)
                    #expect(!hasEndedEarly)
                }
                let ends = try await eventually { hasEnded.load(ordering: .acquiring) }
                #expect(ends)
            }
        }

        @Test("With a bandwidth limit, a response is received as a whole and counted")
        func bandwidthLimit() async throws {
            let body = SelectFrames.records("a\n") + SelectFrames.end()
            try await withBucket { connection in
                guard connection.readRequest() != nil else { return }
                Self.sendHead(connection, length: body.count)
                connection.send(body)
            } configure: {
                $0.maximumBandwidth = 1 << 20
            } _: { bucket, _ in
                let rows = try await texts(bucket.selectObject("data", Self.query))
                #expect(rows == ["a"])
            }
        }
    }
#endif
