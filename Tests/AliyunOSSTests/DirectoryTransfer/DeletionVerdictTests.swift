import Testing

@testable import AliyunOSS

@Suite("Limits of deletions")
struct DeletionVerdictTests {
    private func verdict(
        _ deletions: Int, source: Int, destination: Int, isComplete: Bool = true, allowsEmptySource: Bool = false,
        _ limit: DeletionOptions.Limit = .standard
    ) -> String {
        var options = DeletionOptions()
        (options.limit, options.allowsEmptySource) = (limit, allowsEmptySource)
        let totals = PlanTotals(source: source, destination: destination)
        switch DeletionVerdict.decide(deletions, of: totals, isComplete: isComplete, options) {
        case .proceed: return "proceed"
        case .postpone: return "postpone"
        case .refuse: return "refuse"
        }
    }

    @Test("The standard limit is half of the destination, and at least 100 files")
    func standard() {
        #expect(verdict(100, source: 1, destination: 100) == "proceed")
        #expect(verdict(101, source: 1, destination: 150) == "refuse")
        #expect(verdict(500, source: 500, destination: 1000) == "proceed")
        #expect(verdict(501, source: 499, destination: 1000) == "refuse")
        #expect(verdict(1, source: 9, destination: 10, isComplete: false) == "postpone")
    }

    @Test(
        "An empty source deletes nothing unless allowed; then the standard limit does not apply, but an explicit one does"
    )
    func emptySource() {
        #expect(verdict(3, source: 0, destination: 3) == "refuse")
        #expect(verdict(3, source: 0, destination: 3, .unlimited) == "refuse")
        #expect(verdict(5000, source: 0, destination: 5000, allowsEmptySource: true) == "proceed")
        #expect(verdict(5000, source: 0, destination: 5000, allowsEmptySource: true, .count(10)) == "refuse")
        #expect(verdict(5000, source: 0, destination: 5000, allowsEmptySource: true, .share(0.5)) == "refuse")
        #expect(verdict(5000, source: 1, destination: 5001, allowsEmptySource: true) == "refuse")
    }

    @Test("Limits by number and by share allow exactly that many deletions")
    func limits() {
        #expect(verdict(10, source: 1, destination: 11, .count(10)) == "proceed")
        #expect(verdict(11, source: 1, destination: 12, .count(10)) == "refuse")
        #expect(verdict(10, source: 1, destination: 10, .share(1)) == "proceed")
        #expect(verdict(4, source: 1, destination: 10, .share(0.39)) == "refuse")
        #expect(verdict(1, source: 1, destination: 10, .share(0)) == "refuse")
    }
}
