/// What this library calls itself.
enum Library {
    /// The version, as in the changelog.
    static let version = "0.1.0"

    /// The `User-Agent` of its requests.
    static let userAgent = "aliyun-oss-swift/\(version)"
}
