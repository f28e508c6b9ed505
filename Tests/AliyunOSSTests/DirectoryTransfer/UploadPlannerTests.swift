import Testing

@testable import AliyunOSS

@Suite("Planning an upload")
struct UploadPlannerTests {
    private static func object(_ key: String) -> RemoteEntry {
        RemoteEntry(key: ObjectKey(unchecked: key), size: 0, eTag: "", type: "Normal")
    }

    /// Returns the objects that are deleted if the folder contains only the given entries.
    private func deleted(
        of keys: [String], leftOut: [String] = [], unusable: [String] = []
    ) throws -> [String] {
        var planner = UploadPlanner(mapping: try KeyPathMapping(prefix: "p"), rules: PlanRules(deletes: true))
        var steps: [PlannedStep] = []
        // A march reports an unreadable entry as soon as it reaches it.
        for name in unusable {
            let error = OSSError(.fileSystem, "not readable")
            planner.plan(.unusableSource(try RelativePath(name.utf8), error), into: &steps)
        }
        let entries = try leftOut.map { name in
            let path = try RelativePath((name.hasSuffix("/") ? String(name.dropLast()) : name).utf8)
            return LocalEntry(key: ObjectKey(unchecked: "p/" + name), path: path, content: .leftOut(.excluded))
        }
        let objects = keys.map { Self.object("p/" + $0) }
        var rest = entries[...]
        for object in objects {
            while let entry = rest.first, entry.key < object.key {
                planner.plan(.sourceOnly(entry, isInhabited: false), into: &steps)
                rest.removeFirst()
            }
            planner.plan(.destinationOnly(object, isInhabited: false), into: &steps)
        }
        planner.finish(into: &steps)
        return steps.filter { $0.action.kind == .delete }.map(\.action.path)
    }

    @Test("Objects of an unreadable folder are not deleted")
    func unreadableFolders() throws {
        let keys = [
            "a", "f-", "f-/a", "f.txt", "f.txt/a", "f/", "f/a", "f/b/c", "f0", "fa/b", "m", "m-a/b", "m/x", "z/a", "z0",
        ]
        let deleted = try deleted(of: keys, leftOut: ["g"], unusable: ["f.txt", "f", "m", "m-a", "z"])
        #expect(deleted == ["a", "f-", "f-/a", "f0", "fa/b", "z0"])
    }

    @Test("Objects of a skipped folder are not deleted")
    func leftOutFolders() throws {
        let keys = ["a", "f-/a", "f.txt/a", "f/a", "f/b/c", "f0", "f0xyz", "z/a"]
        #expect(try deleted(of: keys, leftOut: ["f.txt", "f/"]) == ["a", "f-/a", "f0", "f0xyz", "z/a"])
    }
}
