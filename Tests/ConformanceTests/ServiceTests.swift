import Testing

@Suite("Conformance: services")
struct ServiceTests {
    @Test(
        "No service is skipped silently: the mock server runs, and the real service runs if any of its variables is set"
    )
    func available() {
        let expected = Service.variables.isEmpty ? 1 : 2
        #expect(
            Service.available.count == expected,
            "the mock did not start, or only \(Service.variables.keys.sorted()) are set: see Docs/Testing.md")
        #expect(Service.available.first?.testDescription == "mock")
    }
}
