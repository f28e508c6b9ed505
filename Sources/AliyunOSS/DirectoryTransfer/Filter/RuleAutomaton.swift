/// All rules of a filter as one machine that reads a path once, character by character, and knows at every `/` which
/// rules match.
///
/// Its states are the places in the patterns, of all rules and alternatives side by side, one bit each, in the order of
/// the rules. Reading a character takes every place that the path may be at one step on, with a few operations on machine
/// words for 64 of them. So the time is the length of the path, and no pattern can make it more than that times the length
/// of the patterns; and nothing is allocated for a path.
///
/// This file builds the machine; the other one runs it.
struct RuleAutomaton: Sendable {
    /// Sets of states, one after the other, each of ``words`` words.
    enum Row {
        /// The first 128: the states that an ASCII character leads on from.
        static let ascii = 0..<128
        /// States that every other character leads on from.
        static let wide = 128
        /// Where reading begins.
        static let start = 129
        /// Where a pattern is at its end.
        static let end = 130
        /// Where one is at its end if this is a folder.
        static let folderEnd = 131
        /// Ends at which every further name matches, whatever it is.
        static let openEnd = 132
        /// States that a character which is not `/` leaves as they are: a star is there.
        static let stayInName = 133
        /// States that a `/` leaves as they are: two stars are there.
        static let stayInPath = 134
        /// States that are the next one as well, from the moment they are reached.
        static let skip = 135
        /// The states of rules that include.
        static let include = 136
        static let count = 137
    }

    /// A state that only some characters beyond ASCII lead on from.
    struct WideState: Hashable, Sendable {
        var state: Int
        var element: PatternElement
    }

    /// The number of words that a set of states takes.
    let words: Int
    private(set) var sets: [UInt64]
    private(set) var wideStates: [WideState] = []
    private var stateCount = 0

    /// Makes the machine of some rules.
    init(_ rules: [TransferFilter.Rule]) {
        // Each element is at most one state, and behind the last there is one more.
        let states = rules.reduce(0) { $1.pattern.alternatives.reduce($0) { $0 + $1.elements.count + 1 } }
        words = (states + 63) / 64
        sets = Array(repeating: 0, count: Row.count * words)
        for rule in rules {
            for alternative in rule.pattern.alternatives {
                let first = stateCount
                add(alternative)
                guard rule.effect == .include else { continue }
                for state in first..<stateCount { insert(state, in: Row.include) }
            }
        }
    }

    private mutating func add(_ alternative: PatternAlternative) {
        insert(stateCount, in: Row.start)
        if alternative.elements.first == .anyFolders { insert(stateCount + 1, in: Row.start) }
        for element in alternative.elements {
            switch element {
            case .anyName: insert(stateCount, in: Row.stayInName)
            case .anyPath: stay(in: stateCount)
            case .anyFolders:
                // Here it reads folders, and is behind them after each `/`, or at once.
                stay(in: stateCount)
                insert(stateCount, in: Row.skip)
                lead(from: stateCount, over: .slash)
                stateCount += 1
            case .literal, .anyCharacter, .oneOf:
                lead(from: stateCount, over: element)
                stateCount += 1
            }
        }
        insert(stateCount, in: alternative.isForFolders ? Row.folderEnd : Row.end)
        if !alternative.isForFolders, contains(stateCount, in: Row.stayInName) { insert(stateCount, in: Row.openEnd) }
        stateCount += 1
    }

    private mutating func stay(in state: Int) {
        insert(state, in: Row.stayInName)
        insert(state, in: Row.stayInPath)
    }

    private mutating func lead(from state: Int, over element: PatternElement) {
        switch element {
        case .literal(let scalar) where scalar.isASCII: insert(state, in: Int(scalar.value))
        case .literal: wideStates.append(WideState(state: state, element: element))
        case .anyCharacter, .oneOf:
            for code in Row.ascii where element.matches(PathCharacter(Unicode.Scalar(UInt8(code)))) {
                insert(state, in: code)
            }
            if element == .anyCharacter {
                insert(state, in: Row.wide)
            } else {
                wideStates.append(WideState(state: state, element: element))
            }
        case .anyName, .anyPath, .anyFolders: break
        }
    }

    private mutating func insert(_ state: Int, in row: Int) {
        sets[row * words + state / 64] |= 1 << UInt64(state % 64)
    }

    private func contains(_ state: Int, in row: Int) -> Bool {
        sets[row * words + state / 64] & 1 << UInt64(state % 64) != 0
    }
}
