/// Why something is transferred, deleted or left alone. A struct and not an enum, so that a new reason does not break code
/// that switches over it.
public struct TransferReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name of the reason.
    public var rawValue: String

    /// Makes a reason from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The name of the reason.
    public var description: String { rawValue }
}

/// Reasons to transfer.
extension TransferReason {
    /// Everything is transferred (``UpdateMode/always``).
    public static let always = TransferReason(rawValue: "always")
    /// The destination has nothing of that name.
    public static let new = TransferReason(rawValue: "new")
    /// The record has it otherwise, and nothing but the record was looked at.
    public static let changed = TransferReason(rawValue: "changed")
    /// The sizes differ.
    public static let changedSize = TransferReason(rawValue: "changedSize")
    /// The contents differ.
    public static let changedContent = TransferReason(rawValue: "changedContent")
    /// The source is newer (``UpdateMode/newer``).
    public static let newer = TransferReason(rawValue: "newer")
    /// It has the content of an object that the source no longer has, and is copied from it.
    public static let renamed = TransferReason(rawValue: "renamed")
}

/// Reasons to delete.
extension TransferReason {
    /// The source has nothing of that name.
    public static let notInSource = TransferReason(rawValue: "notInSource")
}

/// Reasons to leave something alone.
extension TransferReason {
    /// Both sides are as they were when they were last equal.
    public static let unchanged = TransferReason(rawValue: "unchanged")
    /// The contents were compared and are the same.
    public static let sameContent = TransferReason(rawValue: "sameContent")
    /// The sizes are the same, and nothing else is looked at (``UpdateMode/size``).
    public static let sameSize = TransferReason(rawValue: "sameSize")
    /// The source is not newer (``UpdateMode/newer``).
    public static let notNewer = TransferReason(rawValue: "notNewer")
    /// The destination has something there (``UpdateMode/missing``).
    public static let exists = TransferReason(rawValue: "exists")
    /// A filter excludes it.
    public static let excluded = TransferReason(rawValue: "excluded")
    /// A symbolic link, and links are not followed.
    public static let symbolicLink = TransferReason(rawValue: "symbolicLink")
    /// A symbolic link that points to nothing.
    public static let brokenLink = TransferReason(rawValue: "brokenLink")
    /// A symbolic link to a folder that it lies in.
    public static let linkLoop = TransferReason(rawValue: "linkLoop")
    /// A FIFO, socket or device.
    public static let specialFile = TransferReason(rawValue: "specialFile")
    /// The temporary file of a download that was interrupted.
    public static let partialFile = TransferReason(rawValue: "partialFile")

    /// A file or folder of the transfer itself: its record, its state, or the backup of what it deletes.
    public static let transferState = TransferReason(rawValue: "transferState")

    /// Whether both sides are equal, as far as was looked.
    var meansEqual: Bool { Self.equalities.contains(self) }

    private static let equalities: Set<TransferReason> = [.unchanged, .sameContent, .sameSize]
}

/// Reasons to fail.
extension TransferReason {
    /// It could not be read.
    public static let unusable = TransferReason(rawValue: "unusable")
    /// Its key cannot become a local file, or its name cannot become a key.
    public static let unsafeName = TransferReason(rawValue: "unsafeName")
    /// Another name needs the same place.
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
