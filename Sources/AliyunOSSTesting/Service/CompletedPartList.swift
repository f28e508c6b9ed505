import Foundation
import OSSPrimitives

/// The parts that a CompleteMultipartUpload lists, checked.
struct CompletedPartList {
    private static let minimumLength = 100 * 1024

    let parts: [(number: Int, part: MockUpload.Part)]

    init(_ request: ServiceRequest, _ uploaded: [Int: MockUpload.Part]) throws(ServiceError) {
        let id = request.query["uploadId"] ?? ""
        if request.header("x-oss-complete-all")?.lowercased() == "yes" {
            guard request.body.bytes.count == 0 else {
                throw .invalidArgument(
                    "Should not speficy both complete all header and http body.", name: "x-oss-complete-all",
                    value: "yes",
                    ec: "0042-00000216")
            }
            parts = uploaded.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            guard !parts.isEmpty else { throw Self.malformed }
        } else {
            // A list of no parts makes an empty object.
            parts = try Self.listed(request, uploaded, id)
        }
        for (number, part) in parts.dropLast() where part.size < Self.minimumLength {
            throw ServiceError(
                status: 400, code: "EntityTooSmall",
                message: "Your proposed upload smaller than the minimum allowed size.", ec: "0042-00000213",
                details: [
                    ("ETag", "\"\(part.eTag)\""), ("MinSizeAllowed", String(Self.minimumLength)),
                    ("ProposedSize", String(part.size)), ("PartNumber", String(number)), ("UploadId", id),
                ])
        }
    }

    private static func listed(
        _ request: ServiceRequest, _ uploaded: [Int: MockUpload.Part], _ id: String
    ) throws(ServiceError) -> [(number: Int, part: MockUpload.Part)] {
        guard let document = try? XMLReader.read(request.body.bytes.data), document.name == "CompleteMultipartUpload"
        else { throw malformed }
        var found: [(number: Int, part: MockUpload.Part)] = []
        for element in document.all("Part") {
            guard let text = element.text("PartNumber")?.trimmingCharacters(in: .whitespacesAndNewlines),
                let number = Int(text), let eTag = element.text("ETag")
            else { throw malformed }
            guard (1...10_000).contains(number) else { throw .invalidPartNumber(text) }
            guard number > found.last?.number ?? 0 else {
                throw ServiceError(
                    status: 400, code: "InvalidPartOrder", message: "The list of parts was not in ascending order.",
                    ec: "0042-00000209", details: [("PartNumber", text), ("UploadId", id)])
            }
            let bare = eTag.trimmingCharacters(in: .whitespacesAndNewlines).trimmingCharacters(in: ["\""])
            guard let part = uploaded[number], part.eTag == bare.uppercased() else {
                throw ServiceError(
                    status: 400, code: "InvalidPart",
                    message: "One or more of the specified parts could not be found or the specified entity tag "
                        + "might not have matched the part's entity tag.",
                    ec: "0042-00000211", details: [("ETag", eTag), ("PartNumber", text), ("UploadId", id)])
            }
            found.append((number, part))
        }
        return found
    }

    private static let malformed: ServiceError = {
        var error = ServiceError.malformedXML
        error.ec = "0042-00000205"
        return error
    }()
}

extension ServiceError {
    static func invalidPartNumber(_ text: String) -> ServiceError {
        .invalidArgument(
            "Part number must be an integer between 1 and 10000, inclusive.", name: "partNumber", value: text)
    }
}
