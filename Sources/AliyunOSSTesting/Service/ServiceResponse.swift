import Foundation

/// A response without the headers that all responses share.
struct ServiceResponse {
    enum Body {
        case none
        case data(Data)
        /// A range of stored bytes, sent without being copied.
        case bytes(ObjectBytes, Range<Int>)
    }

    var status = 200
    var headers: [(name: String, value: String)] = []
    var body = Body.none
    /// Whether the body is sent in chunks, without a `Content-Length` header.
    var isChunked = false
    /// Body length, in bytes, that a response to HEAD announces.
    var announcedLength: Int?
    /// Lowercase names of default headers that are replaced or omitted.
    var overriddenHeaders: Set<String> = []

    init(status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Creates a response with an XML document.
    init(xml: Data) {
        self.init(headers: [("Content-Type", "application/xml")], body: .data(xml))
    }

    /// Creates a response whose headers take precedence over those that the server sets.
    init(status: Int, overriding headers: [String: String], body: [UInt8]) {
        self.init(status: status, body: .data(Data(body)))
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { override(name, value) }
        // A chunked body has no length.
        if overriddenHeaders.contains("transfer-encoding") { overriddenHeaders.insert("content-length") }
    }

    mutating func add(_ name: String, _ value: String) {
        headers.append((name, value))
    }

    /// Adds the encryption headers and, if versioning was ever enabled, the version ID header to the response to a
    /// write.
    mutating func addVersion(of object: MockObject) {
        object.attributes.encryption?.describe(in: &self)
        if let id = object.attributes.versionID { add("x-oss-version-id", id) }
    }

    /// Adds the version ID header to the response to a read. Versions written before versioning was enabled have the ID
    /// `null`.
    mutating func addVersion(of object: MockObject, in bucket: MockBucket) {
        if bucket.properties.versioning != nil { add("x-oss-version-id", object.versionID) }
    }

    /// Replaces or adds a header, or removes the header if the value is `nil`.
    mutating func set(_ name: String, _ value: String?) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { add(name, value) }
    }

    /// Replaces or adds a header, including a default header, or omits the header if the value is `nil`.
    mutating func override(_ name: String, _ value: String?) {
        set(name, value)
        overriddenHeaders.insert(name.lowercased())
    }

    /// Whether a fault has set the `Connection` header to `close`.
    var endsConnection: Bool {
        overriddenHeaders.contains("connection")
            && headers.contains { $0.name.lowercased() == "connection" && $0.value.lowercased() == "close" }
    }

    /// A copy of the body.
    var bodyBytes: [UInt8] {
        switch body {
        case .none: []
        case .data(let data): Array(data)
        case .bytes(let bytes, let range): Array(bytes.data[range])
        }
    }

    var bodyLength: Int {
        switch body {
        case .none: 0
        case .data(let data): data.count
        case .bytes(_, let range): range.count
        }
    }
}

/// Functions that validate text from documents, forms or callbacks before it is used in a header.
enum HeaderText {
    /// Returns whether the text is free of control characters, which could end one header and start another.
    static func isValid(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
