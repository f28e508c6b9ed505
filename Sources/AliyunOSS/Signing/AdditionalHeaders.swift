/// The headers that version 4 signs although it does not have to, such as `host` or `range`.
struct AdditionalHeaders: Sendable {
    /// Lower-case names, sorted, each once, without those that are signed in any case.
    private let names: [[UInt8]]

    init(_ names: [String]) {
        let wanted = Set(names.map(CanonicalHeaders.lowercase)).filter { !Self.isAlwaysSigned($0) }
        self.names = wanted.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Whether version 4 signs a header: because it always does, or because it is one of these.
    func isSigned(_ lowercaseName: [UInt8]) -> Bool {
        Self.isAlwaysSigned(lowercaseName) || names.contains(lowercaseName)
    }

    /// Those that the request has, as they stand in the signature: `host;range`. A name that is listed and not sent
    /// would make the signature wrong.
    func present(in headers: HTTPHeaders) -> String {
        if names.isEmpty { return "" }
        let sent = Set(headers.map { CanonicalHeaders.lowercase($0.name) })
        return names.filter(sent.contains).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ";")
    }

    private static func isAlwaysSigned(_ lowercaseName: [UInt8]) -> Bool {
        lowercaseName.starts(with: "x-oss-".utf8) || lowercaseName.elementsEqual("content-type".utf8)
            || lowercaseName.elementsEqual("content-md5".utf8)
    }
}
