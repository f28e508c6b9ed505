/// `x-oss-traffic-limit`: bits per second, in a header or in the query.
enum TrafficLimit {
    private static let name = "x-oss-traffic-limit"
    private static let range = 819_200...838_860_800

    static func check(_ request: ServiceRequest) throws(ServiceError) {
        let inHeader = request.header(name)
        let inQuery = request.query[name]
        guard let text = inHeader ?? inQuery else { return }
        guard inHeader == nil || inQuery == nil, let limit = Int(text), range.contains(limit) else {
            throw .invalidArgument(
                "The traffic limit must be given once, as a number between 819200 and 838860800.", name: name,
                value: text)
        }
    }

    /// How fast the bytes of a request, or of its answer, may go; `nil` without a limit, and with one that is refused.
    static func bytesPerSecond(_ request: ServiceRequest) -> Int? {
        guard request.operation.movesBytes, let text = request.header(name) ?? request.query[name],
            let limit = Int(text), range.contains(limit)
        else { return nil }
        return limit / 8
    }
}
