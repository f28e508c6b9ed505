import Testing

@Suite("Conformance: services")
struct ServiceTests {
    @Test("No service is left out silently: the mock runs, and the real one when any of its variables is set")
    func available() {
        let expected = Service.variables.isEmpty ? 1 : 2
        #expect(
            Service.available.count == expected,
            "the mock did not start, or only \(Service.variables.keys.sorted()) are set: see Docs/Testing.md")
        #expect(Service.available.first?.testDescription == "mock")
    }
}
