import Foundation
import OSSPrimitives

/// Tasks that change how a bucket is kept redundant. They are queued, listed and deleted; none is ever begun.
extension Service {
    private static let kind = "redundancyTransition/"

    func createRedundancyTransition(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let target = request.query["x-oss-target-redundancy-type"] ?? ""
        guard target == "ZRS" else {
            throw ServiceError.invalidArgument(
                "The target redundancy type is not valid.", name: "x-oss-target-redundancy-type", value: target)
        }
        let id = UUID().uuidString.filter { $0 != "-" }.lowercased()
        let task = XMLTree(
            name: "BucketDataRedundancyTransition",
            children: [
                XMLTree(name: "Bucket", text: bucket.name), XMLTree(name: "TaskId", text: id),
                XMLTree(name: "Status", text: "Queueing"),
                XMLTree(name: "CreateTime", text: ISO8601.extended(request.now)),
            ])
        try store.update(bucket) { $0.documents[Self.kind + id] = task.document }
        var xml = XMLWriter(root: "BucketDataRedundancyTransition")
        xml.element("TaskId", id)
        return ServiceResponse(xml: xml.finish())
    }

    func redundancyTransition(_ request: ServiceRequest) throws -> ServiceResponse {
        let id = Self.taskID(request)
        guard let document = try bucket(request).properties.documents[Self.kind + id] else { throw Self.noTask(id) }
        return ServiceResponse(xml: document)
    }

    func deleteRedundancyTransition(_ request: ServiceRequest) throws -> ServiceResponse {
        let id = Self.taskID(request)
        try store.update(try bucket(request)) { properties throws in
            guard properties.documents.removeValue(forKey: Self.kind + id) != nil else { throw Self.noTask(id) }
        }
        return ServiceResponse(status: 204)
    }

    /// The tasks of a bucket, or of all.
    func listRedundancyTransitions(_ request: ServiceRequest) throws -> ServiceResponse {
        let buckets = request.bucket == nil ? store.all : [try bucket(request)]
        let marker = request.query["continuation-token"] ?? ""
        let limit = request.query["max-keys"].flatMap(Int.init).map { min(max($0, 1), 100) } ?? 100
        let rest = buckets.flatMap { bucket in
            bucket.properties.documents.filter { $0.key.hasPrefix(Self.kind) }
                .map { (name: bucket.name + "/" + $0.key.dropFirst(Self.kind.count), document: $0.value) }
        }.filter { $0.name > marker }.sorted { $0.name < $1.name }
        let page = rest.prefix(limit)
        var xml = XMLWriter(root: "ListBucketDataRedundancyTransition")
        xml.element("IsTruncated", String(page.count < rest.count))
        if page.count < rest.count { xml.element("NextContinuationToken", page.last?.name ?? "") }
        for task in page { try XMLReader.read(task.document).write(to: &xml) }
        return ServiceResponse(xml: xml.finish())
    }

    private static func taskID(_ request: ServiceRequest) -> String {
        request.query["x-oss-redundancy-transition-taskid"] ?? ""
    }

    private static func noTask(_ id: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchBucketDataRedundancyTransitionTask",
            message: "The data redundancy transition task does not exist.", ec: "0061-00000001",
            details: [("TaskId", id)])
    }
}
