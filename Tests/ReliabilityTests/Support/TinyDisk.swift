#if os(Linux)
    import Foundation
    import TestKit

    /// A real disk of a few hundred kilobytes, if the process can mount one.
    final class TinyDisk: Sendable {
        static let size = 256 << 10
        static let isAvailable = (try? TinyDisk()) != nil

        let folder: ScratchDirectory

        init() throws {
            folder = try ScratchDirectory()
            guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(Self.size)") == 0 else {
                throw CocoaError(.fileWriteNoPermission)
            }
        }

        deinit {
            // Unmounts even if a file is still open (MNT_DETACH).
            umount2(folder.path, 2)
        }
    }
#endif
