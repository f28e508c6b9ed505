import CChecksum

/// FIPS 180-4. For signature version 1.
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
