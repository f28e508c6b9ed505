import Testing

@testable import AliyunOSS

@Suite("Download plan")
struct DownloadPlannerTests {
    /// The plan for a listing, as text: `+path` a file, `/path` a folder, `!key` a refusal.
    private func plan(_ keys: [String], prefix: String = "", size: Int64 = 0) throws -> [String] {
        var planner = DownloadPlanner(mapping: try KeyPathMapping(prefix: prefix), detector: ChangeDetector())
        return keys.sorted { ObjectKey(unchecked: $0) < ObjectKey(unchecked: $1) }.compactMap { key in
            let entry = RemoteEntry(key: ObjectKey(unchecked: key), size: size, eTag: "", type: "Normal")
            guard let action = planner.action(for: .remoteOnly(entry)) else { return nil }
            return switch action.work {
            case .download(_, let path): "+\(path)"
            case .makeFolder(let path): "/\(path?.description ?? "")"
            case .fail(let error): "!\(key) \(error.code)"
            case .upload, .uploadFolder, .leave: "?"
            }
        }
    }

    @Test("Objects become files below the prefix, and empty ones with a slash at the end become folders")
    func files() throws {
        #expect(try plan(["p/", "p/a", "p/d/", "p/d/e"], prefix: "p") == ["/", "+a", "/d", "+d/e"])
    }

    @Test("Where a key is a file and others need a folder, the file comes and each of the others is refused")
    func clash() throws {
        #expect(
            try plan(["a", "a!", "a.txt", "a/b", "a/c/d", "a0", "ab/c"]) == [
                "+a", "+a!", "+a.txt", "!a/b unsafeKey", "!a/c/d unsafeKey", "+a0", "+ab/c",
            ])
    }

    @Test("The folder object of a file's own name is refused")
    func folderClash() throws {
        #expect(try plan(["a", "a/"]) == ["+a", "!a/ unsafeKey"])
    }

    @Test("A clash deep in the tree is found, and the refused key is no obstacle itself")
    func deepClash() throws {
        #expect(
            try plan(["a/b", "a/b-", "a/b/c", "a/b/c/d", "a/c"]) == [
                "+a/b", "+a/b-", "!a/b/c unsafeKey", "!a/b/c/d unsafeKey", "+a/c",
            ])
    }

    @Test("Unsafe keys are refused one by one, and the others come")
    func unsafe() throws {
        #expect(
            try plan(["p/../evil", "p//x", "p/ok", "p/./y"], prefix: "p/") == [
                "!p/../evil unsafeKey", "!p/./y unsafeKey", "!p//x unsafeKey", "+ok",
            ])
    }

    @Test("A key that ends in a slash and has content is refused")
    func folderWithContent() throws {
        #expect(try plan(["d/"], size: 3) == ["!d/ unsafeKey"])
    }
}
