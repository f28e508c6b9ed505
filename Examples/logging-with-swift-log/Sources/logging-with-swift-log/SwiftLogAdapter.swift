import AliyunOSS
import Logging

/// A logger of the library that forwards its messages to swift-log.
struct SwiftLogAdapter: ClientLogger {
    let logger: Logger

    func log(_ level: LogLevel, _ message: String, metadata: [String: String]) {
        // The levels of the library have the names of those of swift-log.
        let level = Logger.Level(rawValue: level.rawValue) ?? .info
        logger.log(level: level, "\(message)", metadata: metadata.mapValues { .string($0) })
    }
}
