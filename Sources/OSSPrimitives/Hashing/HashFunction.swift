import CChecksum
import Foundation

/// An incremental message digest.
package protocol HashFunction: Sendable {
    static var blockByteCount: Int { get }
    static var digestByteCount: Int { get }

    init()

    mutating func update(_ bytes: UnsafeRawBufferPointer)

    /// Returns the digest of the bytes added so far, and resets the function.
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

/// The MD5 digest (RFC 1321), for `Content-MD5` and ETags. It does not protect against forgery.
package struct MD5: HashFunction {
    package static let blockByteCount = 64
    package static let digestByteCount = 16

    private var state = oss_digest_state()

    package init() {
        oss_md5_init(&state)
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        oss_md5_update(&state, bytes.baseAddress, bytes.count)
    }

    package mutating func finalize() -> [UInt8] {
        let digest = [UInt8](unsafeUninitializedCapacity: Self.digestByteCount) { buffer, count in
            oss_md5_finish(&state, buffer.baseAddress)
            count = Self.digestByteCount
        }
        oss_md5_init(&state)
        return digest
    }
}

/// The SHA-1 digest (FIPS 180-4), for V1 signatures.
package struct SHA1: HashFunction {
    package static let blockByteCount = 64
    package static let digestByteCount = 20

    private var state = oss_digest_state()

    package init() {
        oss_sha1_init(&state)
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        oss_sha1_update(&state, bytes.baseAddress, bytes.count)
    }

    package mutating func finalize() -> [UInt8] {
        let digest = [UInt8](unsafeUninitializedCapacity: Self.digestByteCount) { buffer, count in
            oss_sha1_finish(&state, buffer.baseAddress)
            count = Self.digestByteCount
        }
        oss_sha1_init(&state)
        return digest
    }
}

/// The SHA-256 digest (FIPS 180-4), for V4 signatures.
package struct SHA256: HashFunction {
    package static let blockByteCount = 64
    package static let digestByteCount = 32

    private var state = oss_digest_state()

    package init() {
        oss_sha256_init(&state)
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        oss_sha256_update(&state, bytes.baseAddress, bytes.count)
    }

    package mutating func finalize() -> [UInt8] {
        let digest = [UInt8](unsafeUninitializedCapacity: Self.digestByteCount) { buffer, count in
            oss_sha256_finish(&state, buffer.baseAddress)
            count = Self.digestByteCount
        }
        oss_sha256_init(&state)
        return digest
    }
}

/// A message authentication code (RFC 2104) based on any ``HashFunction``.
///
/// The key is processed once, when the value is created. A copy of an unused value authenticates another message
/// without processing the key again.
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

    /// Returns the authentication code for the bytes added so far. The value is then ready for another message with the
    /// same key.
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
