import OSSPrimitives

/// The limits of bandwidth, in Gbit/s, and of requests per second in a QoS configuration: -1 is no limit, 0 allows
/// nothing. The mock keeps them and slows nothing down.
enum QoSLimits {
    static let notation =
        "QoSConfiguration{TotalUploadBandwidth:int,IntranetUploadBandwidth:int,ExtranetUploadBandwidth:int,"
        + "TotalDownloadBandwidth:int,IntranetDownloadBandwidth:int,ExtranetDownloadBandwidth:int,TotalQps:int,"
        + "IntranetQps:int,ExtranetQps:int,StorageCapacity:int}"

    /// What the whole account may do in its region.
    static let account = ["UploadBandwidth": 10, "DownloadBandwidth": 10, "Qps": -1]

    private static let kinds = ["UploadBandwidth", "DownloadBandwidth", "Qps"]
    private static let networks = ["Intranet", "Extranet"]

    /// The configuration of the account.
    static func write(accountTo xml: inout XMLWriter) {
        for kind in kinds {
            xml.element("Total" + kind, String(account[kind] ?? -1))
            for network in networks { xml.element(network + kind, "-1") }
        }
    }

    /// Fills in what was not given.
    ///
    /// - Parameter highest: By kind, what the totals may be at most; -1 or nothing for any number.
    /// - Throws: `InvalidArgument` for a total above that, and for a part above its total.
    static func complete(_ tree: inout XMLTree, below highest: [String: Int] = [:]) throws(ServiceError) {
        var index = 0
        for kind in kinds {
            var limit = highest[kind] ?? -1
            for name in ["Total" + kind] + networks.map({ $0 + kind }) {
                let value = tree.text(name).flatMap(Int.init) ?? -1
                guard value >= -1, limit == -1 || value <= limit else {
                    throw .invalidArgument("The limit is out of range.", name: name, value: String(value))
                }
                if name.hasPrefix("Total"), value != -1 { limit = value }
                tree.set(name, String(value), at: index)
                index += 1
            }
        }
    }
}
