/// `x-oss-traffic-limit`: bits per second, in a header, in the query or in a field of a form.
enum TrafficLimit {
    private static let name = "x-oss-traffic-limit"
    private static let range = 819_200...838_860_800

    static func check(_ request: ServiceRequest) throws(ServiceError) {
        try check([request.header(name), request.query[name]])
    }

    /// Checks the limit of a form, whose field must not say what the request has said already.
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

    /// How fast the bytes of a request, or of its answer, may go; `nil` without a limit, and with one that is refused.
    static func bytesPerSecond(_ request: ServiceRequest) -> Int? {
        guard request.operation.movesBytes else { return nil }
        return (request.header(name) ?? request.query[name]).flatMap(bytesPerSecond)
    }

    /// How fast the file of a form may come.
    static func bytesPerSecond(_ fields: FormFields) -> Int? {
        fields[name].flatMap(bytesPerSecond)
    }

    private static func bytesPerSecond(_ text: String) -> Int? {
        guard let limit = Int(text), range.contains(limit) else { return nil }
        return limit / 8
    }
}

/// Keeps bytes that go in pieces at a rate.
struct Pace {
    /// How much may be caught up with after a pause that took too long.
    private static let slack = Duration.milliseconds(50)
    /// Shorter waits are left to add up.
    private static let shortest = Duration.milliseconds(1)

    private let bytesPerSecond: Int
    /// When the bytes so far should have gone.
    private var due: ContinuousClock.Instant

    init(bytesPerSecond: Int, start: ContinuousClock.Instant = .now) {
        self.bytesPerSecond = max(bytesPerSecond, 1)
        due = start
    }

    /// The length of a piece: what goes in a twentieth of a second.
    var pieceLength: Int { max(1, bytesPerSecond / 20) }

    /// How long to wait when so many more bytes have gone.
    mutating func delay(after count: Int, at now: ContinuousClock.Instant = .now) -> Duration {
        let time = Duration.nanoseconds(1_000_000_000 * Int64(count) / Int64(bytesPerSecond))
        due = max(due, now - Self.slack) + time
        let delay = due - now
        return delay < Self.shortest ? .zero : delay
    }
}
