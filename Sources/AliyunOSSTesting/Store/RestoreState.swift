import Foundation

/// The restored copy of an archived object: on its way, there for a time, and gone again. Only the clock moves it.
struct RestoreState: Sendable, Codable {
    var tier: RestoreTier
    /// When the copy can be read.
    var readyDate: Date
    /// When the copy is removed.
    var expiryDate: Date

    enum Phase {
        case ongoing
        case restored
        case over
    }

    func phase(at now: Date) -> Phase {
        if now < readyDate { return .ongoing }
        return now < expiryDate ? .restored : .over
    }
}

/// How fast a restore is; later cases are faster.
enum RestoreTier: String, Sendable, Codable, CaseIterable, Comparable {
    case bulk = "Bulk"
    case standard = "Standard"
    case expedited = "Expedited"

    static func < (left: RestoreTier, right: RestoreTier) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .bulk: 0
        case .standard: 1
        case .expedited: 2
        }
    }
}
