#if canImport(FoundationNetworking)
    import Foundation
    import Synchronization

    /// The directories that Foundation on Linux creates for cookies and cached responses when a process creates its first
    /// session configuration, even if the configuration uses neither.
    ///
    /// They are removed when the process ends, unless they existed before or contain something. They are not removed
    /// earlier, because other sessions of the program can store cookies and responses there.
    enum FoundationDirectories {
        /// Registers the removal, once per process. Must be called before the first configuration is created.
        static func removeAtExit() { _ = registration }

        private static let registration: Void = {
            let missing = paths.flatMap { missingDirectories(for: $0) { access($0, F_OK) == 0 } }
            guard !missing.isEmpty else { return }
            removable.withLock { $0 = missing }
            // quick_exit(3) is for programs that end while threads of the network stack may still run.
            atexit { FoundationDirectories.remove() }
            at_quick_exit { FoundationDirectories.remove() }
        }()

        private static let removable = Mutex<[String]>([])

        private static func remove() {
            // rmdir(2) removes only empty directories.
            for path in removable.withLock({ $0 }) { rmdir(path) }
        }

        /// The directories of HTTPCookieStorage and URLCache, which Foundation does not publish.
        private static var paths: [String] {
            let (files, program) = (
                FileManager.default, Bundle.main.bundleURL.deletingPathExtension().lastPathComponent
            )
            let cookies = files.urls(for: .applicationSupportDirectory, in: .userDomainMask).first
            let responses = files.urls(for: .cachesDirectory, in: .userDomainMask).first
            return [
                cookies?.appendingPathComponent(program).path,
                responses?.appendingPathComponent("org.swift.foundation.URLCache")
                    .appendingPathComponent(Bundle.main.bundleIdentifier ?? ProcessInfo.processInfo.processName).path,
            ].compactMap { $0 }
        }

        /// Returns a directory and the directories above it, as far as they do not exist, each before its parent.
        static func missingDirectories(for path: String, exists: (String) -> Bool) -> [String] {
            var missing: [String] = []
            var path = path
            while path.hasPrefix("/"), path != "/", !exists(path) {
                missing.append(path)
                path = (path as NSString).deletingLastPathComponent
            }
            return missing
        }
    }
#endif
