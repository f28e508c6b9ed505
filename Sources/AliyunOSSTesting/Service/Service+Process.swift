import AliyunOSS
import Foundation
import Synchronization

/// The handlers for operations that the server does not implement.
final class ProcessHandlers: Sendable {
    typealias Handler = @Sendable (MockOSSServer.ProcessRequest) -> MockOSSServer.ProcessResponse?

    private let handlers = Mutex<[Handler]>([])

    func add(_ handler: @escaping Handler) {
        handlers.withLock { $0.append(handler) }
    }

    func removeAll() {
        handlers.withLock { $0 = [] }
    }

    func response(to request: MockOSSServer.ProcessRequest) -> MockOSSServer.ProcessResponse? {
        // Called without the lock: a handler may register another one.
        for handler in handlers.withLock({ $0 }).reversed() {
            if let response = handler(request) { return response }
        }
        return nil
    }
}

extension Service {
    private static let processParameters = ["x-oss-process", "x-oss-async-process"]

    /// Passes a request for an unimplemented operation to the registered handlers.
    func process(_ request: ServiceRequest) throws -> ServiceResponse {
        if request.bucket != nil { _ = try bucket(request) }
        var object: Data?
        if request.key != nil, Self.processParameters.contains(where: { request.query.contains($0) }) {
            object = try source(request)
        }
        guard let response = processed(request, object: object) else {
            throw ServiceError.notImplemented(request.operationName)
        }
        return response
    }

    /// Returns the response of the first handler that responds, or `nil` if none does.
    func processed(_ request: ServiceRequest, object: Data?) -> ServiceResponse? {
        let body = request.body.bytes.data
        let response = handlers.response(
            to: MockOSSServer.ProcessRequest(
                operation: request.operationName, process: Self.instruction(request, body), method: request.method,
                bucket: request.bucket, key: request.key, query: request.query.items, headers: request.headers,
                body: body, object: object))
        return response.map { ServiceResponse(status: $0.status, overriding: $0.headers, body: Array($0.body)) }
    }

    /// Reads the object to process, as GetObject would.
    private func source(_ request: ServiceRequest) throws -> Data {
        var get = request
        get.operation = .getObject
        get.headers = [:]
        get.faults = nil
        get.query = QueryItems()
        get.query.items = request.query.items.filter { $0.name == "versionId" }
        return Data(try getObject(get).bodyBytes)
    }

    private static func instruction(_ request: ServiceRequest, _ body: Data) -> String? {
        guard let name = processParameters.first(where: { request.query.contains($0) }) else { return nil }
        if let value = request.query[name], !value.isEmpty { return value }
        let text = String(decoding: body, as: UTF8.self)
        return text.hasPrefix(name + "=") ? String(text.dropFirst(name.count + 1)) : ""
    }
}

/// The names of operations that the server does not implement.
enum UnimplementedOperation {
    static func name(of request: ServiceRequest) -> String {
        let query = request.query
        if let process = query["x-oss-process"] {
            switch process {
            case "csv/select", "json/select": return "SelectObject"
            case "csv/meta", "json/meta": return "CreateSelectObjectMeta"
            default: return "ProcessObject"
            }
        }
        if query.contains("dataPipeline"), let name = name(ofAction: query) { return name }
        let level = request.key != nil ? "object" : request.bucket != nil ? "bucket" : "service"
        for resource in query.resources {
            let name = "\(level) \(request.method) \(resource)"
            let variant = query["comp"] ?? (query.contains("status") ? "status" : "")
            if let found = names["\(name) \(variant)"] ?? names[name] { return found }
        }
        return "\(request.method) ?\(query.resources.first { _ in true } ?? "")"
    }

    /// Returns the name of the operation that an action selects, such as CreateDataset for
    /// `?metaQuery&action=createDataset`, or `nil` if the query has no action.
    static func name(ofAction query: QueryItems) -> String? {
        guard let action = query["action"], !action.isEmpty else { return nil }
        return action.prefix(1).uppercased() + action.dropFirst()
    }

    private static let names: [String: String] = [
        "object POST x-oss-async-process": "AsyncProcessObject",
        "object POST x-oss-dir": "CreateDirectory",
        "object POST x-oss-rename": "Rename",
        "object POST x-oss-delete": "DeleteDirectory",
        "object PUT live": "PutLiveChannel",
        "object PUT live status": "PutLiveChannelStatus",
        "object GET live": "GetLiveChannelInfo",
        "object GET live stat": "GetLiveChannelStat",
        "object GET live history": "GetLiveChannelHistory",
        "object DELETE live": "DeleteLiveChannel",
        "object POST vod": "PostVodPlaylist",
        "object GET vod": "GetVodPlaylist",
        "bucket POST asyncFetch": "PutAsyncFetchTask",
        "bucket GET asyncFetch": "GetAsyncFetchTask",
        "bucket POST metadataConfiguration": "CreateBucketMetadataConfiguration",
        "bucket GET metadataConfiguration": "GetBucketMetadataConfiguration",
        "bucket DELETE metadataConfiguration": "DeleteBucketMetadataConfiguration",
        "bucket PUT metadataInventoryTable": "UpdateBucketMetadataInventoryTableConfiguration",
        "bucket PUT metadataJournalTable": "UpdateBucketMetadataJournalTableConfiguration",
        "bucket PUT accessPointForObjectProcess": "CreateAccessPointForObjectProcess",
        "bucket GET accessPointForObjectProcess": "GetAccessPointForObjectProcess",
        "bucket DELETE accessPointForObjectProcess": "DeleteAccessPointForObjectProcess",
        "bucket PUT accessPointConfigForObjectProcess": "PutAccessPointConfigForObjectProcess",
        "bucket GET accessPointConfigForObjectProcess": "GetAccessPointConfigForObjectProcess",
        "bucket PUT accessPointPolicyForObjectProcess": "PutAccessPointPolicyForObjectProcess",
        "bucket GET accessPointPolicyForObjectProcess": "GetAccessPointPolicyForObjectProcess",
        "bucket DELETE accessPointPolicyForObjectProcess": "DeleteAccessPointPolicyForObjectProcess",
        "service GET accessPointForObjectProcess": "ListAccessPointsForObjectProcess",
        "service POST x-oss-write-get-object-response": "WriteGetObjectResponse",
    ]
}
