#if os(Linux)
    import CLibcurl
    import Foundation

    /// A libcurl easy handle, with its buffer for error texts. It serves one request at a time and is reused.
    final class LibcurlHandle {
        /// A kind of request. Requests of the same kind differ only in options that each request sets.
        struct Kind: Equatable {
            var method: HTTPMethod
            var sendsBody: Bool
            var isBodySmall: Bool
            var isStreaming: Bool
        }

        let pointer: UnsafeMutableRawPointer
        /// The kind of request that the handle has options for; `nil` if it must be reset before its next request.
        var kind: Kind?
        /// The buffer of 256 bytes (`CURL_ERROR_SIZE`) into which libcurl writes the text of an error.
        private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: 256)

        /// Creates a handle, or returns `nil` if there is not enough memory.
        init?() {
            guard let pointer = oss_curl_easy_create() else {
                errorText.deallocate()
                return nil
            }
            self.pointer = pointer
        }

        deinit {
            oss_curl_easy_destroy(pointer)
            errorText.deallocate()
        }

        /// Removes all options of the previous requests. Connections and TLS sessions are kept.
        func reset() {
            oss_curl_easy_reset(pointer)
            set(.errorBuffer, errorText)
        }

        /// Removes the text of the previous error.
        func clearError() { errorText.pointee = 0 }

        /// Returns the text of the last error, or the general text for its error code if libcurl provided no text.
        func errorText(for code: Int32) -> String {
            let text = String(cString: errorText)
            return text.isEmpty ? String(cString: oss_curl_error_text(code)) : text
        }

        func set(_ option: Libcurl.Option, _ value: Int) {
            _ = oss_curl_easy_set_integer(pointer, option.rawValue, value)
        }

        func set(_ option: Libcurl.Option, _ value: Bool) { set(option, value ? 1 : 0) }

        /// Sets an option whose value is a pointer. libcurl copies a C string; any other memory must outlive the
        /// request.
        func set(_ option: Libcurl.Option, _ value: UnsafeRawPointer?) {
            _ = oss_curl_easy_set_pointer(pointer, option.rawValue, value)
        }

        func set(_ option: Libcurl.Option, _ text: String) {
            text.withCString { set(option, $0) }
        }

        /// The path of the trusted certificates file that libcurl was built to use; `nil` if the path is unknown.
        var certificateAuthoritiesPath: String? {
            // CURLINFO_CAINFO, since 7.84.
            var path: UnsafeMutableRawPointer?
            guard oss_curl_easy_get_pointer(pointer, 0x10003D, &path) == 0, let path else { return nil }
            return String(cString: path.assumingMemoryBound(to: CChar.self))
        }

        /// The number of request body bytes that libcurl sent.
        var sentLength: Int64 {
            // CURLINFO_SIZE_UPLOAD_T, since 7.55.
            var count: Int64 = 0
            _ = oss_curl_easy_get_offset(pointer, 0x600007, &count)
            return count
        }

        /// The status of a proxy's response to CONNECT, or 0.
        var proxyStatus: Int {
            // CURLINFO_HTTP_CONNECTCODE.
            var status = 0
            _ = oss_curl_easy_get_integer(pointer, 0x200016, &status)
            return status
        }
    }

    /// Lines of text, each of which ends with a zero byte, in one block of memory.
    struct LibcurlLines: Sendable {
        fileprivate private(set) var bytes: [UInt8] = []
        fileprivate private(set) var starts: [Int] = []

        init() {
            bytes.reserveCapacity(1024)
            starts.reserveCapacity(24)
        }

        init(_ lines: [String]) {
            for line in lines { append(line) }
        }

        /// Appends a line that consists of up to three parts.
        mutating func append(_ first: String, _ second: String = "", _ third: String = "") {
            starts.append(bytes.count)
            bytes += first.utf8
            bytes += second.utf8
            bytes += third.utf8
            bytes.append(0)
        }
    }

    /// A list of strings in libcurl's format, stored in one block of memory.
    final class LibcurlList {
        let pointer: UnsafeMutablePointer<oss_curl_list>

        /// Creates a list with copies of the given lines, or returns `nil` if there are none.
        init?(_ lines: LibcurlLines) {
            let count = lines.starts.count
            guard count > 0 else { return nil }
            let nodeSize = count * MemoryLayout<oss_curl_list>.stride
            let block = UnsafeMutableRawPointer.allocate(byteCount: nodeSize + lines.bytes.count, alignment: 16)
            pointer = block.bindMemory(to: oss_curl_list.self, capacity: count)
            UnsafeMutableRawBufferPointer(start: block + nodeSize, count: lines.bytes.count).copyBytes(
                from: lines.bytes)
            let text = (block + nodeSize).bindMemory(to: CChar.self, capacity: lines.bytes.count)
            for (index, start) in lines.starts.enumerated() {
                let next = index + 1 < count ? pointer + index + 1 : nil
                (pointer + index).initialize(to: oss_curl_list(text: text + start, next: next))
            }
        }

        deinit { UnsafeMutableRawPointer(pointer).deallocate() }
    }
#endif
