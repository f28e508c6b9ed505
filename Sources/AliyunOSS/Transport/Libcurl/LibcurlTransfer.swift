#if os(Linux)
    import CLibcurl
    import Foundation
    import OSSPrimitives

    #if canImport(FoundationNetworking)
        import FoundationNetworking
    #endif

    /// A request in flight. It is used only on the transport's thread, on which libcurl also calls all callbacks.
    final class LibcurlTransfer {
        let job: LibcurlJob
        let handle: LibcurlHandle
        /// The loop that the request belongs to. It outlives the request.
        private unowned let loop: LibcurlLoop
        private(set) var clock: TimeoutClock
        /// The reason that the transport ended the request; `nil` if libcurl ended it.
        private(set) var failure: (any Error)?

        private let headerList: LibcurlList?
        private var head: HTTPResponseHead?
        /// Whether the next header line belongs to the head, and not to a trailer after the body.
        private var isReadingHead = false
        private var writer: ResponseBodyWriter
        private var receivedLength: Int64 = 0
        private var passes = 0
        private var position: Int64 = 0
        private var sentChecksum = CRC64()
        /// Whether the caller has received the response and reads its body from the channel.
        private var isStreaming = false
        /// Whether the caller reads the body from its file, of which the channel has the length.
        private var isStreamingFile = false

        private var request: HTTPRequest { job.request }

        init(_ job: LibcurlJob, _ handle: LibcurlHandle, _ loop: LibcurlLoop) {
            self.job = job
            self.handle = handle
            self.loop = loop
            headerList = LibcurlList(job.headerLines)
            writer = ResponseBodyWriter(job.request.destination)
            // libcurl itself limits the time for connecting, so the clock measures the time for the response.
            clock = TimeoutClock(timeouts: job.request.timeouts, hasBody: false, started: loop.now)
            if job.channel != nil { clock.readerLimit = loop.configuration.readerLimit }
        }

        /// Sets the options of the request on its handle.
        ///
        /// - Parameter reset: A closure that resets the handle and sets the options that all requests share. It is
        ///   called unless the handle still has the options of a request of the same kind, which saves dozens of calls
        ///   and copies per request.
        func prepare(reset: () -> Void) {
            if handle.kind != kind {
                reset()
                setMethod()
                setFunctions()
                handle.kind = kind
            }
            let context = Unmanaged.passUnretained(self).toOpaque()
            handle.set(.url, request.url)
            handle.set(.headers, headerList?.pointer)
            handle.set(.connectTimeout, request.timeouts.connect.wholeMilliseconds)
            handle.set(.headerContext, context)
            handle.set(.writeContext, context)
            if Libcurl.reportsStarts { handle.set(.startContext, context) }
            if kind.sendsBody {
                _ = oss_curl_easy_set_offset(
                    handle.pointer, Libcurl.Option.largePostFieldSize.rawValue, request.body.length)
                if let body = job.smallBody {
                    body.withUnsafeBytes { handle.set(.copiedPostFields, $0.baseAddress ?? UnsafeRawPointer(context)) }
                } else {
                    handle.set(.readContext, context)
                    handle.set(.seekContext, context)
                    rewind()
                }
            }
        }

        private var kind: LibcurlHandle.Kind {
            let sendsBody =
                switch request.method {
                case .get, .head: false
                case .put, .post: true
                case .delete, .options: request.body.length > 0
                }
            return LibcurlHandle.Kind(
                method: request.method, sendsBody: sendsBody, isBodySmall: job.smallBody != nil,
                isStreaming: job.channel != nil)
        }

        private func setMethod() {
            if request.method == .head {
                handle.set(.noBody, true)
            } else if kind.sendsBody {
                // A POST with another name: unlike a PUT, libcurl sends a small body and the headers in one call.
                handle.set(.post, true)
                handle.set(.customMethod, request.method.rawValue)
                if !kind.isBodySmall { handle.set(.uploadBufferSize, 256 << 10) }
            } else {
                handle.set(.httpGet, true)
                if request.method != .get { handle.set(.customMethod, request.method.rawValue) }
            }
            // Larger chunks wake the reader less often.
            if kind.isStreaming { handle.set(.bufferSize, 64 << 10) }
        }

        private func setFunctions() {
            _ = oss_curl_easy_set_data_callback(handle.pointer, Libcurl.Option.headerFunction.rawValue) {
                bytes, size, count, context in
                LibcurlTransfer.called(context, bytes, size * count) { transfer, line throws(HTTPTransportError) in
                    try transfer.receiveHeader(line)
                }
            }
            _ = oss_curl_easy_set_data_callback(handle.pointer, Libcurl.Option.writeFunction.rawValue) {
                bytes, size, count, context in
                var isFull = false
                let result = LibcurlTransfer.called(context, bytes, size * count) {
                    transfer, bytes throws(HTTPTransportError) in
                    isFull = try !transfer.receive(bytes)
                }
                // CURL_WRITEFUNC_PAUSE.
                return isFull ? 0x1000_0001 : result
            }
            if Libcurl.reportsStarts {
                _ = oss_curl_easy_set_start_callback(handle.pointer, Libcurl.Option.startFunction.rawValue) {
                    context, _, _, _, _ in
                    guard let context else { return 1 }
                    Unmanaged<LibcurlTransfer>.fromOpaque(context).takeUnretainedValue().didStart()
                    return 0
                }
            }
            guard kind.sendsBody, !kind.isBodySmall else { return }
            _ = oss_curl_easy_set_data_callback(handle.pointer, Libcurl.Option.readFunction.rawValue) {
                bytes, size, count, context in
                guard let context, let bytes else { return 0 }
                let transfer = Unmanaged<LibcurlTransfer>.fromOpaque(context).takeUnretainedValue()
                return transfer.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            }
            _ = oss_curl_easy_set_seek_callback(handle.pointer, Libcurl.Option.seekFunction.rawValue) {
                context, offset, origin in
                guard let context, origin == SEEK_SET, offset == 0 else { return 1 }
                Unmanaged<LibcurlTransfer>.fromOpaque(context).takeUnretainedValue().rewind()
                return 0
            }
        }

        /// Passes the bytes from a libcurl callback to a closure. Returns the number of bytes, or 0 to end the
        /// transfer.
        private static func called(
            _ context: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int,
            _ body: (LibcurlTransfer, UnsafeRawBufferPointer) throws(HTTPTransportError) -> Void
        ) -> Int {
            guard let context else { return 0 }
            let transfer = Unmanaged<LibcurlTransfer>.fromOpaque(context).takeUnretainedValue()
            guard transfer.failure == nil else { return 0 }
            do throws(HTTPTransportError) {
                try body(transfer, UnsafeRawBufferPointer(start: bytes, count: count))
                return count
            } catch {
                transfer.failure = error
                return 0
            }
        }

        // MARK: Calls from libcurl

        /// Records that a connection is ready and the request is about to be sent, possibly not for the first time.
        private func didStart() {
            if job.smallBody != nil { passes += 1 }
            moved()
        }

        private func receiveHeader(_ line: UnsafeRawBufferPointer) throws(HTTPTransportError) {
            moved()
            if line.starts(with: "HTTP/".utf8) {
                head = HTTPResponseHead(statusLine: line)
                isReadingHead = true
            } else if isReadingHead, line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n") {
                isReadingHead = false
                // An interim response such as 100 Continue is followed by another head.
                guard let head, head.status >= 200 else { return }
                clock.awaitsResponse = false
                if !sendsToChannel(head) {
                    try writer.open(
                        status: head.status, announced: head.hasBody(for: request.method) ? head.announcedLength : 0)
                }
                if isStreaming { startStreaming(head) }
            } else if isReadingHead {
                head?.headers.add(line: line)
            }
        }

        /// Stores received bytes, or returns `false` if they do not fit. libcurl then delivers them again later.
        private func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPTransportError) -> Bool {
            if isStreamingFile, let channel = job.channel {
                let isStored = try channel.store { () throws(HTTPTransportError) in
                    try writer.receive(bytes)
                    try writer.flush()
                    return writer.length
                }
                if !isStored { stop(CancellationError()) }
                loop.now = .now
            } else if isStreaming, let channel = job.channel {
                guard channel.append(bytes) else {
                    clock.stopped = loop.now
                    return false
                }
            } else {
                try writer.receive(bytes)
                loop.now = .now
            }
            receivedLength += Int64(bytes.count)
            moved()
            return true
        }

        /// Determines whether the caller can read the body before all of it has been received. Returns whether the body
        /// is sent to the channel instead of its destination.
        private func sendsToChannel(_ head: HTTPResponseHead) -> Bool {
            guard job.channel != nil, (200...299).contains(head.status), head.hasBody(for: request.method) else {
                return false
            }
            if case .file(_, _, let status) = request.destination {
                isStreamingFile = status == head.status
                isStreaming = isStreamingFile
                return false
            }
            isStreaming = head.announcedLength != nil
            return isStreaming
        }

        /// Returns the response to the caller before its body has been received.
        private func startStreaming(_ head: HTTPResponseHead) {
            guard let channel = job.channel else { return }
            clock.timeouts.total = nil
            // libcurl counts a small body only later. The count is compared when the request ends.
            var response = HTTPResponse(
                status: head.status, headers: head.headers, bodyLength: head.announcedLength ?? 0,
                sentLength: job.smallBody == nil ? position : request.body.length)
            response.stream = HTTPResponseStream(channel)
            job.continuation.resume(returning: response)
        }

        /// Receives more bytes of a body whose reader has emptied the buffer.
        func resumeReceiving() {
            clock.stopped = nil
            clock.lastMoved = loop.now
            _ = oss_curl_easy_pause(handle.pointer, 0)
        }

        private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
            // CURL_READFUNC_ABORT.
            let abort = 0x1000_0000
            guard failure == nil else { return abort }
            let wanted = Int(min(Int64(buffer.count), request.body.length - position))
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            do throws(HTTPTransportError) {
                try request.body.read(into: target, at: position)
            } catch {
                failure = error
                return abort
            }
            loop.now = .now
            position += Int64(wanted)
            sentChecksum.update(UnsafeRawBufferPointer(target))
            moved()
            return wanted
        }

        private func rewind() {
            passes += 1
            position = 0
            sentChecksum = CRC64()
        }

        private func moved() {
            clock.lastMoved = loop.now
            request.onProgress?(HTTPProgress(bytesSent: position, bytesReceived: receivedLength))
        }

        // MARK: The end

        /// Stores the reason for ending the request, unless a reason is already stored.
        func stop(_ reason: any Error) {
            if failure == nil { failure = reason }
        }

        /// Resumes the caller with the response or an error.
        ///
        /// - Parameter code: The result code of libcurl, or `nil` if the transport stopped the request.
        func complete(_ code: Int32?) {
            let error = code.flatMap { $0 == 0 ? nil : handle.errorText(for: $0) }
            // After a failure, the state of the handle is uncertain.
            if code != 0 { handle.kind = nil }
            if job.smallBody != nil { position = handle.sentLength }
            let keepsReceivedBytes = (failure as? HTTPTransportError).map { $0.kind == .timedOut } ?? (failure == nil)
            if keepsReceivedBytes {
                do throws(HTTPTransportError) { try writer.finish() } catch { failure = error }
            }
            let outcome = outcome(code, text: error)
            if isStreaming { job.channel?.end(outcome.map { _ in }) } else { job.continuation.resume(with: outcome) }
        }

        private func outcome(_ code: Int32?, text: String?) -> Result<HTTPResponse, any Error> {
            guard var failure = failure ?? problem(code, text: text) else {
                guard let head else {
                    return .failure(HTTPTransportError(.invalidResponse, "the response has no status line"))
                }
                let checksum = job.smallBody == nil ? sentChecksum.value : job.smallBodyChecksum
                return .success(
                    HTTPResponse(
                        status: head.status, headers: head.headers, body: writer.body, bodyLength: receivedLength,
                        bodyChecksum: writer.checksum.value, sentLength: position, sentChecksum: checksum,
                        bodyPasses: passes > 0 && request.body.length > 0 ? passes : nil))
            }
            if var error = failure as? HTTPTransportError, let head {
                error.status = head.status
                if writer.isInFile {
                    error.partial = HTTPPartialResponse(
                        status: head.status, headers: head.headers, bodyLength: receivedLength,
                        bodyChecksum: writer.checksum.value)
                }
                failure = error
            }
            return .failure(failure)
        }

        private func problem(_ code: Int32?, text: String?) -> (any Error)? {
            let classifier = HTTPErrorClassifier(
                method: request.method, head: head, bytesReceived: receivedLength, bytesSent: position,
                bodyLength: request.body.length, decodesBodies: false)
            guard let code, let text else { return classifier.ofComplete }
            // CURLE_OPERATION_TIMEDOUT: libcurl enforces only the connect limit.
            if code == 28 {
                return HTTPTransportError(.timedOut, "no connection within \(request.timeouts.connect)")
            }
            return classifier.ofFailure(code: .libcurl(code, proxyStatus: handle.proxyStatus), text: text)
        }
    }

    extension Duration {
        /// The duration in milliseconds, at least 1 and at most one day.
        fileprivate var wholeMilliseconds: Int {
            let (seconds, attoseconds) = components
            return seconds >= 86_400
                ? 86_400_000 : Swift.max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
        }
    }
#endif
