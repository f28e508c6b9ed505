import Testing

@testable import AliyunOSS

@Suite("Planning a download")
struct DownloadPlannerTests {
    /// Returns the plan for a listing as text, with `+path` for a file, `/path` for a folder and `!key` for a
    /// rejection.
    private func plan(
        _ keys: [String], prefix: String = "", size: Int64 = 0, clashes: ClashPolicy = .keepFolder
    ) throws -> [String] {
        var planner = DownloadPlanner(
            mapping: try KeyPathMapping(prefix: prefix), rules: PlanRules(), clashes: clashes)
        var steps: [PlannedStep] = []
        for key in keys.sorted(by: { ObjectKey(unchecked: $0) < ObjectKey(unchecked: $1) }) {
            let entry = RemoteEntry(key: ObjectKey(unchecked: key), size: size, eTag: "", type: "Normal")
            planner.plan(.sourceOnly(entry, isInhabited: false), into: &steps)
        }
        planner.finish(into: &steps)
        return steps.map { step in
            switch step.action.work {
            case .download(.file(_, let path, _)): "+\(path)"
            case .download(.folder(let path)): "/\(path?.description ?? "")"
            case .fail(let error): "!\(step.action.key?.rawValue ?? "") \(error.code)"
            default: "?"
            }
        }
    }

    @Test(
        "An excluded object is skipped whatever its name, and blocks no other",
        arguments: [ClashPolicy.keepFolder, .keepFile, .keepNeither])
    func excluded(clashes: ClashPolicy) throws {
        var planner = DownloadPlanner(
            mapping: try KeyPathMapping(prefix: ""), rules: PlanRules(), clashes: clashes)
        var steps: [PlannedStep] = []
        for key in ["a", "a/b", "build/", "logs//x"] {
            var entry = RemoteEntry(
                key: ObjectKey(unchecked: key), size: key == "build/" ? 0 : 1, eTag: "", type: "Normal")
            if key != "a/b" { entry.exclusion = .excluded }
            planner.plan(.sourceOnly(entry, isInhabited: false), into: &steps)
        }
        planner.finish(into: &steps)
        #expect(
            steps.map { "\($0.action)" } == [
                "leave a (excluded)", "leave build/ (excluded)", "leave logs//x (excluded)", "download a/b (new)",
            ])
    }

    @Test("Objects become files relative to the prefix, and empty ones with a final slash become folders")
    func files() throws {
        #expect(try plan(["p/", "p/a", "p/d/", "p/d/e"], prefix: "p") == ["/", "+a", "/d", "+d/e"])
    }

    @Test(
        "If a key is a file and others need a folder, the policy decides before any of them is planned",
        arguments: [
            (ClashPolicy.keepFolder, ["!a unsafeKey", "+a!", "+a.txt", "+a/b", "+a/c/d", "+a0", "+ab/c"]),
            (.keepFile, ["!a/b unsafeKey", "!a/c/d unsafeKey", "+a", "+a!", "+a.txt", "+a0", "+ab/c"]),
            (.keepNeither, ["!a unsafeKey", "!a/b unsafeKey", "!a/c/d unsafeKey", "+a!", "+a.txt", "+a0", "+ab/c"]),
        ])
    func clash(policy: ClashPolicy, expected: [String]) throws {
        let keys = ["a", "a!", "a.txt", "a/b", "a/c/d", "a0", "ab/c"]
        #expect(try plan(keys, clashes: policy).sorted() == expected)
    }

    @Test("The object of a folder clashes with a file of the same name")
    func folderClash() throws {
        #expect(try plan(["a", "a/"]).sorted() == ["!a unsafeKey", "/a"])
        #expect(try plan(["a", "a/"], clashes: .keepFile).sorted() == ["!a/ unsafeKey", "+a"])
    }

    @Test("A clash deep in the tree is found, and the rejected key blocks nothing")
    func deepClash() throws {
        #expect(
            try plan(["a/b", "a/b-", "a/b/c", "a/b/c/d", "a/c"]).sorted() == [
                "!a/b unsafeKey", "!a/b/c unsafeKey", "+a/b-", "+a/b/c/d", "+a/c",
            ])
        #expect(
            try plan(["a/b", "a/b-", "a/b/c", "a/b/c/d", "a/c"], clashes: .keepFile).sorted() == [
                "!a/b/c unsafeKey", "!a/b/c/d unsafeKey", "+a/b", "+a/b-", "+a/c",
            ])
    }

    @Test("Unsafe keys are rejected one by one, and the other objects are planned")
    func unsafe() throws {
        #expect(
            try plan(["p/../evil", "p//x", "p/ok", "p/./y"], prefix: "p/").sorted() == [
                "!p/../evil unsafeKey", "!p/./y unsafeKey", "!p//x unsafeKey", "+ok",
            ])
    }

    @Test("A key with content that ends in a slash is rejected by the plan")
    func folderWithContent() throws {
        #expect(try plan(["d/"], size: 3) == ["!d/ unsafeKey"])
    }
}
