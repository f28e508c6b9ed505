/// What the program's exit status means.
enum ExitStatus {
    /// Everything was done; for `check`, both sides are equal.
    static let success: Int32 = 0
    /// Something failed, or `check` found a difference.
    static let failure: Int32 = 1
    /// The command line cannot be right.
    static let usage: Int32 = 2
    /// Refused because it might destroy more than was meant.
    static let refused: Int32 = 3
    /// A signal ended it.
    static let interrupted: Int32 = 130
}
