/// The service's token: a small protobuf with the last key, in the service's Base64.
enum ContinuationToken {
    static func encode(_ key: [UInt8]) -> String {
        var message: [UInt8] = [0x0A]
        var length = key.count
        while length >= 0x80 {
            message.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        message.append(UInt8(length))
        return ServiceBase64.encode(message + key)
    }

    static func decode(_ token: String) -> [UInt8]? {
        guard let message = ServiceBase64.decode(token), message.count > 2, message.first == 0x0A else { return nil }
        var length = 0
        var index = 1
        while index < message.count, index < 4 {
            length |= Int(message[index] & 0x7F) << (7 * (index - 1))
            index += 1
            if message[index - 1] < 0x80 { break }
        }
        guard index + length == message.count else { return nil }
        return Array(message[index...])
    }
}
