import OSSPrimitives
import Testing

@Suite("Hexadecimal")
struct HexadecimalTests {
    @Test("Every byte is formatted as two digits and parsed back")
    func roundTrip() {
        let bytes = Array(UInt8.min...UInt8.max)
        let lower = Hexadecimal.lowercase(bytes)
        #expect(lower.hasPrefix("000102") && lower.hasSuffix("fdfeff") && lower.utf8.count == 512)
        #expect(Hexadecimal.uppercase(bytes) == lower.uppercased())
        #expect(Hexadecimal.decode(lower) == bytes)
        #expect(Hexadecimal.decode(lower.uppercased()) == bytes)
        #expect(Hexadecimal.lowercase([]) == "")
        #expect(Hexadecimal.decode("") == [])
    }

    @Test(
        "Text that is not hexadecimal is rejected",
        arguments: ["0", "abc", "0g", "g0", " 00", "0x00", "é0", "＃０", "00\n"])
    func refusals(text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }
}
