/// Why a file is transferred or left alone. A struct and not an enum, so that a new reason does not break code that
/// switches over it.
public struct TransferReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name of the reason.
    public var rawValue: String

    /// Makes a reason from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name of the reason.
    public var description: String { rawValue }

    /// Transferred: everything is.
    public static let always = TransferReason(rawValue: "always")
    /// Left alone: a symbolic link, and links are not followed.
    public static let symbolicLink = TransferReason(rawValue: "symbolicLink")
    /// Left alone: a symbolic link that points to nothing.
    public static let brokenLink = TransferReason(rawValue: "brokenLink")
    /// Left alone: a symbolic link to a folder that it lies in.
    public static let linkLoop = TransferReason(rawValue: "linkLoop")
    /// Left alone: a FIFO, socket or device.
    public static let specialFile = TransferReason(rawValue: "specialFile")
    /// Left alone: the temporary file of a download that was interrupted.
    public static let partialFile = TransferReason(rawValue: "partialFile")
    /// Left alone: a filter excludes it.
    public static let excluded = TransferReason(rawValue: "excluded")
    /// Failed: it could not be read, or its name cannot be used on the other side.
    public static let unusable = TransferReason(rawValue: "unusable")
}

extension TransferReason {
    init(_ reason: DirectoryWalker.SkipReason) {
        self =
            switch reason {
            case .symbolicLink: .symbolicLink
            case .brokenLink: .brokenLink
            case .linkLoop: .linkLoop
            case .specialFile: .specialFile
            case .partialFile: .partialFile
            case .excluded: .excluded
            }
    }
}
