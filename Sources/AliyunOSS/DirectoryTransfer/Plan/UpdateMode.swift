/// Which files of the source are transferred when the destination has something at their place.
public enum UpdateMode: String, Sendable, Hashable, CaseIterable {
    /// All of them.
    case always
    /// None: what is there is never replaced.
    case missing
    /// Those that changed after the other side was written, to the second, whatever their sizes. This is what `ossutil -u`
    /// does, with its limits: a file that was replaced by an older one is not seen, and one that was downloaded is. Here at
    /// least what the record knows to be equal is left alone.
    case newer
    /// Those of another size. A change that keeps the size is not seen.
    case size
    /// Those whose content is another. Sizes are compared first. Where both sides are as they were when they were last
    /// equal, which the record tells (size, both times to the nanosecond and inode of the file; size and ETag of the object),
    /// nothing is read or sent. One of these times is that of the last change of anything about the file, which no program
    /// can set. Else the content is compared: by MD5 with the ETag where the listing has one, by CRC-64,
    /// which costs a request, where not.
    case modified
    /// Those whose content is another, compared afresh: every file of equal size is read. It finds what no time tells: bytes
    /// that changed below the file system, or while the clock was wrong.
    case checksum
}
