/// Why bytes were not compressed or expanded.
package enum GzipError: String, Error, Hashable, CustomStringConvertible {
    case notGzip = "it does not begin as gzip does"
    case truncated = "it ends early"
    case corrupted = "the compressed data are damaged"
    case checksumMismatch = "the expanded bytes have another checksum or length than it states"
    case trailingBytes = "something follows that is not gzip"
    case tooLarge = "it expands to more bytes than it may"
    case noMemory = "there is no memory"
    case ended = "it was used after its end, or after an error"

    package var description: String { rawValue }
}
