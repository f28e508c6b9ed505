extension RuleAutomaton {
    /// What the last rule that matches a file or folder does; nothing when none does.
    func effect(on path: [UInt8], isFolder: Bool) -> TransferFilter.Rule.Effect? {
        read(path) { reading in
            reading.finish(isFolder: isFolder)
            return reading.lastMatch.map { reading.contains($0, Row.include) ? .include : .exclude }
        }
    }

    /// Whether something in a folder may be included, at any depth.
    ///
    /// - Parameter byDefault: Whether what no rule matches is included.
    func mayInclude(below folder: [UInt8], byDefault: Bool) -> Bool {
        read(folder) { reading in
            reading.enterFolder()
            guard let last = reading.lastMatch else { return byDefault || reading.isIn(Row.include, from: 0) }
            return reading.contains(last, Row.include) || reading.isIn(Row.include, from: last + 1)
        } ?? byDefault
    }

    private func read<Result>(_ path: [UInt8], _ body: (Reading) -> Result?) -> Result? {
        guard words > 0 else { return nil }
        return path.withUnsafeBufferPointer { path in
            sets.withUnsafeBufferPointer { sets in
                withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 3 * words) { memory in
                    guard let sets = sets.baseAddress, let memory = memory.baseAddress else { return nil }
                    let reading = Reading(sets: sets, words: words, memory: memory)
                    reading.read(path, wideStates)
                    return body(reading)
                }
            }
        }
    }

    /// One path being read.
    private struct Reading {
        let sets: UnsafePointer<UInt64>
        let words: Int
        /// The states it is in.
        let active: UnsafeMutablePointer<UInt64>
        /// The ends it has been at.
        let matched: UnsafeMutablePointer<UInt64>
        /// Room for the states that a character beyond ASCII leads on from.
        let leading: UnsafeMutablePointer<UInt64>

        /// Begins to read, with room for three sets.
        init(sets: UnsafePointer<UInt64>, words: Int, memory: UnsafeMutablePointer<UInt64>) {
            self.sets = sets
            self.words = words
            active = memory
            matched = memory + words
            leading = memory + 2 * words
            active.initialize(from: sets + Row.start * words, count: words)
            matched.initialize(repeating: 0, count: 2 * words)
        }

        /// Reads a path up to its end, or to where nothing can match any more.
        func read(_ path: UnsafeBufferPointer<UInt8>, _ wideStates: [WideState]) {
            let stayInName = row(Row.stayInName)
            var position = 0
            while position < path.count {
                let byte = path[position]
                if byte == UInt8(ascii: "/") {
                    guard enterFolder() else { return }
                    position += 1
                } else if byte < 0x80 {
                    guard advance(row(Int(byte)), staying: stayInName) else { return }
                    position += 1
                } else {
                    let character = PathCharacter(in: path, at: position)
                    findLeading(character, wideStates)
                    guard advance(leading, staying: stayInName) else { return }
                    position += character.length
                }
            }
        }

        /// Marks what matches the path as it was read.
        func finish(isFolder: Bool) {
            mark(Row.end)
            if isFolder { mark(Row.folderEnd) }
        }

        /// Marks what matches the folder that was read, and so all that is in it, and reads the `/` behind it.
        @discardableResult
        func enterFolder() -> Bool {
            finish(isFolder: true)
            let isAlive = advance(row(Int(UInt8(ascii: "/"))), staying: row(Row.stayInPath))
            mark(Row.openEnd)
            return isAlive
        }

        /// The end that belongs to the last of the rules that match.
        var lastMatch: Int? {
            for word in (0..<words).reversed() where matched[word] != 0 {
                return word * 64 + 63 - matched[word].leadingZeroBitCount
            }
            return nil
        }

        func contains(_ state: Int, _ set: Int) -> Bool { row(set)[state / 64] & 1 << UInt64(state % 64) != 0 }

        /// Whether it is in a state of a set, this state or a later one.
        func isIn(_ set: Int, from state: Int) -> Bool {
            var candidates: UInt64 = ~0 << UInt64(state % 64)
            for word in state / 64..<words {
                if active[word] & row(set)[word] & candidates != 0 { return true }
                candidates = ~0
            }
            return false
        }

        @inline(__always)
        private func row(_ index: Int) -> UnsafePointer<UInt64> { sets + index * words }

        private func mark(_ set: Int) {
            for word in 0..<words { matched[word] |= active[word] & row(set)[word] }
        }

        /// Reads a character: the states that it leads on from become their successors, and those that it leaves as they
        /// are stay. Says whether any is left.
        @inline(__always)
        private func advance(_ leading: UnsafePointer<UInt64>, staying: UnsafePointer<UInt64>) -> Bool {
            let skip = row(Row.skip)
            var carry: UInt64 = 0
            var skipCarry: UInt64 = 0
            var all: UInt64 = 0
            for word in 0..<words {
                let led = active[word] & leading[word]
                let reached = led << 1 | carry
                let skipped = reached & skip[word]
                let new = reached | skipped << 1 | skipCarry | active[word] & staying[word]
                carry = led >> 63
                skipCarry = skipped >> 63
                active[word] = new
                all |= new
            }
            return all != 0
        }

        private func findLeading(_ character: PathCharacter, _ wideStates: [WideState]) {
            leading.update(from: row(Row.wide), count: words)
            for wide in wideStates where wide.element.matches(character) {
                leading[wide.state / 64] |= 1 << UInt64(wide.state % 64)
            }
        }
    }
}
