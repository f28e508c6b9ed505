import AliyunOSS

extension MockOSSServer {
    /// A client for a bucket of this server, which is created when it is missing.
    ///
    /// It signs with the first of the server's access keys, or not at all when there is none.
    ///
    /// - Throws: ``StartError`` or `OSSError` when the name or the configuration is invalid.
    public func bucket(_ name: String, configuration: BucketConfiguration = BucketConfiguration()) throws -> Bucket {
        try createBucket(name)
        guard let key = accessKeys.first else {
            return try Bucket(
                name, endpoint: endpoint, region: region, credentials: .anonymous, configuration: configuration)
        }
        return try Bucket(
            name, endpoint: endpoint, region: region,
            credentials: .static(
                accessKeyID: key.id, accessKeySecret: key.secret, securityToken: key.securityToken),
            configuration: configuration)
    }
}
