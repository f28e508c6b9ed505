import AliyunOSSTesting
import Foundation

/// The command line of `oss-mock-server`.
struct Options {
    var configuration = MockOSSServer.Configuration()
    var isVerbose = false
    var wantsHelp = false

    /// What is wrong with a command line, in one line.
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
                    throw Problem(description: "\(name) needs a value")
                }
                return OptionValue(option: name, text: value)
            }
            switch name {
            case "--help", "-h": wantsHelp = true
            case "--verbose", "-v": isVerbose = true
            case "--no-auth": acceptsAnything = true
            case "--allow-public-access": configuration.blocksPublicAccess = false
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
            throw Problem(description: "--no-auth and an access key contradict each other; give one of them")
        }
    }
}
