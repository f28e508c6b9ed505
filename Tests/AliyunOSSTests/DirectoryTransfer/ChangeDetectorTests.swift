import Foundation
import Testing

@testable import AliyunOSS

@Suite("Change detection")
struct ChangeDetectorTests {
    /// A property that has changed since both sides were last equal.
    enum Change: CaseIterable {
        case localSize, localTime, localNanosecond, changeTime, inode, remoteSize, eTag
    }

    private static let local = {
        var status = FileStatus(stat())
        (status.size, status.inode) = (10, 7)
        status.modified = FileStatus.Time(seconds: 1000, nanoseconds: 5)
        status.changed = FileStatus.Time(seconds: 2000, nanoseconds: 9)
        return status
    }()
    private static let remote = RemoteEntry(
        key: "k", size: 10, eTag: "A", type: "Normal", modified: Date(timeIntervalSince1970: 1000))
    private static let record = FileRecord(
        key: "k", size: 10, modified: local.modified, changed: local.changed, inode: 7, remoteSize: 10, eTag: "A")

    private static let compare = ChangeDetector.Decision.compareContent

    @Test(
        "A file that is unchanged since both sides were equal is skipped, except by modes that require more",
        arguments: [
            (.always, .transfer(.always)), (.missing, .leave(.exists)), (.newer, .leave(.unchanged)),
            (.size, .leave(.sameSize)), (.modified, .leave(.unchanged)), (.checksum, compare),
        ] as [(UpdateMode, ChangeDetector.Decision)], [ChangeDetector.Direction.up, .down])
    func recorded(row: (mode: UpdateMode, decision: ChangeDetector.Decision), direction: ChangeDetector.Direction) {
        let detector = ChangeDetector(mode: row.mode)
        #expect(detector.decision(direction, Self.local, Self.remote, Self.record) == row.decision)
    }

