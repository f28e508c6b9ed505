/// The fields of a form that stand before its file.
struct FormFields: Sendable {
    private(set) var items: [(name: String, value: String)] = []
    /// The name that the file had where it came from.
    var fileName = ""
    /// What the part of the file says about itself.
    var fileType: String?

    /// The value of a field, `nil` when it is missing. Names have no case.
    subscript(name: String) -> String? {
        items.first { $0.name == name.lowercased() }?.value
    }

    mutating func add(_ name: String, _ value: String) {
        items.append((name.lowercased(), value))
    }
}
