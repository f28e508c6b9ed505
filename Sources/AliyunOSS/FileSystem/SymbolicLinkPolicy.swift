/// What to do with the symbolic links in a folder that is read.
public enum SymbolicLinkPolicy: String, Sendable, Hashable, CaseIterable {
    /// A link stands for what it points to: the file's content, or the whole folder. A link that points to nothing, or
    /// back to a folder it lies in, is skipped.
    case follow
    /// Links are left alone.
    case skip
}
