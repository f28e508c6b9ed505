/// The rules for a bucket's name. They keep a name from changing the host or the path of the URL it is put into.
package enum BucketName {
    /// Checks a name: 3–63 lower-case letters, digits and hyphens, no hyphen at either end.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that says which rule is broken.
    package static func validate(_ name: String) throws(OSSError) {
        let bytes = name.utf8
        let problem: String
        if !(3...63).contains(bytes.count) {
            problem = "it has \(bytes.count) characters, and a name has 3 to 63"
        } else if !bytes.allSatisfy(isNameByte) {
            problem = "only lower-case letters, digits and hyphens may stand in it"
        } else if bytes.first == UInt8(ascii: "-") || bytes.last == UInt8(ascii: "-") {
            problem = "it must not begin or end with a hyphen"
        } else {
            return
        }
        throw OSSError(.invalidArgument, "'\(name)' cannot be the name of a bucket: \(problem)")
    }
}
