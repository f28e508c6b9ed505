import Foundation
import OSSPrimitives

/// The server-side encryption settings of an object. The server returns these settings but stores the content
/// unencrypted.
struct Encryption: Sendable, Codable, Equatable {
    private static let header = "x-oss-server-side-encryption"
    private static let keyHeader = "x-oss-server-side-encryption-key-id"
    private static let dataHeader = "x-oss-server-side-data-encryption"
    /// ID of the KMS key that is used if a request specifies none.
    private static let defaultKeyID = "5a2b9f0e-6d1c-4c38-9e47-0f6d3b7c8a21"

    var algorithm: String
    /// ID of the KMS key; `nil` for algorithms other than KMS. The same applies to the data algorithm.
    var keyID: String?
    var dataAlgorithm: String?

    /// Reads the encryption settings in a request, or returns `nil` if there are none.
    init?(_ request: ServiceRequest) throws(ServiceError) {
        guard let algorithm = request.header(Self.header) else { return nil }
        try Self.check(algorithm: algorithm)
        self.init(algorithm, keyID: request.header(Self.keyHeader), data: request.header(Self.dataHeader))
    }

    /// Reads the encryption settings in a write request, or the bucket's default settings if the request has none.
    /// Returns `nil` if there are no default settings either.
    init?(_ request: ServiceRequest, in bucket: MockBucket) throws(ServiceError) {
        if let given = try Self(request) {
            self = given
            return
        }
        guard let rule = bucket.properties.tree("encryption")?["ApplyServerSideEncryptionByDefault"],
            let algorithm = rule.text("SSEAlgorithm"), !algorithm.isEmpty
        else { return nil }
        self.init(algorithm, keyID: rule.text("KMSMasterKeyID"), data: rule.text("KMSDataEncryption"))
    }

    private init(_ algorithm: String, keyID: String?, data: String?) {
        self.algorithm = algorithm
        guard algorithm == "KMS" else { return }
        self.keyID = keyID.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultKeyID
        dataAlgorithm = data.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The settings in the form of a bucket's default encryption rule (PutBucketEncryption).
    var rule: XMLTree {
        var parts = [XMLTree(name: "SSEAlgorithm", text: algorithm)]
        if let keyID { parts.append(XMLTree(name: "KMSMasterKeyID", text: keyID)) }
        if let dataAlgorithm { parts.append(XMLTree(name: "KMSDataEncryption", text: dataAlgorithm)) }
        return XMLTree(
            name: "ServerSideEncryptionRule",
            children: [XMLTree(name: "ApplyServerSideEncryptionByDefault", children: parts)])
    }

    static func check(algorithm: String) throws(ServiceError) {
        guard ["AES256", "KMS", "SM4"].contains(algorithm) else {
            throw ServiceError(
                status: 400, code: "InvalidEncryptionAlgorithmError",
                message: "The Encryption request you specified is not valid. Supported value: AES256/SM4/KMS.",
                ec: "0016-00000901")
        }
    }

    /// Throws an error if the request specifies encryption. Only the request that initiates an upload may specify it.
    static func refuse(in request: ServiceRequest) throws(ServiceError) {
        for name in [header, keyHeader, dataHeader] {
            if let value = request.header(name) {
                throw .invalidArgument("The encryption is set when an upload is initiated.", name: name, value: value)
            }
        }
    }

    func describe(in response: inout ServiceResponse) {
        response.add(Self.header, algorithm)
        if let keyID { response.add(Self.keyHeader, keyID) }
        if let dataAlgorithm { response.add(Self.dataHeader, dataAlgorithm) }
    }
}
