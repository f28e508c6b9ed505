extension Endpoint {
    /// Which of a region's hosts to talk to.
    public enum Network: String, Sendable, Hashable, CaseIterable {
        /// The public internet.
        case `public`
        /// Inside Aliyun, from a machine in the same region; traffic there is free of charge.
        case `internal`
        /// Transfer acceleration from anywhere. The bucket must have it switched on, and it is charged.
        case accelerate
        /// Transfer acceleration for clients outside mainland China.
        case accelerateOverseas
        /// IPv4 and IPv6.
        case dualStack

        func host(in region: String) -> String {
            switch self {
            case .public: "oss-\(region).aliyuncs.com"
            case .internal: "oss-\(region)-internal.aliyuncs.com"
            case .accelerate: "oss-accelerate.aliyuncs.com"
            case .accelerateOverseas: "oss-accelerate-overseas.aliyuncs.com"
            case .dualStack: "\(region).oss.aliyuncs.com"
            }
        }
    }
}
