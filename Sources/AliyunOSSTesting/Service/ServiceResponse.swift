import Foundation

/// An answer before the headers that every answer has.
struct ServiceResponse {
    enum Body {
        case none
        case data(Data)
        /// A part of stored bytes, sent without a copy.
        case bytes(ObjectBytes, Range<Int>)
    }

    var status = 200
    var headers: [(name: String, value: String)] = []
    var body = Body.none
    /// Whether the body is sent in chunks, without a length.
    var isChunked = false
    /// What a HEAD request is told about the body that it does not get.
    var announcedLength: Int?
    /// Headers that the answer would have by itself and must not, in lower case: faults have replaced them.
    var overriddenHeaders: Set<String> = []

    init(status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer with an XML document.
    init(xml: Data) {
        self.init(headers: [("Content-Type", "application/xml")], body: .data(xml))
    }

    /// An answer that somebody else has made up. Its headers take the place of the server's own.
    init(status: Int, overriding headers: [String: String], body: [UInt8]) {
        self.init(status: status, body: .data(Data(body)))
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { override(name, value) }
        // A body that is said to be in chunks has no length beside them.
        if overriddenHeaders.contains("transfer-encoding") { overriddenHeaders.insert("content-length") }
    }

    mutating func add(_ name: String, _ value: String) {
        headers.append((name, value))
    }

    /// Adds what a write is told: the id of the version, where versioning was ever enabled, and the encryption.
    mutating func addVersion(of object: MockObject) {
        object.attributes.encryption?.describe(in: &self)
        if let id = object.attributes.versionID { add("x-oss-version-id", id) }
    }

    /// Adds the id of a version that was found. What is older than versioning is shown as `null` from then on.
    mutating func addVersion(of object: MockObject, in bucket: MockBucket) {
        if bucket.properties.versioning != nil { add("x-oss-version-id", object.versionID) }
    }

    /// Replaces a header, adds it, or with `nil` removes it.
    mutating func set(_ name: String, _ value: String?) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { add(name, value) }
    }

    /// Replaces a header, also one that the server adds to every answer, or with `nil` keeps it out.
    mutating func override(_ name: String, _ value: String?) {
        set(name, value)
        overriddenHeaders.insert(name.lowercased())
    }

    /// Whether a fault has put `Connection: close` into it.
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

/// Text that comes from a document, a form or a callback, and is to stand in a header.
enum HeaderText {
    /// Whether it can: no control character, which might end the header and begin another.
    static func isValid(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
