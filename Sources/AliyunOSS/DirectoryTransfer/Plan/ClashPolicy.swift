/// What to do when a folder is to have a file `a` and a folder `a` with something in it: a bucket can have the objects `a`
/// and `a/b`, a folder cannot.
///
/// Whatever is not written is a failure in the report, so that nobody takes the mirror for whole.
public enum ClashPolicy: String, Sendable, Hashable, CaseIterable {
    /// The folder comes down, and the object `a` fails.
    case keepFolder
    /// The file comes down, and everything below `a/` fails.
    case keepFile
    /// Nothing of both comes down.
    case keepNeither
}
