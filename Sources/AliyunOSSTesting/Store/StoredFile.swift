/// The first bytes of a file in the `data/` of a folder-backed bucket. It may be longer: an append that a crash cut off
/// leaves bytes behind that are overwritten by the next.
struct StoredFile: Sendable, Codable {
    var name: String
    var count: Int
}
