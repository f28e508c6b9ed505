import OSSPrimitives

/// The order in time of what a rule of a lifecycle does to an object: to ever colder classes, then away.
enum LifecycleOrder {
    private static let classes = ["IA", "Archive", "ColdArchive", "DeepColdArchive"]

    static func check(_ rule: XMLTree) throws(ServiceError) {
        let actions = rule.children.filter { $0.name == "Expiration" || $0.name == "Transition" }
        let hasDays = actions.contains { $0["Days"] != nil }
        if hasDays, actions.contains(where: { $0["CreatedBeforeDate"] != nil || $0["Date"] != nil }) {
            throw ServiceError(
                status: 400, code: "InvalidRequest",
                message: "Found mixed 'Date' and 'Days' based Expiration and Transition actions.", ec: "0031-00000013")
        }
        try check(rule.all("Transition"), "Days", before: rule["Expiration"])
        try check(
            rule.all("NoncurrentVersionTransition"), "NoncurrentDays", before: rule["NoncurrentVersionExpiration"])
    }

    private static func check(
        _ transitions: [XMLTree], _ unit: String, before expiration: XMLTree?
    ) throws(ServiceError) {
        var times: [(rank: Int, days: Int)] = []
        for transition in transitions {
            let name = transition.text("StorageClass") ?? ""
            guard let rank = classes.firstIndex(of: name) else {
                throw .invalidArgument("No object can go to this class.", name: "StorageClass", value: name)
            }
            if let days = transition.text(unit).flatMap(Int.init) { times.append((rank, days)) }
        }
        times.sort { $0.rank < $1.rank }
        for (earlier, later) in zip(times, times.dropFirst()) where earlier.days >= later.days {
            throw .invalidArgument(
                "The transition to a colder class must come later.", name: unit, value: String(later.days))
        }
        if let end = expiration?.text(unit).flatMap(Int.init), let last = times.last, last.days >= end {
            throw .invalidArgument("The expiration must come after the transitions.", name: unit, value: String(end))
        }
    }
}
