/// A character in a path, given as its Unicode code point or, for a byte that is not valid UTF-8, as a value greater
/// than any code point. Names on Linux need not be UTF-8.
typealias PathCharacter = UInt32

extension PathCharacter {
    static let slash = UInt32(UInt8(ascii: "/"))

    /// Decodes the characters of a path.
    static func characters(of path: [UInt8]) -> [PathCharacter] {
        var characters: [PathCharacter] = []
        characters.reserveCapacity(path.count + 1)
        var position = 0
        while position < path.count {
            let byte = path[position]
            var (character, length) = (UInt32(byte), 1)
            if byte >= 0x80 {
                let end = position + (byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4)
                if end <= path.count,
                    let scalar = String(validating: path[position..<end], as: UTF8.self)?.unicodeScalars.first
                {
                    (character, length) = (scalar.value, end - position)
                } else {
                    character += 0x110000
                }
            }
            characters.append(character)
            position += length
        }
        return characters
    }
}

extension PathPattern {
    /// Returns whether the pattern matches a path or one of its parent folders.
    func matches(_ path: [PathCharacter], isFolder: Bool) -> Bool {
        alternatives.contains { alternative in
            alternative.search(path) { element, position in
                guard element == alternative.elements.count else { return false }
                guard position < path.count else { return isFolder || !alternative.isForFolders }
                return path[position] == .slash
            }
        }
    }

    /// Returns whether the pattern matches everything in a folder.
    ///
    /// - Parameter folder: Path of the folder, ending in `/`.
    func matchesEverything(in folder: [PathCharacter]) -> Bool {
        // Only a pattern that ends in a star can match up to the final slash and end there. The star then matches every
        // further name.
        matches(folder, isFolder: false)
    }

    /// Returns whether the pattern can match any file or folder inside a folder, at any depth.
    ///
    /// - Parameter folder: Path of the folder, ending in `/`.
    func mayMatch(in folder: [PathCharacter]) -> Bool {
        alternatives.contains { $0.search(folder) { _, position in position == folder.count } }
    }
}

extension PatternAlternative {
    /// A wildcard that the search has passed, and the position at which to try the rest of the pattern next.
    private struct Star {
        let element: Int
        let start: Int
        var position: Int

        init(element: Int, at position: Int) {
            (self.element, start, self.position) = (element, position, position)
        }
    }

    /// Matches the elements against a path from its first character, and returns whether a goal was reached.
    ///
    /// The search only ever goes back to the last `**` and the last `*`, so the running time is polynomial. Retrying a
    /// star before the last `**` could not match anything that this `**` cannot match. The same holds for a `*` before
    /// the last `*` within one name.
    ///
    /// - Parameter isGoal: A closure that returns whether the search succeeds when it has reached an element and a
    ///   position.
    fileprivate func search(_ path: [PathCharacter], isGoal: (_ element: Int, _ position: Int) -> Bool) -> Bool {
        var (element, position) = (0, 0)
        var pathStar: Star?
        var nameStar: Star?
        while true {
            if isGoal(element, position) { return true }
            if element < elements.count {
                switch elements[element] {
                case .anyPath, .anyFolders:
                    (pathStar, nameStar) = (Star(element: element, at: position), nil)
                    element += 1
                    continue
                case .anyName:
                    nameStar = Star(element: element, at: position)
                    element += 1
                    continue
                case .literal, .anyCharacter, .oneOf:
                    if position < path.count, elements[element].matches(path[position]) {
                        element += 1
                        position += 1
                        continue
                    }
                }
            }
            if let star = nameStar, star.position < path.count, path[star.position] != .slash {
                nameStar?.position += 1
                (element, position) = (star.element + 1, star.position + 1)
            } else if let star = pathStar, let next = next(star, afterTrying: nameStar, in: path) {
                pathStar?.position = next
                nameStar = nil
                (element, position) = (star.element + 1, next)
            } else {
                return false
            }
        }
    }

    /// Returns the next position to which a `**` or `**/` can extend, or `nil` if there is none.
    ///
    /// - Parameter nameStar: The `*` after this star that was tried up to the end of a name. Trying it again from a
    ///   later character of the same name cannot succeed. Without this rule, matching `**a*b` would take quadratic
    ///   time.
    private func next(_ star: Star, afterTrying nameStar: Star?, in path: [PathCharacter]) -> Int? {
        if elements[star.element] == .anyFolders {
            return path[star.position...].firstIndex(of: .slash).map { $0 + 1 }
        }
        guard star.position < path.count else { return nil }
        guard let nameStar, !path[star.position..<nameStar.start].contains(.slash) else { return star.position + 1 }
        return max(star.position + 1, nameStar.position)
    }
}
