/// What a fault in JSON may say.
enum FaultMembers {
    /// Which requests meet it, and how often.
    private static let common: Set<String> = [
        "action", "operation", "method", "bucket", "key", "partNumber", "range", "requestNumber", "connection", "skip",
        "minimumRequestIndex", "probability", "times",
    ]

    private static let ofActions: [String: Set<String>] = [
        "delay": ["milliseconds"],
        "closeBeforeReading": ["closing"],
        "closeAfterReading": ["bytes", "closing"],
        "closeAfterApplying": ["closing"],
        "stopReading": ["bytes"],
        "refuseConnections": ["milliseconds"],
        "respond": ["status", "code", "message"],
        "respondEarly": ["status", "code", "closing"],
        "reply": ["status", "headers", "text", "base64"],
        "errorInSuccess": ["code", "message"],
        "redirect": ["to", "status"],
        "raw": ["text", "base64"],
        "header": ["name", "value"],
        "replaceBody": ["text", "base64"],
        "corruptBody": ["offset"],
        "listing": ["kind"],
        "truncateBody": ["bytes", "closing"],
        "stallBody": ["bytes", "milliseconds"],
        "throttleBody": ["bytesPerSecond"],
        "dripHead": ["milliseconds"],
        "dripSpaces": ["count", "milliseconds"],
        "chunkBody": ["ends"],
        "extraBytes": ["text", "base64"],
        "afterwards": ["change", "objectKey", "text", "base64", "milliseconds", "accessKeyID"],
    ]

    /// A member that the action does not have, `nil` when there is none. A condition whose name is misspelt would let
    /// the fault happen to every request.
    static func unknown(_ names: [String], of action: String) -> String? {
        let known = common.union(ofActions[action] ?? [])
        return names.sorted().first { !known.contains($0) }
    }
}
