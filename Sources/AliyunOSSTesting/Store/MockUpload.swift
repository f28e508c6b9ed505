import Foundation
import Synchronization

/// A multipart upload that is neither completed nor aborted.
final class MockUpload: Sendable {
    /// What is known from the start, and written to the metadata file of a folder-backed bucket.
    struct Properties: Sendable, Codable {
        var key: String
        /// What the object will be, but for its bytes. `lastModified` is the time of the beginning.
        var attributes: MockObject.Attributes
        var forbidsOverwrite: Bool
        /// Whether the parts were announced to come in order, which lets the service digest the whole.
        var isSequential: Bool?
    }

    struct Part: Sendable {
        var content: MockObject.Content
        var size: Int
        /// Without quotes.
        var eTag: String
        var checksum: UInt64
        var lastModified: Date
    }

    struct State: Sendable {
        var parts: [Int: Part]
        var isOver = false
    }

    let id: String
    let key: [UInt8]
    let properties: Properties
    /// Held while the upload is completed, so that parts neither come nor go meanwhile.
    let state: Mutex<State>

    init(id: String, properties: Properties, parts: [Int: Part] = [:]) {
        self.id = id
        self.properties = properties
        key = Array(properties.key.utf8)
        state = Mutex(State(parts: parts))
    }

    /// The parts by number, ascending.
    var parts: [(number: Int, part: Part)] {
        state.withLock { $0.parts }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// 32 upper-case hexadecimal digits.
    static func makeID() -> String {
        UUID().uuidString.filter { $0 != "-" }
    }
}
