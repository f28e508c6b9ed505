import AliyunOSSTesting

/// The access keys of a command line. The options of one key stand together, in any order: one that the key has already
/// begins the next.
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
                    description: "--access-key-id and --access-key-secret go together; one of them is missing")
            }
            guard !found.contains(where: { $0.id == id }) else {
                throw Options.Problem(description: "the access key '\(id)' is given twice")
            }
            found.append(
                .init(id: id, secret: secret, securityToken: key.securityToken, accountID: key.accountID))
        }
        return found
    }
}
