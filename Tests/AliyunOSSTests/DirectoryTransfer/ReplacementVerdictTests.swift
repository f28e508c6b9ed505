import Testing

@testable import AliyunOSS

@Suite("Replacing files that are to be deleted")
struct ReplacementVerdictTests {
    private static let link = RelativePath.path(of: "n/link".utf8, in: nil)

    @Test(
        "A file or folder is moved aside only if it is exactly what was planned to be deleted",
        arguments: [
            (.nothing, 1, 0, "install"), (.nothing, 0, 0, "install"), (.file, 1, 1, "moveAside"), (.file, 1, 0, "keep"),
            (.file, 0, 0, "keep"), (.file, 2, 2, "keep"), (.folder(files: 0, other: nil), 0, 0, "moveAside"),
            (.folder(files: 3, other: nil), 3, 3, "moveAside"), (.folder(files: 3, other: nil), 3, 2, "keep"),
            (.folder(files: 4, other: nil), 3, 3, "keep"), (.folder(files: 2, other: nil), 3, 2, "keep"),
            (.folder(files: 3, other: link), 3, 3, "keep"), (.folder(files: 0, other: link), 0, 0, "keep"),
            (.other, 1, 1, "keep"), (.other, 0, 0, "keep"),
        ] as [(ReplacementVerdict.Standing, planned: Int, unchanged: Int, String)])
    func verdict(_ row: (standing: ReplacementVerdict.Standing, planned: Int, unchanged: Int, expected: String)) {
        let verdict = ReplacementVerdict.decide(row.standing, planned: row.planned, unchanged: row.unchanged)
        let word =
            switch verdict {
            case .moveAside: "moveAside"
            case .install: "install"
            case .keep: "keep"
            }
        #expect(word == row.expected)
    }

    @Test("Leftovers of a killed process are classified as in use, worthless, displaced or replaced")
    func remains() {
        let name = FileName(unchecked: "n".utf8)
        for isNameTaken in [false, true] {
            #expect(
                NameReplacement.Remains.decide(isInUse: true, predecessor: name, isNameTaken: isNameTaken) == .inUse)
            #expect(
                NameReplacement.Remains.decide(isInUse: false, predecessor: nil, isNameTaken: isNameTaken) == .nothing)
        }
        #expect(
            NameReplacement.Remains.decide(isInUse: false, predecessor: name, isNameTaken: false) == .displaced(name))
        #expect(
            NameReplacement.Remains.decide(isInUse: false, predecessor: name, isNameTaken: true) == .replaced(name))
    }
}
