/// Decides whether a file is transferred, from what is known of both sides. It is the only place that does.
struct ChangeDetector: Sendable {
    /// What to do with a file that the source has.
    enum Decision: Hashable, Sendable {
        case transfer(TransferReason)
        case leave(TransferReason)
    }

    /// Whether the decision depends on what the destination has. When not, the destination is not listed.
    var needsDestination: Bool { false }

    /// What to do with a file that is to go up.
    func decision(from source: LocalEntry, to destination: RemoteEntry?) -> Decision {
        .transfer(.always)
    }

    /// What to do with an object that is to come down.
    func decision(from source: RemoteEntry, to destination: LocalEntry?) -> Decision {
        .transfer(.always)
    }
}
