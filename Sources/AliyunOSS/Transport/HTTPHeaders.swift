/// Header fields in the order they were given. Names compare without regard to case and keep their spelling.
public struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral, Sequence {
    /// One field.
    public typealias Element = (name: String, value: String)

    private var fields: [Element] = []

    /// No fields.
    public init() {}

    /// The given fields, in order. A name that stands twice keeps both its values.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The number of fields.
    public var count: Int { fields.count }

    /// The first value of a field. Setting replaces every value of that name; `nil` removes them.
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

    /// Adds a field, keeping those of the same name.
    public mutating func add(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// Iterates over the fields, in order.
    public func makeIterator() -> IndexingIterator<[Element]> { fields.makeIterator() }

    /// The first field that cannot be sent: an empty or non-token name, or a value with CR, LF or NUL in it.
    ///
    /// Foundation on Linux passes such a value to the wire as it is, where a line break starts a header of the
    /// attacker's choice, so this is checked before anything is signed.
    public var firstInvalidName: String? {
        fields.first { field in
            field.name.utf8.isEmpty || !field.name.utf8.allSatisfy(isTokenByte)
                || field.value.utf8.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
        }?.name
    }
}

extension HTTPHeaders: CustomStringConvertible, CustomReflectable {
    /// The names of the fields. Never their values: some are as good as a password until they expire.
    public var description: String { fields.map(\.name).joined(separator: ", ") }

    /// The same as ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["names": description]) }
}

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

extension String {
    /// Whether two strings are equal when ASCII letters are compared without case, without allocating.
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).allSatisfy { $0 == $1 || ($0.asciiLowercased == $1.asciiLowercased) }
    }
}

extension UInt8 {
    fileprivate var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
