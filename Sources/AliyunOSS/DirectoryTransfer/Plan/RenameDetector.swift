/// Finds the objects that new files may have been before they were renamed: those of the same size that no file has any
/// more. It holds everything new until it has seen everything that is gone.
struct RenameDetector: Sendable {
    private struct Arrival: Sendable {
        var step: PlannedStep
        var path: RelativePath
        var status: FileStatus
    }

    private var arrivals: [Arrival] = []
    private var departures: [Int64: [RemoteEntry]] = [:]

    /// With more objects of one size than this, a file is rather sent than compared with all of them.
    private static let maximumCandidates = 100

    /// Takes the upload of a new file. Nothing is gained by copying an empty one.
    ///
    /// - Returns: Whether it was taken.
    mutating func hold(_ step: PlannedStep, _ entry: LocalEntry) -> Bool {
        guard case .upload = step.action.work, let status = entry.status, status.size > 0 else { return false }
        arrivals.append(Arrival(step: step, path: entry.path, status: status))
        return true
    }

    /// Takes an object that has no file.
    mutating func add(_ object: RemoteEntry) {
        guard object.size > 0, !object.isLink else { return }
        if departures[object.size, default: []].count < Self.maximumCandidates {
            departures[object.size, default: []].append(object)
        }
    }

    /// Gives back what was held, with the objects that each may have been.
    mutating func finish(into steps: inout [PlannedStep]) {
        for arrival in arrivals {
            var step = arrival.step
            if let objects = departures[arrival.status.size] {
                step.question = .renamed(arrival.path, arrival.status, objects)
            }
            steps.append(step)
        }
        arrivals = []
        departures = [:]
    }
}
