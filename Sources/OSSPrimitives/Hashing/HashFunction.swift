import Foundation

/// A message digest computed piece by piece.
package protocol HashFunction: Sendable {
    static var blockByteCount: Int { get }
    static var digestByteCount: Int { get }

    init()

    mutating func update(_ bytes: UnsafeRawBufferPointer)

    /// The digest of everything so far. The function is then as new, ready for another message.
    mutating func finalize() -> [UInt8]
}

extension HashFunction {
    package mutating func update(_ bytes: some ContiguousBytes) {
        bytes.withUnsafeBytes { update($0) }
    }

    package static func hash(_ bytes: some ContiguousBytes) -> [UInt8] {
        var function = Self()
        function.update(bytes)
        return function.finalize()
    }
}
