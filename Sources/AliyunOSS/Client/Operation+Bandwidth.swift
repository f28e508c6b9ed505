extension Operation {
    private static let contentNames: Set = ["PutObject", "GetObject", "AppendObject", "UploadPart", "PostObject"]
    private static let copyNames: Set = ["CopyObject", "UploadPartCopy"]

    /// Whether it moves the bytes of an object between here and the service.
    var movesContent: Bool { Self.contentNames.contains(name) }

    /// Whether the service takes `x-oss-traffic-limit` with it. It refuses one that is given twice.
    var acceptsTrafficLimit: Bool {
        let header = "x-oss-traffic-limit"
        return (movesContent || Self.copyNames.contains(name)) && headers[header] == nil
            && !query.contains { $0.name == header }
    }

    /// How many bytes it will move in both directions, as far as that is known beforehand.
    var expectedLength: Int64 { body.length + expectedResponseLength }
}
