import Testing

@testable import AliyunOSS

@Suite("File attributes as metadata")
struct FileAttributesTests {
    @Test("Given metadata takes precedence, whatever its case")
    func precedence() {
        var given = ["Mtime": "5", "k": "v"]
        FileAttributes(metadata: ["mtime": "12", "mode": "644"]).add(to: &given)
        #expect(given == ["Mtime": "5", "k": "v", "mode": "644"])
    }

    @Test(
        "Times and permissions survive a round trip through metadata",
        arguments: [(0, 0), (1_700_000_000, 123_456_789), (1, 5), (-2, 500_000_000)] as [(Int64, Int64)])
    func roundTrip(seconds: Int64, nanoseconds: Int64) {
        var attributes = FileAttributes(metadata: [:])
        attributes.modified = FileStatus.Time(seconds: seconds, nanoseconds: nanoseconds)
        attributes.permissions = 0o640
        #expect(FileAttributes(metadata: attributes.metadata) == attributes)
    }

    @Test("Metadata has the format of other tools")
    func format() {
        var attributes = FileAttributes(metadata: [:])
        attributes.modified = FileStatus.Time(seconds: 1_354_040_105, nanoseconds: 1_000)
        attributes.permissions = 0o644
        #expect(attributes.metadata == ["mtime": "1354040105.000001000", "mode": "644"])
    }

    @Test("Times with fewer or no decimals are parsed")
    func decimals() {
        #expect(FileAttributes(metadata: ["mtime": "12"]).modified == FileStatus.Time(seconds: 12, nanoseconds: 0))
        #expect(
            FileAttributes(metadata: ["mtime": "12.5"]).modified
                == FileStatus.Time(seconds: 12, nanoseconds: 500_000_000))
    }

    @Test(
        "Malformed metadata is ignored",
        arguments: ["", "x", "1.", "1.x", "1,5", " 1", "99999999999999999999", "999999999999999", ".5"])
    func malformed(text: String) {
        #expect(FileAttributes(metadata: ["mtime": text]).modified == nil)
        #expect(FileAttributes(metadata: ["mode": text + "9"]).permissions == nil)
    }

    @Test("Metadata cannot set the set-user-ID, set-group-ID or sticky bit")
    func setUserID() {
        #expect(FileAttributes(metadata: ["mode": "4755"]).permissions == 0o755)
    }
}
