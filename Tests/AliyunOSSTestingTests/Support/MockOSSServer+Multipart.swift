import AliyunOSSTesting
import Testing

/// One upload in parts, of the object `big`.
extension MockOSSServer {
    func initiateUpload(_ headers: KeyValuePairs<String, String> = [:]) throws -> String {
        let response = try request("POST", "/photos/big?uploads", headers: headers)
        #expect(response.status == 200)
        return try #require(response.element("UploadId"))
    }

    func uploadPart(_ number: Int, _ body: String, _ id: String) throws -> String {
        let response = try request("PUT", "/photos/big?partNumber=\(number)&uploadId=\(id)", body: body)
        #expect(response.status == 200)
        return try #require(response.headers["etag"]).filter { $0 != "\"" }
    }

    func completeUpload(_ parts: [(Int, String)], _ id: String) throws -> RawResponse {
        let list = parts.map { "<Part><PartNumber>\($0.0)</PartNumber><ETag>\"\($0.1)\"</ETag></Part>" }.joined()
        return try request(
            "POST", "/photos/big?uploadId=\(id)",
            body: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>")
    }
}
