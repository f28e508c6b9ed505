import CChecksum

/// RFC 1321. For `Content-MD5` and ETags, which the service defines this way; no protection against forgery.
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
