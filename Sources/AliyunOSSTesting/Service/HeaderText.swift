/// Text that comes from a document, a form or a callback, and is to stand in a header.
enum HeaderText {
    /// Whether it can: no control character, which might end the header and begin another.
    static func isValid(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
