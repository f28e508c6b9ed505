import CChecksum

/// FIPS 180-4. For signature version 4.
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
