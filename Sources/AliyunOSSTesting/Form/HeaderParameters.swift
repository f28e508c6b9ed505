import Foundation

/// A header such as `form-data; name="key"; filename="a b.txt"`.
struct HeaderParameters {
    let value: String
    private var parameters: [String: String] = [:]

    init(_ text: String) {
        var rest = Substring(text)
        value = rest.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        rest = rest.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest[name.endIndex...]
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " }
            let parameter = rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)
            parameters[name.trimmingCharacters(in: .whitespaces).lowercased()] = parameter
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    private static func token(_ text: inout Substring) -> String {
        let token = text.prefix { $0 != ";" }
        text = text[token.endIndex...]
        return token.trimmingCharacters(in: .whitespaces)
    }

    /// Browsers escape a quotation mark in a name as `\"` or `%22`, and leave a backslash as it is: it is a Windows path.
    private static func quoted(_ text: inout Substring) -> String {
        var value = ""
        text = text.dropFirst()
        while let character = text.first, character != "\"" {
            text = text.dropFirst()
            if character == "\\", text.first == "\"" {
                text = text.dropFirst()
                value.append("\"")
            } else {
                value.append(character)
            }
        }
        text = text.drop { $0 != ";" }
        return value
    }
}
