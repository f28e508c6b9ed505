/// A vector of `crc64.json`.
struct CRC64Vector: Decodable {
    struct Repeat: Decodable {
        var utf8: String
        var count: Int
    }

    struct Expected: Decodable {
        var decimal: String
        var first: String?
        var second: String?
    }

    var id: String
    var kind: String
    var text: String?
    var repetition: Repeat?
    var pieces: [String]?
    var first: String?
    var second: String?
    var crc1: String?
    var crc2: String?
    var secondLength: UInt64?
    var expected: Expected

    var bytes: [UInt8] {
        if let repetition { return Array(String(repeating: repetition.utf8, count: repetition.count).utf8) }
        return Array((text ?? "").utf8)
    }

    private enum Key: String, CodingKey {
        case id, kind, expected, crc1, crc2
        case text = "data_utf8"
        case repetition = "data_repeat"
        case pieces = "pieces_utf8"
        case first = "first_utf8"
        case second = "second_utf8"
        case secondLength = "len2"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        id = try values.decode(String.self, forKey: .id)
        kind = try values.decode(String.self, forKey: .kind)
        text = try values.decodeIfPresent(String.self, forKey: .text)
        repetition = try values.decodeIfPresent(Repeat.self, forKey: .repetition)
        pieces = try values.decodeIfPresent([String].self, forKey: .pieces)
        first = try values.decodeIfPresent(String.self, forKey: .first)
        second = try values.decodeIfPresent(String.self, forKey: .second)
        crc1 = try values.decodeIfPresent(String.self, forKey: .crc1)
        crc2 = try values.decodeIfPresent(String.self, forKey: .crc2)
        expected = try values.decode(Expected.self, forKey: .expected)
        // A number in some vectors, and text for values that not every JSON reader represents exactly.
        secondLength =
            (try? values.decode(UInt64.self, forKey: .secondLength))
            ?? (try? values.decode(String.self, forKey: .secondLength)).flatMap { UInt64($0) }
    }
}
