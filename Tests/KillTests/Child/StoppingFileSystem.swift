import AliyunOSS
import Foundation

/// A file system with a point before each call that changes something.
///
/// The effect of a call is visible at the next point, so no point is needed after the call. Calls whose effects do not
/// outlive the process need no point either: queries, reads, locks and syncs.
final class StoppingFileSystem: FileSystemInterceptor {
    private static let changes: Set<FileSystemCall.Kind> = [
        .create, .truncate, .rename, .unlink, .makeDirectory, .setPermissions, .setTime, .allocate, .link,
    ]

    private let points: Points

    init(_ points: Points) {
        self.points = points
    }

    func verdict(on call: FileSystemCall) -> FileSystemVerdict {
        let thing = Self.thing(at: call.path)
        switch call.kind {
        case .write: return points.passWrite(to: thing) ? .short(10) : .proceed
        case .synchronize, .synchronizeFileSystem: points.beginAnew()
        case let kind where Self.changes.contains(kind): points.pass("\(kind.rawValue) \(thing)")
        default: break
        }
        return .proceed
    }

    private static func thing(at path: String) -> String {
        if path.hasSuffix(".journal") { return "journal" }
        if path.hasSuffix(".oss-partial") { return "temporary file" }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        // It follows a hash of the destination, which differs in each run.
        if let record = name.range(of: ".record") { return String(name[record.lowerBound...].dropFirst()) }
        return name
    }
}
