/// The key of an object. It consists of 1–1023 bytes of UTF-8, and does not start with `/` or `\`.
///
/// Keys compare and sort by their bytes, as in the service. Swift compares strings by canonical equivalence: it would treat
/// the two encodings of `é` (one or two code points), which are keys of two objects, as equal.
///
/// A string literal, with or without interpolations, is a key. An operation with an invalid key throws an error:
///
/// ```swift
/// try await bucket.putObject("2026/report.pdf", body)
/// ```
public struct ObjectKey: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// Maximum length of a key in bytes of UTF-8.
    public static let maximumLength = 1023

    /// The key as a string.
    public let rawValue: String

    /// Creates a key.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the key is invalid.
    public init(_ rawValue: String) throws(OSSError) {
        self.rawValue = rawValue
        try validate()
    }

    /// Creates a key from a literal without validating it. Operations validate their keys.
    public init(stringLiteral value: String) {
        rawValue = value
    }

    /// Creates a key from a name that the service returned, without validating it.
    init(unchecked rawValue: String) {
        self.rawValue = rawValue
    }

    /// The key as a string.
    public var description: String { rawValue }

    /// Validates the key.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public func validate() throws(OSSError) {
        let bytes = rawValue.utf8
        let problem: String
        if bytes.isEmpty {
            problem = "an object key must not be empty"
        } else if bytes.count > Self.maximumLength {
            problem = "an object key can be at most \(Self.maximumLength) bytes of UTF-8 (got \(bytes.count))"
        } else if bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "\\") {
            problem = "an object key must not start with '/' or '\\'; remove it"
        } else if rawValue == "." || rawValue == ".." {
            // libcurl from 8.13 on removes such a segment even when it is percent-encoded: the request would go to the
            // bucket.
            problem = "'\(rawValue)' cannot be an object key: it cannot be sent in a URL; use another key"
        } else {
            return
        }
        throw OSSError(.invalidArgument, problem)
    }
}

extension ObjectKey: Hashable, Comparable {
    /// Returns whether two keys have the same bytes.
    public static func == (left: ObjectKey, right: ObjectKey) -> Bool {
        left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
    }

    /// Hashes the bytes of the key.
    public func hash(into hasher: inout Hasher) {
        var text = rawValue
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }

    /// Returns whether a key precedes another in byte order, the order of listings.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}
