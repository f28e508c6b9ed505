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
            field.name.utf8.isEmpty || !field.name.utf8.allSatisfy(isTokenByte)
                || field.value.utf8.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
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

extension String {
    /// Returns whether two strings are equal, ignoring the case of ASCII letters. Does not allocate memory.
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        // Headers are looked up dozens of times per request, and the iterator of `zip` is noticeable in profiles.
        var bytes = other.utf8.makeIterator()
        for byte in utf8 {
            guard let other = bytes.next(), byte == other || byte.asciiLowercased == other.asciiLowercased else {
                return false
            }
        }
        return true
    }
}

extension UInt8 {
    fileprivate var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
