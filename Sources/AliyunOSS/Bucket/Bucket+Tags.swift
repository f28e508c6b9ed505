import OSSPrimitives

extension Bucket {
    /// The tags of an object of this bucket or another. (GetObjectTagging)
    nonisolated func tags(
        of key: ObjectKey, in bucket: String?, versionID: String?
    ) async throws -> [String: String] {
        var operation = Operation("GetObjectTagging", .get, key: key)
        operation.bucket = bucket
        operation.query = [("tagging", nil)]
        operation.addQuery("versionId", ifPresent: versionID)
        let response = try await client.perform(operation)
        guard let root = try? XMLReader.read(response.body), root.name == "Tagging", let set = root["TagSet"] else {
            throw client.reject(
                OSSError(.invalidResponse, "the answer has no tags in it. Check the endpoint"), operation)
        }
        var tags: [String: String] = [:]
        for tag in set.all("Tag") { tags[tag.text("Key") ?? ""] = tag.text("Value") ?? "" }
        return tags
    }
}
