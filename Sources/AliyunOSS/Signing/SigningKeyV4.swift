import Foundation
import OSSPrimitives
import Synchronization

/// The key that version 4 signs with: derived from the secret for one day, region and product.
enum SigningKeyV4 {
    /// Derives the key.
    ///
    /// - Parameter day: `20231216`.
    static func derive(secret: String, day: String, region: String, product: String) -> [UInt8] {
        var key = Array("aliyun_v4\(secret)".utf8)
        for part in [day, region, product, "aliyun_v4_request"] {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        return key
    }
}

/// Keeps the last derived key, ready to sign: deriving it costs more than the signature itself.
///
/// One is enough: a client signs with one secret, and a day ends once a day.
final class SigningKeyCache: Sendable {
    private struct Entry {
        var secret: String
        var day: String
        var region: String
        var product: String
        var code: HMAC<SHA256>
    }

    private let entry = Mutex<Entry?>(nil)

    /// An authentication code that has taken in the key and waits for the message.
    func code(secret: String, day: String, region: String, product: String) -> HMAC<SHA256> {
        entry.withLock { entry in
            if let entry, entry.secret == secret, entry.day == day, entry.region == region, entry.product == product {
                return entry.code
            }
            let key = SigningKeyV4.derive(secret: secret, day: day, region: region, product: product)
            let code = HMAC<SHA256>(key: key)
            entry = Entry(secret: secret, day: day, region: region, product: product, code: code)
            return code
        }
    }
}

extension SigningKeyCache: CustomReflectable {
    /// Shows nothing: there is a secret in it.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
