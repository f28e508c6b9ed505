/// The encryption of an object by the service.
///
/// ```swift
/// var options = PutObjectOptions()
/// options.attributes.encryption = .kms(masterKeyID: "9468da86-3509-4f8d-a61e-6eab1eac****")
/// ```
public struct ServerSideEncryption: Sendable, Hashable {
    /// Method of the encryption.
    public var algorithm: EncryptionAlgorithm
    /// ID of the master key in KMS. Only for ``EncryptionAlgorithm/kms``. Default: the key that the service manages.
    public var masterKeyID: String?
    /// Algorithm with which the data is encrypted. Only for ``EncryptionAlgorithm/kms``. Default: AES-256.
    public var dataEncryption: EncryptionAlgorithm?

    /// Creates an encryption.
    public init(
        _ algorithm: EncryptionAlgorithm, masterKeyID: String? = nil, dataEncryption: EncryptionAlgorithm? = nil
    ) {
        self.algorithm = algorithm
        self.masterKeyID = masterKeyID
        self.dataEncryption = dataEncryption
    }

    /// AES-256 with keys that the service manages (SSE-OSS).
    public static let aes256 = ServerSideEncryption(.aes256)
    /// SM4 with keys that the service manages.
    public static let sm4 = ServerSideEncryption(.sm4)

    /// Returns an encryption with a key that KMS manages (SSE-KMS).
    public static func kms(
        masterKeyID: String? = nil, dataEncryption: EncryptionAlgorithm? = nil
    ) -> ServerSideEncryption {
        ServerSideEncryption(.kms, masterKeyID: masterKeyID, dataEncryption: dataEncryption)
    }
}

/// A method of encryption by the service.
public struct EncryptionAlgorithm: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// AES-256.
    public static let aes256: EncryptionAlgorithm = "AES256"
    /// A key that KMS manages.
    public static let kms: EncryptionAlgorithm = "KMS"
    /// SM4.
    public static let sm4: EncryptionAlgorithm = "SM4"
}
