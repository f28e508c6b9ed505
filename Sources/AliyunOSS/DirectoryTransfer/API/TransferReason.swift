/// A reason for transferring, deleting or skipping a file.
///
/// Reasons are values of a structure rather than cases of an enumeration, so that new reasons do not break existing
/// code.
public struct TransferReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name of the reason.
    public var rawValue: String

    /// Creates a reason with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name of the reason.
    public var description: String { rawValue }
}

/// Reasons for transferring a file.
extension TransferReason {
    /// All files are transferred because the update mode is ``UpdateMode/always``.
    public static let always = TransferReason(rawValue: "always")
    /// The file does not exist in the destination.
    public static let new = TransferReason(rawValue: "new")
    /// The file differs from its entry in the snapshot, and the bucket was not listed.
    public static let changed = TransferReason(rawValue: "changed")
    /// The sizes differ.
    public static let changedSize = TransferReason(rawValue: "changedSize")
    /// The contents differ.
    public static let changedContent = TransferReason(rawValue: "changedContent")
    /// The source is newer than the destination, and the update mode is ``UpdateMode/newer``.
    public static let newer = TransferReason(rawValue: "newer")
    /// The file was renamed, so the object with its previous name is copied. This object has the same content and no
    /// corresponding local file.
    public static let renamed = TransferReason(rawValue: "renamed")
    /// The contents are equal, but the object does not have the requested attributes.
    public static let changedAttributes = TransferReason(rawValue: "changedAttributes")
}

/// Reasons for deleting a file.
extension TransferReason {
    /// The file does not exist in the source.
    public static let notInSource = TransferReason(rawValue: "notInSource")
}

/// Reasons for skipping a file.
extension TransferReason {
    /// Neither side has changed since the two were last equal.
    public static let unchanged = TransferReason(rawValue: "unchanged")
    /// The contents were compared and are equal.
    public static let sameContent = TransferReason(rawValue: "sameContent")
    /// The sizes are equal, and nothing else is compared because the update mode is ``UpdateMode/size``.
    public static let sameSize = TransferReason(rawValue: "sameSize")
    /// The source is not newer than the destination, and the update mode is ``UpdateMode/newer``.
    public static let notNewer = TransferReason(rawValue: "notNewer")
    /// The file already exists in the destination, and the update mode is ``UpdateMode/missing``.
    public static let exists = TransferReason(rawValue: "exists")
    /// A filter excludes the file.
    public static let excluded = TransferReason(rawValue: "excluded")
    /// The file is a symbolic link, and links are skipped.
    public static let symbolicLink = TransferReason(rawValue: "symbolicLink")
    /// The file is a broken symbolic link.
    public static let brokenLink = TransferReason(rawValue: "brokenLink")
    /// The file is a symbolic link to a folder that contains the link.
    public static let linkLoop = TransferReason(rawValue: "linkLoop")
    /// The file is a FIFO, socket or device.
    public static let specialFile = TransferReason(rawValue: "specialFile")
    /// The file is the temporary file of an interrupted download.
    public static let partialFile = TransferReason(rawValue: "partialFile")

    /// The file or folder is the transfer's own record, state directory or backup folder.
    public static let transferState = TransferReason(rawValue: "transferState")

    /// Whether the reason means that both sides are equal.
    var meansEqual: Bool { Self.equalities.contains(self) }

    /// Whether the reason is a property of the file, which the user may not know, rather than a choice of the options.
    var isUnexpected: Bool { Self.unexpected.contains(self) }

    private static let unexpected: Set<TransferReason> = [
        .brokenLink, .linkLoop, .specialFile, .partialFile, .transferState,
    ]
    private static let equalities: Set<TransferReason> = [.unchanged, .sameContent, .sameSize]
}

/// Reasons for a failure.
extension TransferReason {
    /// The file could not be read.
    public static let unusable = TransferReason(rawValue: "unusable")
    /// The key cannot be used as a local file name, or the file name cannot be used as a key.
    public static let unsafeName = TransferReason(rawValue: "unsafeName")
    /// Another file or folder requires the same path.
    public static let conflict = TransferReason(rawValue: "conflict")
}

extension TransferReason {
    init(_ reason: DirectoryWalker.SkipReason) {
        self =
            switch reason {
            case .symbolicLink: .symbolicLink
            case .brokenLink: .brokenLink
            case .linkLoop: .linkLoop
            case .specialFile: .specialFile
            case .partialFile, .partialFolder: .partialFile
            case .excluded: .excluded
            }
    }
}
