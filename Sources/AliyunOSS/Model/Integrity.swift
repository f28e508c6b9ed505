/// How far it was checked that what arrived is what was sent. The length always is.
public enum Integrity: String, Sendable, Hashable, Codable {
    /// By CRC-64 of the whole content.
    case checksum
    /// By MD5, because the service gave no CRC-64.
    case md5
    /// By the length alone: the service gave nothing to compare the content with. Gateways in front of it may drop that.
    case lengthOnly
}
