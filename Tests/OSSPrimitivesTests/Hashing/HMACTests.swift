import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("HMAC")
struct HMACTests {
    struct Case: Sendable {
        var key: [UInt8]
        var message: [UInt8]
        var code: String

        init(_ key: [UInt8], _ message: [UInt8], _ code: String) {
            self.key = key
            self.message = message
            self.code = code
        }

        init(_ key: [UInt8], _ message: String, _ code: String) {
            self.init(key, Array(message.utf8), code)
        }
    }

    static func fill(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }

    static let question = "what do ya want for nothing?"
    static let longKey = "Test Using Larger Than Block-Size Key - Hash Key First"
    static let longBoth = "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"

    @Test(
        "HMAC-MD5 returns the codes of RFC 2202",
        arguments: [
            Case(fill(0x0b, 16), "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"),
            Case(Array("Jefe".utf8), question, "750c783e6ab0b503eaa86e310a5db738"),
            Case(fill(0xaa, 16), fill(0xdd, 50), "56be34521d144c88dbb8c733f0e8b3f6"),
            Case(Array(1...25), fill(0xcd, 50), "697eaf0aca3a3aea3a75164746ffaa79"),
            Case(fill(0x0c, 16), "Test With Truncation", "56461ef2342edc00f9bab995690efd4c"),
            Case(fill(0xaa, 80), longKey, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"),
            Case(fill(0xaa, 80), longBoth, "6f630fad67cda0ee1fb1f562db3aa53e"),
        ])
    func md5(_ test: Case) {
        let code = HMAC<MD5>.authenticationCode(for: test.message, key: test.key)
        #expect(Hexadecimal.lowercase(code) == test.code)
    }

    @Test(
        "HMAC-SHA-1 returns the codes of RFC 2202",
        arguments: [
            Case(fill(0x0b, 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            Case(Array("Jefe".utf8), question, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            Case(fill(0xaa, 20), fill(0xdd, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
            Case(Array(1...25), fill(0xcd, 50), "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
            Case(fill(0x0c, 20), "Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
            Case(fill(0xaa, 80), longKey, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
            Case(fill(0xaa, 80), longBoth, "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"),
        ])
    func sha1(_ test: Case) {
        let code = HMAC<SHA1>.authenticationCode(for: test.message, key: test.key)
        #expect(Hexadecimal.lowercase(code) == test.code)
    }

    @Test(
        "HMAC-SHA-256 returns the codes of RFC 4231",
        arguments: [
            Case(fill(0x0b, 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            Case(
                Array("Jefe".utf8), question, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            Case(
                fill(0xaa, 20), fill(0xdd, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            Case(
                Array(1...25), fill(0xcd, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            // The published value is truncated to half its length.
            Case(fill(0x0c, 20), "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
            Case(fill(0xaa, 131), longKey, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            Case(
                fill(0xaa, 131),
                "This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ])
    func sha256(_ test: Case) {
        let code = HMAC<SHA256>.authenticationCode(for: test.message, key: test.key)
        #expect(Hexadecimal.lowercase(code).hasPrefix(test.code))
    }

    @Test("A key can be reused for any number of messages, split or whole")
    func warmKey() {
        let key = Array("secret".utf8)
        var random = SeededRandom(seed: 7)
        let warm = HMAC<SHA256>(key: key)
        var reused = warm
        for count in [0, 1, 63, 64, 65, 500] {
            let message = random.bytes(count)
            let expected = HMAC<SHA256>.authenticationCode(for: message, key: key)
            var copy = warm
            for range in random.split(count, longest: 70) { copy.update(Array(message[range])) }
            #expect(copy.finalize() == expected)
            reused.update(message)
            #expect(reused.finalize() == expected)
        }
    }
}
