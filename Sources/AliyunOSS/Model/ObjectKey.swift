/// The key of an object. It consists of 1–1023 bytes of UTF-8, and does not start with `/` or `\`.
///
/// Keys compare and sort by their bytes, as in the service. Swift compares strings by canonical equivalence: it would treat
/// the two encodings of `é` (one or two code points), which are keys of two objects, as equal.
///
/// A string literal, with or without interpolations, is a key. An operation with an invalid key throws an error. The key is
/// validated once, when it is created:
///
/// ```swift
/// try await bucket.putObject("2026/report.pdf", .file("report.pdf"))
/// ```
public struct ObjectKey: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// Maximum length of a key, in UTF-8 bytes.
    public static let maximumLength = 1023

    /// The key as a string.
    public let rawValue: String
    /// Whether the key is valid.
    private let isValid: Bool

    /// Creates a key.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the key is invalid.
    public init(_ rawValue: String) throws(OSSError) {
        self.init(unchecked: rawValue)
        try validate()
    }

    /// Creates a key from a literal. An operation with an invalid key throws an error.
    public init(stringLiteral value: String) {
        self.init(unchecked: value)
    }

    /// Creates a key from a name that the service returned, which may be invalid.
    init(unchecked rawValue: String) {
        self.rawValue = rawValue
        isValid = Self.problem(with: rawValue) == nil
    }

    /// The key as a string.
    public var description: String { rawValue }

    /// Throws an error if the key is invalid.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public func validate() throws(OSSError) {
        guard !isValid, let problem = Self.problem(with: rawValue) else { return }
        throw OSSError(.invalidArgument, problem)
    }

    private static func problem(with text: String) -> String? {
        let bytes = text.utf8
        if bytes.isEmpty { return "an object key must not be empty" }
        if bytes.count > maximumLength {
            return "an object key can be at most \(maximumLength) bytes of UTF-8 (got \(bytes.count))"
        }
        if bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "\\") {
            return "an object key must not start with '/' or '\\'; remove it"
        }
        // libcurl from 8.13 on removes such a segment even when it is percent-encoded: the request would go to the
        // bucket.
        if bytes.count <= 2, text == "." || text == ".." {
            return "'\(text)' cannot be an object key: it cannot be sent in a URL; use another key"
        }
        return nil
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
