import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Message digests")
struct HashFunctionTests {
    static let alphabet = "abcdefghijklmnopqrstuvwxyz"
    static let digits = String(repeating: "1234567890", count: 8)
    static let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    static let threeBlocks =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

    @Test(
        "MD5 returns the digests of RFC 1321",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (alphabet, "c3fcd3d76192e4007dfb496cca67e13b"),
            (alphabet.uppercased() + alphabet + "0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
            (digits, "57edf4a22be3c955ac49da2e2107b67a"),
        ])
    func md5(message: String, digest: String) {
        #expect(Hexadecimal.lowercase(MD5.hash(Array(message.utf8))) == digest)
    }

    @Test(
        "SHA-1 returns the digests of FIPS 180",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (twoBlocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            (threeBlocks, "a49b2446a02c645bf419f995b67091253a04a259"),
        ])
    func sha1(message: String, digest: String) {
        #expect(Hexadecimal.lowercase(SHA1.hash(Array(message.utf8))) == digest)
    }

    @Test(
        "SHA-256 returns the digests of FIPS 180",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
            (threeBlocks, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
        ])
    func sha256(message: String, digest: String) {
        #expect(Hexadecimal.lowercase(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test("A million letters a have the published digests")
    func million() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(Hexadecimal.lowercase(MD5.hash(message)) == "7707d6ae4e027c70eea2a935c2296f21")
        #expect(Hexadecimal.lowercase(SHA1.hash(message)) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
        #expect(
            Hexadecimal.lowercase(SHA256.hash(message))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// The expected values are digests of the digests of all 300 messages, computed with Python's hashlib.
    @Test("Every length around the block boundaries is padded correctly")
    func everyLength() {
        #expect(digestOfDigests(MD5.self) == "6df39947d2c08075436d0edf312ed0fb")
        #expect(digestOfDigests(SHA1.self) == "415cea6bc6991763c99ec16eb06ad992a955e73f")
        #expect(
            digestOfDigests(SHA256.self) == "fa70b867db0a30acb7218d62945db0df52eb393808b30675ea9aac6b058a9a9d")
    }

    private func digestOfDigests(_ type: (some HashFunction).Type) -> String {
        let message = (0..<300).map { UInt8($0 % 251) }
        let digests = (0..<300).flatMap { type.hash(Array(message[..<$0])) }
        return Hexadecimal.lowercase(type.hash(digests))
    }

    @Test(
        "A digest does not depend on splits or alignments of the input",
        arguments: [1, 55, 56, 63, 64, 65, 127, 128, 129, 1000, 5000])
    func splits(count: Int) {
        expectSplitsDoNotMatter(MD5.self, count: count)
        expectSplitsDoNotMatter(SHA1.self, count: count)
        expectSplitsDoNotMatter(SHA256.self, count: count)
    }

    private func expectSplitsDoNotMatter<Function: HashFunction>(_ type: Function.Type, count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let message = random.bytes(count)
        let whole = Function.hash(message)
        var function = Function()
        for longest in [1, 3, 63, 64, 65, 130, 1000] {
            // The chunks are adjacent, so they start at every alignment.
            message.withUnsafeBytes { bytes in
                for range in random.split(count, longest: longest) {
                    function.update(UnsafeRawBufferPointer(rebasing: bytes[range]))
                }
            }
            #expect(function.finalize() == whole, "pieces of up to \(longest) bytes, by a function used before")
        }
    }

    @Test("A copied hash function continues independently")
    func copies() {
        var original = SHA256()
        original.update(Array("ab".utf8))
        var copy = original
        copy.update(Array("x".utf8))
        original.update(Array("c".utf8))
        #expect(original.finalize() == SHA256.hash(Array("abc".utf8)))
        #expect(copy.finalize() == SHA256.hash(Array("abx".utf8)))
    }

    @Test("A digest has the declared size")
    func sizes() {
        #expect(MD5.hash([]).count == MD5.digestByteCount)
        #expect(SHA1.hash([]).count == SHA1.digestByteCount)
        #expect(SHA256.hash(Data()).count == SHA256.digestByteCount)
    }

    @Test("Content-MD5 values equal those of the service's own clients")
    func contentMD5() throws {
        struct Vector: Decodable {
            var kind: String
            var text: String?
            var expected: String?
            enum Key: CodingKey { case kind, input, expected }
            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Key.self)
                kind = try values.decode(String.self, forKey: .kind)
                guard kind == "content-md5" else { return }
                text = try values.decode(String.self, forKey: .input)
                expected = try values.decode(String.self, forKey: .expected)
            }
        }
        let vectors = VectorFile<Vector>.load("url_encoding", keys: .useDefaultKeys).filter { $0.kind == "content-md5" }
        #expect(vectors.count == 3)
        for vector in vectors {
            let digest = MD5.hash(Array((vector.text ?? "").utf8))
            #expect(Data(digest).base64EncodedString() == vector.expected)
        }
    }
}
