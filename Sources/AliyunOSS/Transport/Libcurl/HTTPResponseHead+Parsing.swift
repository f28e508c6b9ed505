#if os(Linux)
    extension HTTPResponseHead {
        /// Parses a status line such as `HTTP/1.1 200 OK`. A line without a status becomes 0, which libcurl rejects.
        init(statusLine: UnsafeRawBufferPointer) {
            let space = UInt8(ascii: " ")
            let digits = statusLine.drop { $0 != space }.drop { $0 == space }.prefix { (0x30...0x39).contains($0) }
            self.init(status: digits.reduce(0) { $0 &* 10 &+ Int($1 - 0x30) }, headers: HTTPHeaders())
        }
    }

    extension HTTPHeaders {
        /// Adds the field in a header line. Lines that continue the previous value, which RFC 9112 forbids, are
        /// ignored.
        mutating func add(line: UnsafeRawBufferPointer) {
            guard let first = line.first, first != 0x20, first != 0x09,
                let colon = line.firstIndex(of: UInt8(ascii: ":"))
            else { return }
            add(String(header: line[..<colon]), String(header: line[(colon + 1)...]))
        }
    }

    extension String {
        /// Decodes the bytes of a header as UTF-8 or, if they are not valid UTF-8, as ISO 8859-1. White space at the
        /// ends is removed.
        fileprivate init(header bytes: Slice<UnsafeRawBufferPointer>) {
            let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
            var bytes = bytes.drop(while: isBlank)
            while let last = bytes.last, isBlank(last) { bytes.removeLast() }
            self =
                String(validating: bytes, as: UTF8.self)
                ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        }
    }
#endif
