/// The traffic limit, in bits per second, in an `x-oss-traffic-limit` header, query parameter or form field.
enum TrafficLimit {
    private static let name = "x-oss-traffic-limit"
    private static let range = 819_200...838_860_800

    static func check(_ request: ServiceRequest) throws(ServiceError) {
        try check([request.header(name), request.query[name]])
    }

    /// Checks the traffic limit in a form. The limit must not be specified in both the form and the request.
    static func check(_ fields: FormFields, of request: ServiceRequest) throws(ServiceError) {
        try check([fields[name], request.header(name), request.query[name]])
    }

    private static func check(_ places: [String?]) throws(ServiceError) {
        let given = places.compactMap { $0 }
        guard let text = given.first else { return }
        guard given.count == 1, bytesPerSecond(text) != nil else {
            throw .invalidArgument(
                "The traffic limit must be given once, as a number between 819200 and 838860800.", name: name,
                value: text)
        }
    }

    /// Returns the rate limit, in bytes per second, for the request or response body, or `nil` if there is no valid
    /// limit.
    static func bytesPerSecond(_ request: ServiceRequest) -> Int? {
        guard request.operation.movesBytes else { return nil }
        return (request.header(name) ?? request.query[name]).flatMap(bytesPerSecond)
    }

    /// Returns the rate limit, in bytes per second, for the form's file, or `nil` if there is no valid limit.
    static func bytesPerSecond(_ fields: FormFields) -> Int? {
        fields[name].flatMap(bytesPerSecond)
    }

    private static func bytesPerSecond(_ text: String) -> Int? {
        guard let limit = Int(text), range.contains(limit) else { return nil }
        return limit / 8
    }
}

/// A rate limit for bytes that are transferred in chunks.
struct Pace {
    /// Maximum time that later transfers can make up after a late wakeup.
    private static let slack = Duration.milliseconds(50)
    /// Minimum duration of a wait. Shorter waits are postponed and accumulate.
    private static let shortest = Duration.milliseconds(1)

    private let bytesPerSecond: Int
    /// Earliest time at which the bytes counted so far may have been transferred under the limit.
    private var due: ContinuousClock.Instant

    init(bytesPerSecond: Int, start: ContinuousClock.Instant = .now) {
        self.bytesPerSecond = max(bytesPerSecond, 1)
        due = start
    }

    /// The number of bytes that the limit allows in 50 ms, used as the chunk size.
    var chunkLength: Int { max(1, bytesPerSecond / 20) }

    /// Returns the time to wait after transferring the given number of bytes.
    mutating func delay(after count: Int, at now: ContinuousClock.Instant = .now) -> Duration {
        let time = Duration.nanoseconds(1_000_000_000 * Int64(count) / Int64(bytesPerSecond))
        due = max(due, now - Self.slack) + time
        let delay = due - now
        return delay < Self.shortest ? .zero : delay
    }
}
