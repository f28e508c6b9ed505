/// A finder of the name that was probably meant by a mistyped one.
enum Suggestion {
    /// Returns the candidate with the smallest number of edits from a name, or `nil` if all candidates differ too much.
    ///
    /// One edit is allowed in a name of up to four letters, and two are allowed in a longer name. A short name must
    /// also keep its first letter, because almost any two short names are within one edit of another.
    static func nearest(to name: String, in candidates: [String]) -> String? {
        let limit = name.drop { $0 == "-" }.count <= 4 ? 1 : 2
        let near = candidates.filter { limit > 1 || $0.drop { $0 == "-" }.first == name.drop { $0 == "-" }.first }
        guard let best = near.map({ ($0, edits(from: name, to: $0)) }).min(by: { $0.1 < $1.1 }), best.1 <= limit else {
            return nil
        }
        return best.0
    }

    /// Returns the smallest number of insertions, deletions, replacements and swaps of neighbors that change one text
    /// into another.
    static func edits(from source: String, to target: String) -> Int {
        let (source, target) = (Array(source), Array(target))
        var beforeLast: [Int] = []
        var last = Array(0...target.count)
        for row in source.indices {
            var current = [row + 1]
            for column in target.indices {
                let isEqual = source[row] == target[column]
                var count = min(last[column] + (isEqual ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
                    count = min(count, beforeLast[column - 1] + 1)
                }
                current.append(count)
            }
            (beforeLast, last) = (last, current)
        }
        return last[target.count]
    }
}
