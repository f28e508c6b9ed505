import OSSPrimitives

/// Functions that build the frames of a response to SelectObject.
package enum SelectFrames {
    package static let recordsKind: UInt32 = 0x80_0001
    package static let keepAliveKind: UInt32 = 0x80_0004
    package static let endKind: UInt32 = 0x80_0005

    /// Returns a frame with a checksum, or with the given one.
    package static func frame(_ kind: UInt32, _ content: [UInt8] = [], checksum: UInt32? = nil) -> [UInt8] {
        let payload = bytes(UInt64(0)) + content
        return bytes(1 << 24 | kind) + bytes(UInt32(payload.count)) + bytes(UInt32(0)) + payload
            + bytes(checksum ?? CRC32.checksum(payload))
    }

    package static func records(_ text: String) -> [UInt8] { frame(recordsKind, Array(text.utf8)) }

    package static func end(_ status: UInt32 = 200, _ message: String = "") -> [UInt8] {
        frame(endKind, bytes(UInt64(10)) + bytes(status) + Array(message.utf8))
    }

    package static let endOfCSVMeta = frame(
        0x80_0006, bytes(UInt64(1000)) + bytes(UInt32(200)) + bytes(UInt32(2)) + bytes(UInt64(30)) + bytes(UInt32(4)))

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
