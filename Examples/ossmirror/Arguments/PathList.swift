import Foundation

/// A list of paths or keys, one per line.
struct PathList: Equatable, Sendable {
    let paths: [String]

    init(_ text: String) {
        // Split in bytes: a line that starts with a combining mark would form one `Character` with the line break.
        paths = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return line.isEmpty ? nil : String(Substring(line))
        }
    }

    /// Reads a list from a file or, if the path is `-`, from standard input.
    init(contentsOf path: String) throws(UsageError) {
        let data =
            path == "-"
            ? try? FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: path)
        guard let data else { throw UsageError("--files-from: cannot read '\(path)'") }
        guard let text = String(data: data, encoding: .utf8) else {
            throw UsageError("--files-from: '\(path)' is not a text in UTF-8")
        }
        self.init(text)
    }
}
