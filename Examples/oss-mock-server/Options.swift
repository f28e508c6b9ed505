import AliyunOSSTesting
import Foundation

/// The parsed command line of `oss-mock-server`.
struct Options {
    var configuration = MockOSSServer.Configuration()
    var isVerbose = false
    var wantsHelp = false

    /// A problem with the command line, described on one line.
    struct Problem: Error {
        var description: String
    }

    init(_ arguments: [String]) throws(Problem) {
        var keys = KeyOptions()
        var acceptsAnything = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            var name = argument
            var attached: String?
            if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                name = String(argument[..<equals])
                attached = String(argument[argument.index(after: equals)...])
            }
            func value() throws(Problem) -> OptionValue {
                guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
                    throw Problem(description: "\(name) requires a value")
                }
                return OptionValue(option: name, text: value)
            }
            switch name {
            case "--help", "-h": wantsHelp = true
            case "--verbose", "-v": isVerbose = true
            case "--no-auth": acceptsAnything = true
            case "--allow-public-access": configuration.blocksPublicAccess = false
            case "--no-md5": configuration.computesMD5 = false
            case "--read-only-page": configuration.hasReadOnlyPage = true
            case "--port": configuration.port = UInt16(try value().number(in: 0...65535))
            case "--bucket": configuration.buckets.append(try value().text)
            case "--data": configuration.storage = .folder(try value().text)
            case "--region": configuration.region = try value().text
            case "--access-key-id": keys.add(\.id, try value().text)
            case "--access-key-secret": keys.add(\.secret, try value().text)
            case "--security-token": keys.add(\.securityToken, try value().text)
            case "--account-id": keys.add(\.accountID, try value().text)
            case "--host-suffix": configuration.hostSuffixes.append(try value().host())
            case "--cname":
                let (host, bucket) = try value().mapping()
                configuration.cnames[host] = bucket
            case "--callback-host": configuration.callbackHosts.insert(try value().host())
            case "--max-buckets": configuration.maximumBuckets = try value().number(in: 1...Int.max)
            case "--max-connections": configuration.maximumConnections = try value().number(in: 1...Int.max)
            case "--max-requests-per-second":
                configuration.maximumRequestsPerSecond = try value().number(in: 1...Int.max)
            case "--max-log-requests": configuration.maximumLoggedRequests = try value().number(in: 0...Int.max)
            case "--max-log-bytes": configuration.maximumLoggedBytes = try value().size()
            case "--idle-timeout": configuration.idleTimeout = .seconds(try value().number(in: 1...1_000_000))
            case "--clock-offset":
                let offset = TimeInterval(try value().number(in: -1_000_000_000...1_000_000_000))
                configuration.clock = { Date().addingTimeInterval(offset) }
            case "--seed": configuration.faults = FaultPlan(seed: UInt64(try value().number(in: 0...Int.max)))
            default: throw Problem(description: "unknown argument '\(argument)'")
            }
        }
        configuration.accessKeys = try keys.accessKeys()
        if acceptsAnything, !configuration.accessKeys.isEmpty {
            throw Problem(description: "--no-auth cannot be combined with an access key")
        }
    }
}

/// The access keys given on a command line. The options of one key are adjacent, in any order: repeating an option
/// starts the next key.
struct KeyOptions {
    struct Key {
        var id: String?
        var secret: String?
        var securityToken: String?
        var accountID: String?
    }

    private var keys: [Key] = []

    mutating func add(_ part: WritableKeyPath<Key, String?>, _ value: String) {
        if keys.last.map({ $0[keyPath: part] != nil }) ?? true { keys.append(Key()) }
        keys[keys.count - 1][keyPath: part] = value
    }

    func accessKeys() throws(Options.Problem) -> [MockOSSServer.AccessKey] {
        var found: [MockOSSServer.AccessKey] = []
        for key in keys {
            guard let id = key.id, let secret = key.secret else {
                throw Options.Problem(
                    description: "--access-key-id and --access-key-secret must be given together")
            }
            guard !found.contains(where: { $0.id == id }) else {
                throw Options.Problem(description: "access key '\(id)' is given more than once")
            }
            found.append(
                .init(id: id, secret: secret, securityToken: key.securityToken, accountID: key.accountID))
        }
        return found
    }
}

/// The value of one option.
struct OptionValue {
    var option: String
    var text: String

    func number(in range: ClosedRange<Int>) throws(Options.Problem) -> Int {
        guard let number = Int(text), range.contains(number) else {
            let required =
                range.upperBound == .max
                ? "an integer of at least \(range.lowerBound)"
                : "an integer from \(range.lowerBound) to \(range.upperBound)"
            throw problem("must be \(required)")
        }
        return number
    }

    /// Parses a number of bytes with an optional suffix K, M, G or T (powers of 1024).
    func size() throws(Options.Problem) -> Int {
        let shift = text.last.flatMap { ["K": 10, "M": 20, "G": 30, "T": 40][$0.uppercased()] }
        guard let number = Int(shift == nil ? text : String(text.dropLast())), number >= 0,
            number <= Int.max >> (shift ?? 0)
        else { throw problem("must be a number of bytes such as 65536 or 64M") }
        return number << (shift ?? 0)
    }

    /// Parses a host name and returns it in lowercase.
    func host() throws(Options.Problem) -> String {
        guard Self.isHost(text) else { throw problem("must be a host name without http:// or a port") }
        return text.lowercased()
    }

    /// Parses `HOST=BUCKET`.
    func mapping() throws(Options.Problem) -> (host: String, bucket: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, Self.isHost(parts[0]), !parts[1].isEmpty else {
            throw problem("must be HOST=BUCKET, where HOST is a host name without http:// or a port")
        }
        return (parts[0].lowercased(), parts[1])
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }

    private func problem(_ requirement: String) -> Options.Problem {
        Options.Problem(description: "\(option) \(requirement) (got '\(text)')")
    }
}
