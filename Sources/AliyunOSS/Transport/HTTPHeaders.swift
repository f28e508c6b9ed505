/// HTTP header fields in their original order. Names are compared case-insensitively and keep their case.
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral, Sequence {
    /// A header field.
    public typealias Element = (name: String, value: String)

    private var fields: [Element] = []

    /// Creates an empty list of fields.
    public init() {}

    /// Creates a list of fields. Duplicate names keep all their values.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The number of fields.
    public var count: Int { fields.count }

    /// The first value of a field. Setting a value replaces all fields of that name; setting `nil` removes them.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.equalsIgnoringASCIICase(name) }?.value }
        set {
            guard let newValue else { return fields.removeAll { $0.name.equalsIgnoringASCIICase(name) } }
            guard let first = fields.firstIndex(where: { $0.name.equalsIgnoringASCIICase(name) }) else {
                return fields.append((name, newValue))
            }
            fields[first] = (name, newValue)
            var index = first + 1
            while index < fields.count {
                if fields[index].name.equalsIgnoringASCIICase(name) { fields.remove(at: index) } else { index += 1 }
            }
        }
    }

    /// Adds a field and keeps existing fields of the same name.
    public mutating func add(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// Adds a field, or appends the value to that of an existing field of the same name.
    mutating func join(_ name: String, _ value: String) {
        if let index = fields.firstIndex(where: { $0.name.equalsIgnoringASCIICase(name) }) {
            fields[index].value += ", " + value
        } else {
            fields.append((name, value))
        }
    }

    mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

    /// Returns an iterator over the fields, in order.
    public func makeIterator() -> IndexingIterator<[Element]> { fields.makeIterator() }

    /// The name of the first field that cannot be sent, or `nil` if all fields can. A field cannot be sent if its name
    /// is empty or not a token, or if its value contains CR, LF or NUL.
    ///
    /// Foundation on Linux sends such a value unchanged, so a line break would start a header of an attacker's choice.
    /// The check is made before the request is signed.
    public var firstInvalidName: String? {
        fields.first { field in
            field.name.isEmpty || !field.name.hasOnlyBytes(where: isTokenByte)
                || !field.value.hasOnlyBytes { $0 != 0 && $0 != 0x0A && $0 != 0x0D }
        }?.name
    }
}

extension HTTPHeaders: CustomStringConvertible, CustomReflectable {
    /// The names of the fields. Values are omitted because some are credentials until they expire.
    public var description: String { fields.map(\.name).joined(separator: ", ") }

    /// A mirror with the same information as ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["names": description]) }
}

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"),
        UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"),
        UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
    default: false
    }
}

// Headers are looked up dozens of times per request. Buffers are compared several times as fast as the iterators of
// `String.UTF8View`, which is noticeable in profiles.
extension String {
    /// Returns whether two strings are equal, ignoring the case of ASCII letters. Does not allocate memory.
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && startsIgnoringASCIICase(with: other)
    }

    /// Returns whether the string starts with another string, ignoring the case of ASCII letters.
    func startsIgnoringASCIICase(with prefix: String) -> Bool {
        guard utf8.count >= prefix.utf8.count else { return false }
        return withBytes(and: prefix) { bytes, prefix in
            for index in prefix.indices where bytes[index] != prefix[index] {
                guard bytes[index].asciiLowercased == prefix[index].asciiLowercased else { return false }
            }
            return true
        }
    }

    /// Returns whether the string precedes another in the order of their bytes, with ASCII letters in lowercase.
    func precedesIgnoringASCIICase(_ other: String) -> Bool {
        withBytes(and: other) { bytes, other in
            for (byte, other) in zip(bytes, other) where byte != other {
                let (byte, other) = (byte.asciiLowercased, other.asciiLowercased)
                if byte != other { return byte < other }
            }
            return bytes.count < other.count
        }
    }

    /// Returns whether all bytes of the string satisfy a condition.
    fileprivate func hasOnlyBytes(where isAllowed: (UInt8) -> Bool) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isAllowed) } ?? utf8.allSatisfy(isAllowed)
    }

    private func withBytes<Result>(
        and other: String, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        // Only strings bridged from Objective-C are not contiguous. `withUTF8` copies them.
        var (first, second) = (self, other)
        return first.withUTF8 { first in second.withUTF8 { second in body(first, second) } }
    }

    /// The string without leading or trailing spaces and tabs. Other white space is part of a header's value and its
    /// signature.
    var trimmingBlanks: String {
        guard isBlank(utf8.first) || isBlank(utf8.last) else { return self }
        var bytes = utf8[...]
        while isBlank(bytes.first) { bytes.removeFirst() }
        while isBlank(bytes.last) { bytes.removeLast() }
        return String(Substring(bytes))
    }
}

private func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

extension UInt8 {
    /// The byte, in lowercase if it is an uppercase ASCII letter.
    var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
