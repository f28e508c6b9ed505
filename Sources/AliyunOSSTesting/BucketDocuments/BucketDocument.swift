import Foundation
import OSSPrimitives

/// A bucket configuration document. Requests store, read and delete the document by specifying a query parameter.
struct BucketDocument: Sendable {
    /// The response to a GET request for a document that was never stored.
    enum Unset: Sendable {
        case missing(code: String, message: String, ec: String? = nil)
        case document(String)
    }

    /// A way in which requests identify the document. They use a query parameter alone, with an item name, or with
    /// `comp`.
    enum Variant: Sendable, Equatable {
        case plain
        /// One of several documents, identified by the item name in the given query parameter.
        case item(parameter: String)
        case comp(String)
    }

    /// A function that validates a document and adds its default values.
    typealias Completion = @Sendable (inout XMLTree, Service, ServiceRequest) throws(ServiceError) -> Void

    /// Query parameter that selects the document.
    let parameter: String
    /// Name of the document's operations without the verb, such as `BucketLifecycle`.
    let name: String
    var variant = Variant.plain
    /// Required shape of an XML document, or `nil` for a JSON document.
    let shape: DocumentShape?
    var verbs = ["PUT", "GET"]
    let unset: Unset
    var maximumLength = 2 << 20
    var complete: Completion?
    /// Whether the server treats a PUT request to a nonexistent bucket as PutBucket with an invalid body, as the
    /// service does for newer subresources.
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

    /// Returns the storage key of the document that a request names.
    func storageKey(_ request: ServiceRequest) -> String {
        switch variant {
        case .plain: parameter
        case .item(let item): "\(parameter)/\(request.query[item] ?? "")"
        case .comp(let comp): "\(parameter)?\(comp)"
        }
    }

    /// Validates the document in a request and returns the bytes to store.
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

    /// Returns the response to a GET request for the document.
    func response(_ stored: Data?, _ request: ServiceRequest) throws(ServiceError) -> ServiceResponse {
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

extension Service {
    static let defaultResourceGroup = "rg-acfmxmockdefault"

    func putDocument(_ document: BucketDocument, _ request: ServiceRequest) throws -> ServiceResponse {
        if document.isLikePutBucket, request.bucket.flatMap({ store.bucket($0) }) == nil {
            var error = ServiceError.malformedXML
            error.ec = "0015-00000231"
            throw error
        }
        let bucket = try bucket(request)
        let accepted = try document.accept(request, self)
        try store.update(bucket) { $0.documents[document.storageKey(request)] = accepted }
        return ServiceResponse()
    }

    func document(_ document: BucketDocument, _ request: ServiceRequest) throws -> ServiceResponse {
        try document.response(try bucket(request).properties.documents[document.storageKey(request)], request)
    }

    func deleteDocument(_ document: BucketDocument, _ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        try store.update(bucket) { $0.documents[document.storageKey(request)] = nil }
        return ServiceResponse(status: 204)
    }

    func deleteTags(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let names = (request.query["tagging"] ?? "").split(separator: ",").map(String.init)
        try store.update(bucket) { properties in
            guard !names.isEmpty, let document = properties.documents["tagging"] else {
                properties.documents["tagging"] = nil
                return
            }
            properties.documents["tagging"] = BucketTags.removing(names, from: document)
        }
        return ServiceResponse(status: 204)
    }

    func policyStatus(_ request: ServiceRequest) throws -> ServiceResponse {
        let policy = try bucket(request).properties.documents["policy"]
        var xml = XMLWriter(root: "PolicyStatus")
        xml.element("IsPublic", String(policy.map(BucketPolicy.isPublic) ?? false))
        return ServiceResponse(xml: xml.finish())
    }

    // MARK: Items

    func listInventories(_ request: ServiceRequest) throws -> ServiceResponse {
        let all = try items("inventory", of: request)
        guard !all.isEmpty else {
            throw ServiceError(
                status: 404, code: "NoSuchInventory", message: "The inventory configuration does not exist.",
                ec: "0015-00000404", details: [("BucketName", request.bucket ?? "")])
        }
        let page = DocumentPage(all, request, maximum: 100)
        var xml = XMLWriter(root: "ListInventoryConfigurationsResult")
        for item in page.items { item.tree.write(to: &xml) }
        xml.element("IsTruncated", String(page.next != nil))
        if !page.marker.isEmpty { xml.element("ContinuationToken", page.marker) }
        if let next = page.next { xml.element("NextContinuationToken", next) }
        return ServiceResponse(xml: xml.finish())
    }

    func listStyles(_ request: ServiceRequest) throws -> ServiceResponse {
        var xml = XMLWriter(root: "StyleList")
        for item in try items("style", of: request) { item.tree.write(to: &xml) }
        return ServiceResponse(xml: xml.finish())
    }

    /// Returns the bucket's documents stored under `parameter/…`, sorted by name.
    func items(_ parameter: String, of request: ServiceRequest) throws -> [(name: String, tree: XMLTree)] {
        try bucket(request).properties.documents
            .filter { $0.key.hasPrefix(parameter + "/") }
            .sorted { $0.key < $1.key }
            .compactMap { item in
                let name = String(item.key.dropFirst(parameter.count + 1))
                return (try? XMLReader.read(item.value)).map { (name, $0) }
            }
    }

    // MARK: The account

    func putAccountPublicAccessBlock(_ request: ServiceRequest) throws -> ServiceResponse {
        let accepted = try BucketDocument.accountPublicAccessBlock.accept(request, self)
        try store.updateAccount { $0["publicAccessBlock"] = accepted }
        return ServiceResponse()
    }

    func accountPublicAccessBlock(_ request: ServiceRequest) throws -> ServiceResponse {
        try BucketDocument.accountPublicAccessBlock.response(store.account["publicAccessBlock"], request)
    }

    func deleteAccountPublicAccessBlock(_ request: ServiceRequest) throws -> ServiceResponse {
        try store.updateAccount { $0["publicAccessBlock"] = nil }
        return ServiceResponse(status: 204)
    }

    /// Returns whether the bucket or the entire account blocks public access.
    func blocksPublicAccess(_ properties: MockBucket.Properties?) -> Bool {
        [properties?.documents["publicAccessBlock"], store.account["publicAccessBlock"]].contains { document in
            document.flatMap { try? XMLReader.read($0) }?.text("BlockPublicAccess") == "true"
        }
    }
}

/// One page of named documents, as selected by `continuation-token` and `max-keys`.
struct DocumentPage {
    let marker: String
    let limit: Int
    let items: ArraySlice<(name: String, tree: XMLTree)>
    /// Name of the last item on the page, or `nil` if this is the last page.
    let next: String?

    init(_ all: [(name: String, tree: XMLTree)], _ request: ServiceRequest, maximum: Int) {
        let marker = request.query["continuation-token"] ?? ""
        let rest = all.filter { $0.name > marker }.sorted { $0.name < $1.name }
        self.marker = marker
        limit = request.query["max-keys"].flatMap(Int.init).map { min(max($0, 1), maximum) } ?? 100
        items = rest.prefix(limit)
        next = items.count < rest.count ? items.last?.name : nil
    }
}
