import Foundation
public struct TransferProgress: Sendable, Hashable { }
final class ProgressMeter: Sendable {
    init(total: Int64?, onProgress: (@Sendable (TransferProgress) -> Void)?) {}
    func part(_ n: Int, moved: Int64) {}
    func finishPart(_ n: Int, bytes: Int64) {}
    func skip(bytes: Int64) {}
    func setTotal(_ n: Int64) {}
    func restart() {}
    func finish() async {}
}