    @Test(
        "The record does not apply once a single property differs", arguments: Change.allCases,
        [ChangeDetector.Direction.up, .down])
    func changed(change: Change, direction: ChangeDetector.Direction) {
        var (local, remote) = (Self.local, Self.remote)
        switch change {
        case .localSize: local.size = 11
        case .localTime: local.modified.seconds = 999
        case .localNanosecond: local.modified.nanoseconds = 6
        case .changeTime: local.changed.nanoseconds = 10
        case .inode: local.inode = 8
        case .remoteSize: remote.size = 11
        case .eTag: remote.eTag = "B"
        }
        let differs = change == .localSize || change == .remoteSize
        let expected: ChangeDetector.Decision = differs ? .transfer(.changedSize) : .compareContent
        #expect(ChangeDetector().decision(direction, local, remote, Self.record) == expected)
        #expect(ChangeDetector().decision(direction, local, remote, nil) == expected)
        #expect(ChangeDetector(mode: .checksum).decision(direction, local, remote, Self.record) == expected)
        // The record no longer applies, so the times decide. They are the same second or older.
        #expect(
            ChangeDetector(mode: .newer).decision(direction, local, remote, Self.record)
                == (change == .localTime && direction == .down ? .transfer(.newer) : .leave(.notNewer)))
        let bySize: ChangeDetector.Decision = differs ? .transfer(.changedSize) : .leave(.sameSize)
        #expect(ChangeDetector(mode: .size).decision(direction, local, remote, Self.record) == bySize)
        #expect(ChangeDetector(mode: .missing).decision(direction, local, remote, Self.record) == .leave(.exists))
        #expect(ChangeDetector(mode: .always).decision(direction, local, remote, Self.record) == .transfer(.always))
        let alone: ChangeDetector.Decision =
            switch change {
            case .remoteSize, .eTag: .leave(.unchanged)
            case .localSize: .transfer(.changed)
            case .localTime, .localNanosecond, .changeTime, .inode: .compareContent
            }
        #expect(ChangeDetector(trustsRecordAlone: true).decision(local, Self.record) == alone)
    }

    @Test(
        "Newer compares whole seconds and requires the source to be newer than the destination",
        arguments: [
            (999, 999_999_999, 1000.0, .leave(.notNewer), .transfer(.newer)),
            (1000, 0, 1000.0, .leave(.notNewer), .leave(.notNewer)),
            (1000, 999_999_999, 1000.0, .leave(.notNewer), .leave(.notNewer)),
            (1001, 0, 1000.0, .transfer(.newer), .leave(.notNewer)),
            (-1, 0, 0, .leave(.notNewer), .transfer(.newer)),
        ] as [(Int64, Int64, Double, ChangeDetector.Decision, ChangeDetector.Decision)])
    func newer(
        seconds: Int64, nanoseconds: Int64, remoteSeconds: Double, up: ChangeDetector.Decision,
        down: ChangeDetector.Decision
    ) {
        var (local, remote) = (Self.local, Self.remote)
        local.modified = FileStatus.Time(seconds: seconds, nanoseconds: nanoseconds)
        remote.modified = Date(timeIntervalSince1970: remoteSeconds)
        // The sizes do not matter.
        for size in [10, 11] as [Int64] {
            local.size = size
            let detector = ChangeDetector(mode: .newer)
            #expect(detector.decision(.up, local, remote, nil) == up)
            #expect(detector.decision(.down, local, remote, nil) == down)
        }
    }

    @Test(
        "A record whose two sides cannot be equal is ignored", arguments: [UpdateMode.size, .newer, .modified])
    func unsound(mode: UpdateMode) {
        var (local, remote, record) = (Self.local, Self.remote, Self.record)
        // A truncated download, in which the object has more bytes than the file.
        (local.size, record.size) = (5, 5)
        #expect(record.matches(local) && record.matches(remote) && !record.isSound)
        #expect(ChangeDetector(mode: mode).decision(.down, local, remote, record) != .leave(.unchanged))
        #expect(ChangeDetector(mode: mode).decision(local, record) == .transfer(.new))
        // An upload that another server acknowledged, so the object has no ETag.
        (local, record) = (Self.local, Self.record)
        (remote.eTag, record.eTag) = ("", "")
        #expect(record.matches(local) && record.matches(remote) && !record.isSound)
        #expect(ChangeDetector(mode: mode).decision(.up, local, remote, record) != .leave(.unchanged))
    }

    @Test(
        "Sizes are not compared if files are compressed",
        arguments: [
            (.size, compare), (.modified, compare), (.checksum, compare), (.always, .transfer(.always)),
            (.missing, .leave(.exists)),
        ] as [(UpdateMode, ChangeDetector.Decision)])
    func encoded(mode: UpdateMode, decision: ChangeDetector.Decision) {
        var local = Self.local
        local.size = 12
        #expect(ChangeDetector(mode: mode).decision(.up, local, Self.remote, nil, isEncoded: true) == decision)
        var record = Self.record
        (record.size, record.isEncoded) = (12, true)
        let isKnown = mode == .size || mode == .modified
        #expect(
            ChangeDetector(mode: mode).decision(.up, local, Self.remote, record, isEncoded: true)
                == (isKnown ? .leave(.unchanged) : decision))
    }

    @Test("A snapshot decides about unchanged, changed and unknown files")
    func snapshot() {
        let detector = ChangeDetector(trustsRecordAlone: true)
        #expect(detector.decision(Self.local, nil) == .transfer(.new))
        #expect(detector.decision(Self.local, Self.record) == .leave(.unchanged))
    }

    @Test(
        "Equal ETags of two objects prove equal contents, and different ones a difference only if both are MD5s",
        arguments: [
            ("MD5", "MD5", .leave(.sameContent)), ("MD5", "md5", .transfer(.changedContent)),
            ("MD5", "multipart", compare), ("multipart", "MD5", compare), ("multipart", "other", compare),
            ("multipart", "multipart", .leave(.sameContent)),
        ] as [(String, String, ChangeDetector.Decision)], [UpdateMode.modified, .checksum])
    func objects(row: (left: String, right: String, decision: ChangeDetector.Decision), mode: UpdateMode) {
        let tags = [
            "MD5": String(repeating: "A", count: 32), "md5": String(repeating: "B", count: 32),
            "multipart": String(repeating: "A", count: 32) + "-2", "other": String(repeating: "B", count: 32) + "-2",
        ]
        func entry(_ name: String, size: Int64 = 10) -> RemoteEntry {
            let type: ObjectType = name.lowercased() == "md5" ? .normal : .multipart
            return RemoteEntry(key: "k", size: size, eTag: tags[name] ?? "", type: type)
        }
        let detector = ChangeDetector(mode: mode)
        #expect(detector.decision(from: entry(row.left), to: entry(row.right)) == row.decision)
        #expect(detector.decision(from: entry(row.left), to: entry(row.right, size: 9)) == .transfer(.changedSize))
    }

    @Test("The other modes do not compare the ETags of two objects")
    func objectModes() {
        func decision(_ mode: UpdateMode, size: Int64 = 10, _ seconds: Double = 0) -> ChangeDetector.Decision {
            let old = RemoteEntry(
                key: "k", size: 10, eTag: "A", type: "Normal", modified: .init(timeIntervalSince1970: 0))
            let source = RemoteEntry(
                key: "k", size: size, eTag: "B", type: "Normal", modified: .init(timeIntervalSince1970: seconds))
            return ChangeDetector(mode: mode).decision(from: source, to: old)
        }
        #expect(decision(.always) == .transfer(.always))
        #expect(decision(.missing, size: 11) == .leave(.exists))
        #expect(decision(.size) == .leave(.sameSize))
        #expect(decision(.size, size: 11) == .transfer(.changedSize))
        #expect(decision(.newer, size: 11) == .leave(.notNewer))
        #expect(decision(.newer, 1) == .transfer(.newer))
        #expect(decision(.newer, -1) == .leave(.notNewer))
    }
}
