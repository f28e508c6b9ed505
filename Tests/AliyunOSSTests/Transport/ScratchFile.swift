import AliyunOSS
import Foundation
import Synchronization
import Testing

/// A file of a test's own, open for reading and writing, and gone at the end of the test.
final class ScratchFile: Sendable {
    let path: String
    let file: OpenFile

    private init(path: String, file: OpenFile) {
        self.path = path
        self.file = file
    }

    deinit {
        unlink(path)
    }

    static func containing(_ bytes: Data) throws -> ScratchFile {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("scratch-\(UUID().uuidString)").path
        try bytes.write(to: URL(fileURLWithPath: path))
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        return ScratchFile(path: path, file: OpenFile(descriptor: descriptor, path: path))
    }

    var content: Data {
        get throws { try Data(contentsOf: URL(fileURLWithPath: path)) }
    }
}

/// What happened, in order, written down from any thread.
final class Recorder<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])

    func append(_ value: Value) { state.withLock { $0.append(value) } }
    var values: [Value] { state.withLock { $0 } }
}
