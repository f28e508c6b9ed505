/// A command line that cannot be right, whatever the state of the world. Ends the program with status 2.
struct UsageError: Error, Equatable {
    /// What is wrong and what to write instead, on one line.
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
