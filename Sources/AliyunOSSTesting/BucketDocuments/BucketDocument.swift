import Foundation
import OSSPrimitives

/// A part of a bucket's configuration that is a document, put, got and deleted under the name of a query parameter.
struct BucketDocument: Sendable {
    /// What stands for a document that was never put.
    enum Unset: Sendable {
        case missing(code: String, message: String, ec: String? = nil)
        case document(String)
    }

    /// Where the document is asked for: in a parameter of the bucket, of one of its items, or with a `comp`.
    enum Variant: Sendable, Equatable {
        case plain
        /// One of many; the parameter has the name.
        case item(parameter: String)
        case comp(String)
    }

    /// What checks and completes a document that is put.
    typealias Completion = @Sendable (inout XMLTree, Service, ServiceRequest) throws(ServiceError) -> Void

    /// The query parameter.
    let parameter: String
    /// What operations on it are called after the verb.
    let name: String
    var variant = Variant.plain
    /// `nil` for a document in JSON.
    let shape: DocumentShape?
    var verbs = ["PUT", "GET"]
    let unset: Unset
    var maximumLength = 2 << 20
    var complete: Completion?
    /// Whether a PUT for a bucket that does not exist is taken for a PutBucket with a body that is none, as the service
    /// does with its newer resources.
    var isLikePutBucket = false

    init(
        _ parameter: String, _ name: String, _ notation: String?, variant: Variant = .plain,
        verbs: [String] = ["PUT", "GET"], unset: Unset, maximumLength: Int = 2 << 20, complete: Completion? = nil,
        isLikePutBucket: Bool = false
    ) {
        self.parameter = parameter
        self.name = name
        self.variant = variant
        shape = notation.flatMap(DocumentShape.init)
        self.verbs = verbs
        self.unset = unset
        self.maximumLength = maximumLength
        self.complete = complete
        self.isLikePutBucket = isLikePutBucket
    }

    /// Under which name the document of a request is kept.
    func storageKey(_ request: ServiceRequest) -> String {
        switch variant {
        case .plain: parameter
        case .item(let item): "\(parameter)/\(request.query[item] ?? "")"
        case .comp(let comp): "\(parameter)?\(comp)"
        }
    }

    /// What is kept of the document in a request.
    func accept(_ request: ServiceRequest, _ service: Service) throws(ServiceError) -> Data {
        let body = request.body.bytes.data
        guard body.count <= maximumLength else { throw .malformedXML }
        guard let shape else {
            try BucketPolicy.check(body)
            if BucketPolicy.isPublic(body) {
                let isBlocked = service.blocksPublicAccess(try service.bucket(request).properties)
                try service.checkPublicAccess("bucket policy", isBlocked)
            }
            return body
        }
        guard let given = try? XMLReader.read(body) else { throw .malformedXML }
        var tree = try shape.arranged(given)
        try complete?(&tree, service, request)
        return tree.document
    }

    /// The answer to a GET.
    func answer(_ stored: Data?, _ request: ServiceRequest) throws(ServiceError) -> ServiceResponse {
        if let stored {
            var response = ServiceResponse(xml: stored)
            if shape == nil { response.set("Content-Type", "application/json") }
            return response
        }
        switch unset {
        case .document(let content):
            let name = shape?.name ?? ""
            return ServiceResponse(
                xml: Data("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(name)>\(content)</\(name)>".utf8))
        case .missing(let code, let message, let ec):
            throw ServiceError(
                status: 404, code: code, message: message, ec: ec ?? "0015-00000404",
                details: [("BucketName", request.bucket ?? "")])
        }
    }
}
