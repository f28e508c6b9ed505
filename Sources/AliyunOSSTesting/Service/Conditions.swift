import AliyunOSS
import Foundation
import OSSPrimitives

/// The conditions, such as `If-Match`, that a request's headers set on an object or on the source of a copy.
struct Conditions {
    var ifMatch: String?
    var ifNoneMatch: String?
    var ifModifiedSince: Date?
    var ifUnmodifiedSince: Date?

    init(_ request: ServiceRequest, prefix: String = "") {
        ifMatch = request.header(prefix + "if-match")
        ifNoneMatch = request.header(prefix + "if-none-match")
        ifModifiedSince = request.header(prefix + "if-modified-since").flatMap { HTTPDate.date(from: $0) }
        ifUnmodifiedSince = request.header(prefix + "if-unmodified-since").flatMap { HTTPDate.date(from: $0) }
    }

    enum Verdict {
        case holds
        case notModified
        /// The condition with the given name was not met.
        case failed(String)
    }

    func evaluate(_ object: MockObject) -> Verdict {
        let modified = object.attributes.lastModified
        if let ifMatch, !matches(ifMatch, object) { return .failed("If-Match") }
        if let ifUnmodifiedSince, modified > ifUnmodifiedSince { return .failed("If-Unmodified-Since") }
        if let ifNoneMatch, matches(ifNoneMatch, object) { return .notModified }
        // The documentation says that a future date is ignored; the tests of the official SDKs show otherwise.
        if let ifModifiedSince, modified <= ifModifiedSince { return .notModified }
        return .holds
    }

    private func matches(_ list: String, _ object: MockObject) -> Bool {
        list.split(separator: ",").contains { tag in
            let tag = tag.trimmingCharacters(in: .whitespaces)
            return tag == "*" || tag.trimmingCharacters(in: ["\""]).uppercased() == object.attributes.eTag.uppercased()
        }
    }
}
