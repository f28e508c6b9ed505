/// The name of an object: 1–1023 bytes of UTF-8 that do not begin with `/` or `\`.
///
/// Keys compare and sort by their **bytes**, as the service does. Swift's own `String` comparison would fold the two
/// spellings of `é` (one code point, or two) into one although they are two objects, and would order them otherwise.
///
/// A string literal, with interpolations or without, is a key; one that breaks the rules is reported by the operation that
/// it is given to:
///
/// ```swift
/// try await bucket.putObject("2026/report.pdf", body)
/// ```
public struct ObjectKey: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The longest key, in bytes of UTF-8.
    public static let maximumLength = 1023

    /// The key as text.
    public let rawValue: String

    /// Makes a key and checks it.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when the service would refuse it.
    public init(_ rawValue: String) throws(OSSError) {
        self.rawValue = rawValue
        try validate()
    }

    /// Makes a key from a literal, which is checked by the operation it is used in.
    public init(stringLiteral value: String) {
        rawValue = value
    }

    /// Makes a key from what the service listed, whatever it is.
    init(unchecked rawValue: String) {
        self.rawValue = rawValue
    }

    /// The key as text.
    public var description: String { rawValue }

    /// Checks the rules for a name.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public func validate() throws(OSSError) {
        let bytes = rawValue.utf8
        let problem: String
        if bytes.isEmpty {
            problem = "an object key must not be empty"
        } else if bytes.count > Self.maximumLength {
            problem = "an object key has at most \(Self.maximumLength) bytes of UTF-8, and this one has \(bytes.count)"
        } else if bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "\\") {
            problem = "an object key must not begin with '/' or '\\'; remove it"
        } else if rawValue == "." || rawValue == ".." {
            // libcurl removes such a segment even when it is percent-encoded (from 8.13 on): the request would go to
            // the bucket itself.
            problem = "an object cannot be called '\(rawValue)': the name cannot be sent in a URL"
        } else {
            return
        }
        throw OSSError(.invalidArgument, problem)
    }
}

extension ObjectKey: Hashable, Comparable {
    /// Whether two keys have the same bytes.
    public static func == (left: ObjectKey, right: ObjectKey) -> Bool {
        left.rawValue.utf8.elementsEqual(right.rawValue.utf8)
    }

    /// Hashes the bytes of the key.
    public func hash(into hasher: inout Hasher) {
        var text = rawValue
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }

    /// Orders by bytes, which is the order of listings.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}
