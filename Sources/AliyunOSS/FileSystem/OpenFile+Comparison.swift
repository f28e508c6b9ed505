import Foundation

extension OpenFile {
    private static let chunkSize = 256 << 10

    /// Whether two files have the same bytes. Reads both as far as they are equal.
    func hasSameBytes(as other: OpenFile) throws(FileError) -> Bool {
        var mine = [UInt8](repeating: 0, count: Self.chunkSize)
        var theirs = mine
        var position: Int64 = 0
        while true {
            let count = try read(into: &mine, at: position)
            guard try other.read(into: &theirs, at: position) == count else { return false }
            guard count > 0 else { return true }
            // Bytes behind the end stay from the chunk before, which was equal.
            guard mine == theirs else { return false }
            position += Int64(count)
        }
    }

    private func read(into bytes: inout [UInt8], at offset: Int64) throws(FileError) -> Int {
        let result: Result<Int, FileError> = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try read(into: buffer, at: offset) }
        }
        return try result.get()
    }
}
