struct FileRecord: Hashable, Sendable {
    var key: ObjectKey
    var size: Int64
    var modified: FileStatus.Time
    var inode: UInt64
    var remoteSize: Int64
    var eTag: String
}
enum RecordLocation: Hashable, Sendable { case stateDirectory(StateDirectory), file(String) }
struct RecordIdentity: Hashable, Sendable { var text: String }
final class TransferRecord: Sendable {
    static func open(_ identity: RecordIdentity, at location: RecordLocation) throws(OSSError) -> TransferRecord? {
        nil
    }
    func entry(for key: ObjectKey) -> FileRecord? { nil }
    func keep(_ record: FileRecord) {}
    func note(_ record: FileRecord) {}
    func forget(_ key: ObjectKey) {}
    func finish(isComplete: Bool) throws(OSSError) {}
    var problem: String? { nil }
    var paths: [String] { [] }
}
