/// The rules for a region id, such as `cn-hangzhou`.
package enum RegionID {
    /// Checks the characters only: new regions appear without notice, so there is no list.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that shows what a region looks like.
    package static func validate(_ region: String) throws(OSSError) {
        guard !region.isEmpty, region.utf8.allSatisfy(isNameByte) else {
            throw OSSError(.invalidArgument, "'\(region)' is not a region; a region looks like cn-hangzhou")
        }
        // The console shows `oss-cn-hangzhou`, with which every signature would be wrong and nobody would know why.
        if region.utf8.starts(with: "oss-".utf8) {
            throw OSSError(
                .invalidArgument, "'\(region)' is not a region; leave the 'oss-' out: \(region.dropFirst(4))")
        }
    }
}

/// Lower-case letters, digits and the hyphen: what regions and bucket names are made of.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
}
