#if os(Linux)
    import AliyunOSSTesting
    import Foundation
    import OSSPrimitives
    import Synchronization
    import TestKit
    import Testing

    @testable import AliyunOSS

    @Suite("Reading an object as one response")
    struct ContentStreamTests {
        /// - Parameter readerLimit: Default: so long that a busy machine does not end a response.
        private func withService<Result>(
            readerLimit: Duration = .seconds(600), _ configure: (inout BucketConfiguration) -> Void = { _ in },
            _ body: (TestService) async throws -> Result
        ) async throws -> Result {
            var settings = LibcurlTransport.Configuration()
            settings.maximumConnections = 4
            settings.readerLimit = readerLimit
            let transport = try LibcurlTransport(configuration: settings)
            defer { transport.shutDown() }
            let service = try TestService {
                $0.transport = transport
                $0.readRangeSize = 64 << 10
                configure(&$0)
            }
            defer { service.server.shutDown() }
            return try await body(service)
        }

        private func read(_ object: RemoteObject) async throws -> Data {
            var bytes = Data()
            for try await chunk in object.body { bytes.append(chunk) }
            return bytes
        }

        @Test("The bytes after the first range are a single response, for an entire object and for ranges")
        func twoRequests() async throws {
            try await withService { service in
                let data = try service.store("a", count: 2_000_000)
                #expect(try await read(service.bucket.getObject("a")) == data)
                #expect(service.count("GetObject") == 2)
                #expect(
                    try await read(service.bucket.getObject("a", range: 100_000..<1_500_000))
                        == data[100_000..<1_500_000])
                #expect(service.count("GetObject") == 4)
                #expect(
                    try await read(service.bucket.getObject("a", range: .last(1_000_000))) == data.suffix(1_000_000))
                #expect(service.server.requests.last?.headers["Range"] == "bytes=1065536-1999999")
            }
        }

        @Test("A content that fits into two ranges is fetched in ranges")
        func twoRanges() async throws {
            try await withService { service in
                let data = try service.store("a", count: 128 << 10)
                #expect(try await read(service.bucket.getObject("a")) == data)
                #expect(service.server.requests.last?.headers["Range"] == "bytes=65536-131071")
            }
        }

        @Test("The transfer stops when the reader does, and the rest is then fetched in ranges")
        func slowReader() async throws {
            try await withService(readerLimit: .milliseconds(200)) { service in
                // More than the buffers of two sockets hold.
                let data = try service.store("a", count: 40 << 20)
                var chunks = try await service.bucket.getObject("a").body.makeAsyncIterator()
                var received = Data()
                for _ in 0..<2 { received += try #require(await chunks.next()) }
                #expect(service.count("GetObject") == 2)
                // The transport closes the connection of a reader that has stopped.
                #expect(try await eventually { service.server.statistics.openConnections == 0 })
                while let chunk = try await chunks.next() { received += chunk }
                #expect(received == data)
                let ranges = service.server.requests.dropFirst(2).compactMap { $0.headers["Range"] }
                #expect(ranges.count > 500)
            }
        }

        @Test(
            "A response that breaks off is continued without damage",
            arguments: [MockFault.Action.truncateBody(after: 300_000), .truncateBody(after: 300_000, .reset)])
        func brokenOff(_ fault: MockFault.Action) async throws {
            let retries = Recorder<OSSError>()
            try await withService({ $0.onRetry = { retries.append($0) } }) { service in
                let data = try service.store("a", count: 2_000_000)
                // The first range is too short for the fault.
                service.server.add(fault, when: .operation("GetObject"))
                #expect(try await read(service.bucket.getObject("a")) == data)
                #expect(service.server.unusedFaults.isEmpty)
                #expect(retries.values.map(\.code).allSatisfy { [.truncatedBody, .connectionLost].contains($0) })
                #expect(retries.values.count == 1)
                // The first range, the response that broke off, a range, and the rest.
                #expect(service.count("GetObject") == 4)
            }
        }

        @Test("A damaged byte ends the content with an error in place of its last chunk")
        func damaged() async throws {
            try await withService { service in
                let data = try service.store("a", count: 2_000_000)
                service.server.add(.corruptBody(at: 1_000_000), when: .operation("GetObject"))
                let object = try await service.bucket.getObject("a")
                var count = 0
                let error = await #expect(throws: OSSError.self) {
                    for try await chunk in object.body { count += chunk.count }
                }
                #expect(error?.code == .checksumMismatch)
                #expect(count < data.count)
                #expect(service.server.unusedFaults.isEmpty)
            }
        }

        @Test("An object that is replaced after its first range is never mixed with its replacement")
        func replaced() async throws {
            try await withService { service in
                try service.store("a", count: 2_000_000)
                let object = try await service.bucket.getObject("a")
                try service.server.put("a", Data.pattern(2_000_000, seed: 2), in: "photos")
                let error = await #expect(throws: OSSError.self) { _ = try await read(object) }
                #expect(error?.code == .preconditionFailed)
            }
        }

        @Test(
            "A server that ignores the range, or does not announce the length, is read in ranges",
            arguments: [MockFault.Action.ignoreRange, .chunkBody(ends: true)])
        func withoutRange(_ fault: MockFault.Action) async throws {
            try await withService { service in
                let data = try service.store("a", count: 2_000_000)
                service.server.add(fault, when: .operation("GetObject", skip: 1))
                #expect(try await read(service.bucket.getObject("a")) == data)
                #expect(service.server.unusedFaults.isEmpty)
                #expect(service.count("GetObject") > 20)
            }
        }

        @Test("A refusal of the response is retried, and its permanent refusal is an error", arguments: [503, 403])
        func refused(_ status: Int) async throws {
            try await withService { service in
                let data = try service.store("a", count: 2_000_000)
                service.server.add(.respond(status: status, code: "X"), when: .operation("GetObject", skip: 1))
                let object = try await service.bucket.getObject("a")
                if status == 503 {
                    #expect(try await read(object) == data)
                } else {
                    await #expect(throws: OSSError.self) { _ = try await read(object) }
                }
                #expect(service.server.unusedFaults.isEmpty)
            }
        }

        @Test("Releasing the iterator ends the request")
        func released() async throws {
            try await withService { service in
                try service.store("a", count: 40 << 20)
                let object = try await service.bucket.getObject("a")
                do {
                    var chunks = object.body.makeAsyncIterator()
                    for _ in 0..<2 { _ = try await chunks.next() }
                }
                #expect(try await eventually { service.server.statistics.openConnections == 0 })
            }
        }

        @Test("Cancelling the task of a reader that waits for bytes throws CancellationError")
        func cancelled() async throws {
            try await withService { service in
                try service.store("a", count: 2_000_000)
                service.server.add(.stallBody(after: 0, for: .seconds(600)), when: .operation("GetObject", skip: 1))
                let object = try await service.bucket.getObject("a")
                let reader = Task { try await read(object) }
                #expect(try await eventually { service.server.unusedFaults.isEmpty })
                reader.cancel()
                await #expect(throws: CancellationError.self) { _ = try await reader.value }
            }
        }

        @Test("More readers that pause than connections do not block each other")
        func manyReaders() async throws {
            try await withService(readerLimit: .milliseconds(200)) { service in
                let data = try service.store("a", count: 8 << 20)
                var readers: [ObjectContent.AsyncIterator] = []
                // Each reader begins its response and pauses. With four connections, the fifth waits until one is closed.
                for _ in 0..<6 {
                    var reader = try await service.bucket.getObject("a").body.makeAsyncIterator()
                    for _ in 0..<2 { _ = try await reader.next() }
                    readers.append(reader)
                }
                for var reader in readers {
                    var count = 0
                    while let chunk = try await reader.next() { count += chunk.count }
                    #expect(count > data.count - (1 << 20))
                }
            }
        }
    }

    @Suite("Response channel")
    struct ResponseChannelTests {
        private func append(_ count: Int, to channel: ResponseChannel) -> Bool {
            [UInt8](repeating: 1, count: count).withUnsafeBytes { channel.append($0) }
        }

        @Test("Bytes are refused while the buffer is full, and the transport is resumed when it is read")
        func backPressure() async throws {
            let resumed = Atomic(0)
            let channel = ResponseChannel(capacity: 10) {
                resumed.add(1, ordering: .relaxed)
            } cancel: {
            }
            let stream = HTTPResponseStream(channel)
            #expect(append(8, to: channel))
            #expect(append(8, to: channel))
            #expect(!append(8, to: channel))
            let chunk = try #require(await stream.next())
            #expect(chunk.bytes.count == 16)
            #expect(chunk.checksum == CRC64.checksum(Data(repeating: 1, count: 16)))
            #expect(resumed.load(ordering: .relaxed) == 1)
            #expect(append(8, to: channel))
            _ = try await stream.next()
            #expect(resumed.load(ordering: .relaxed) == 1)
        }

        @Test("An error is thrown after the bytes that were received before it")
        func failure() async throws {
            let channel = ResponseChannel(capacity: 10) {
            } cancel: {
            }
            let stream = HTTPResponseStream(channel)
            #expect(append(3, to: channel))
            channel.end(.failure(HTTPTransportError(.truncatedBody, "short")))
            #expect(try await stream.next()?.bytes.count == 3)
            await #expect(throws: HTTPTransportError.self) { _ = try await stream.next() }
        }

        @Test("Releasing the reader cancels the request once, and not after its end")
        func release() {
            for hasEnded in [false, true] {
                let cancelled = Atomic(0)
                let channel = ResponseChannel(capacity: 10) {
                } cancel: {
                    cancelled.add(1, ordering: .relaxed)
                }
                if hasEnded { channel.end(.success(())) }
                _ = HTTPResponseStream(channel)
                channel.cancel()
                #expect(cancelled.load(ordering: .relaxed) == (hasEnded ? 0 : 1))
            }
        }

        @Test("Nothing is written to a file after the request was cancelled, not even by a write in progress")
        func cancelledWrite() async throws {
            let channel = ResponseChannel(capacity: 0) {
            } cancel: {
            }
            let (isWriting, maySucceed) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let events = Recorder<String>()
            let writer = Task {
                try await BlockingWork.run {
                    try channel.store { () throws(HTTPTransportError) in
                        isWriting.signal()
                        maySucceed.wait()
                        events.append("written")
                        return 5
                    }
                }
            }
            await BlockingWork.run { isWriting.wait() }
            let canceller = Task {
                await BlockingWork.run {
                    channel.cancel()
                    events.append("cancelled")
                }
            }
            // The outcome is set before the wait for the write.
            let stream = HTTPResponseStream(channel)
            await #expect(throws: CancellationError.self) { _ = try await stream.stored(exceeding: 0) }
            maySucceed.signal()
            await canceller.value
            _ = try await writer.value
            #expect(events.values == ["written", "cancelled"])
            let isStored = try channel.store { 7 }
            #expect(!isStored)
        }

        @Test("Readers of a file wait for more bytes, and a cancelled one does not disturb the others")
        func storedLengths() async throws {
            let cancelled = Atomic(false)
            let channel = ResponseChannel(capacity: 0) {
            } cancel: {
                cancelled.store(true, ordering: .relaxed)
            }
            let stream = HTTPResponseStream(channel)
            let readers = (0..<3).map { _ in Task { try await stream.stored(exceeding: 0) } }
            readers[0].cancel()
            await #expect(throws: CancellationError.self) { _ = try await readers[0].value }
            _ = try channel.store { 5 }
            for reader in readers.dropFirst() {
                let stored = try await reader.value
                #expect(stored == StoredLength(bytes: 5, isComplete: false))
            }
            channel.end(.failure(HTTPTransportError(.connectionLost, "reset")))
            let rest = try await stream.stored(exceeding: 4)
            #expect(rest == StoredLength(bytes: 5, isComplete: false))
            await #expect(throws: HTTPTransportError.self) { _ = try await stream.stored(exceeding: 5) }
            let wasCancelled = cancelled.load(ordering: .relaxed)
            #expect(!wasCancelled)
        }

        @Test("A permit is held until the request has ended")
        func permits() async throws {
            let semaphore = AsyncSemaphore(2)
            let channel = ResponseChannel(capacity: 10) {
            } cancel: {
            }
            channel.hold(try await semaphore.acquire())
            #expect(semaphore.available == 1)
            channel.end(.success(()))
            #expect(semaphore.available == 2)
            channel.hold(try await semaphore.acquire())
            #expect(semaphore.available == 2)
        }
    }
#endif
