/// Where the bucket's name goes in a URL. The signature is the same for all three.
public enum AddressingStyle: String, Sendable, Hashable, CaseIterable {
    /// `https://bucket.host/key`: what the public service asks for.
    case virtualHosted
    /// `https://host/bucket/key`: for hosts that cannot take a name in front, such as IP addresses. The public service
    /// refuses it.
    case path
    /// `https://host/key`: the host is a custom domain that was bound to the bucket.
    case cname
}
