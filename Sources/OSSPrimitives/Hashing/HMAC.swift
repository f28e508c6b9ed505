import Foundation

/// RFC 2104 over any ``HashFunction``.
///
/// Both halves of the key are absorbed once, at construction. A copy of an unused value is therefore a warm key:
/// authenticating another message with it costs no further work on the key.
package struct HMAC<Function: HashFunction>: Sendable {
    private let keyedInner: Function
    private let keyedOuter: Function
    private var running: Function

    package init(key: some ContiguousBytes) {
        var block = key.withUnsafeBytes { key in
            key.count > Function.blockByteCount ? Function.hash(key) : [UInt8](key)
        }
        block.append(contentsOf: repeatElement(0, count: Function.blockByteCount - block.count))
        var inner = Function()
        inner.update(block.map { $0 ^ 0x36 })
        var outer = Function()
        outer.update(block.map { $0 ^ 0x5c })
        keyedInner = inner
        keyedOuter = outer
        running = inner
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        running.update(bytes)
    }

    package mutating func update(_ bytes: some ContiguousBytes) {
        bytes.withUnsafeBytes { running.update($0) }
    }

    /// The code of everything so far. The value is then ready for another message under the same key.
    package mutating func finalize() -> [UInt8] {
        var outer = keyedOuter
        outer.update(running.finalize())
        running = keyedInner
        return outer.finalize()
    }

    package static func authenticationCode(for message: some ContiguousBytes, key: some ContiguousBytes) -> [UInt8] {
        var code = HMAC(key: key)
        code.update(message)
        return code.finalize()
    }
}
