import Foundation
import OSSPrimitives

/// The CORS rules of a bucket. They let web pages from other origins read the bucket's responses.
struct CORSRules {
    struct Rule {
        var origins: [String]
        var methods: [String]
        var headers: [String]
        var exposed: [String]
        var maximumAge: String?

        /// Returns whether the rule allows a request with the given origin, method and headers.
        ///
        /// - Parameter names: Headers that the page intends to send.
        func allows(origin: String, method: String, headers names: [String]) -> Bool {
            origins.contains { CORSRules.matches($0, origin) } && methods.contains(method)
                && names.allSatisfy { name in
                    headers.contains { CORSRules.matches($0.lowercased(), name.lowercased()) }
                }
        }

        func describe(origin: String, allowedHeaders: [String], in response: inout ServiceResponse) {
            response.set("Access-Control-Allow-Origin", origins.contains("*") ? "*" : origin)
            response.set("Access-Control-Allow-Methods", methods.joined(separator: ", "))
            if !allowedHeaders.isEmpty {
                response.set("Access-Control-Allow-Headers", allowedHeaders.joined(separator: ", "))
            }
            if !exposed.isEmpty {
                response.set("Access-Control-Expose-Headers", exposed.joined(separator: ", "))
            }
            if let maximumAge { response.set("Access-Control-Max-Age", maximumAge) }
        }
    }

    static let maximumCount = 20

    let rules: [Rule]
    /// Whether every response includes a `Vary` header with the value `Origin`.
    let variesResponse: Bool

    init(_ tree: XMLTree) {
        rules = tree.all("CORSRule").map { rule in
            Rule(
                origins: rule.all("AllowedOrigin").map(\.text), methods: rule.all("AllowedMethod").map(\.text),
                headers: rule.all("AllowedHeader").map(\.text), exposed: rule.all("ExposeHeader").map(\.text),
                maximumAge: rule.text("MaxAgeSeconds"))
        }
        variesResponse = tree.text("ResponseVary") == "true"
    }

    /// Returns the first rule that allows the origin, the method and all headers, or `nil` if no rule does.
    func rule(origin: String, method: String, headers: [String]) -> Rule? {
        rules.first { $0.allows(origin: origin, method: method, headers: headers) }
    }

    /// Returns whether the text matches a pattern, which can contain one `*` wildcard.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return pattern == text }
        return text.utf8.count >= parts[0].utf8.count + parts[1].utf8.count && text.hasPrefix(parts[0])
            && text.hasSuffix(parts[1])
    }

    /// Checks requirements on CORS rules that a ``DocumentShape`` cannot express, and adds default values.
    static func complete(
        _ tree: inout XMLTree, _ service: Service, _ request: ServiceRequest
    ) throws(ServiceError) {
        let rules = CORSRules(tree)
        guard rules.rules.count <= maximumCount else { throw .malformedXML }
        for rule in rules.rules {
            for value in rule.origins + rule.headers where value.count(where: { $0 == "*" }) > 1 || value.isEmpty {
                throw .invalidArgument("A value may contain at most one *.", name: "CORSRule", value: value)
            }
            for value in rule.exposed where value.contains("*") || !HeaderText.isValid(value) {
                throw .invalidArgument("An exposed header must not contain a *.", name: "ExposeHeader", value: value)
            }
            if let age = rule.maximumAge.flatMap(Int.init), !(0...999_999_999).contains(age) {
                throw .invalidArgument("The age is out of range.", name: "MaxAgeSeconds", value: "\(age)")
            }
        }
        if tree["ResponseVary"] == nil { tree.set("ResponseVary", "false") }
        // The service stores header names in lowercase.
        for rule in tree.children.indices {
            for index in tree.children[rule].children.indices
            where tree.children[rule].children[index].name == "AllowedHeader" {
                tree.children[rule].children[index].text = tree.children[rule].children[index].text.lowercased()
            }
        }
    }
}

extension Service {
    /// Handles a browser's preflight request (OptionObject). Such a request is never signed, and its key need not
    /// exist.
    func optionObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        guard let origin = request.header("Origin") else {
            throw ServiceError(
                status: 400, code: "BadRequest",
                message: "Insufficient information. Origin request header needed.", ec: "0021-00000001")
        }
        guard let method = request.header("Access-Control-Request-Method") else {
            throw ServiceError(
                status: 400, code: "BadRequest",
                message: "Insufficient information. Access-Control-Request-Method request header needed.",
                ec: "0021-00000002")
        }
        let wanted = (request.header("Access-Control-Request-Headers") ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard let rules = corsRules(bucket) else {
            throw ServiceError(
                status: 403, code: "AccessForbidden",
                message: "CORSResponse: CORS is not enabled for this bucket.", ec: "0021-00000101")
        }
        guard let rule = rules.rule(origin: origin, method: method, headers: wanted) else {
            throw ServiceError(
                status: 403, code: "AccessForbidden",
                message: "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
                    + "Origin, request method / Access-Control-Request-Method or Access-Control-Requet-Headers are "
                    + "not whitelisted by the resource's CORS spec.",
                ec: "0021-00000102")
        }
        var response = ServiceResponse()
        rule.describe(origin: origin, allowedHeaders: wanted, in: &response)
        return response
    }

    /// Adds CORS headers to the response to a cross-origin request.
    func addCORS(to response: inout ServiceResponse, for request: ServiceRequest) {
        // Most buckets have no rules; their requests return here.
        guard let bucket = request.bucket.flatMap({ store.bucket($0) }), let rules = corsRules(bucket) else { return }
        if rules.variesResponse { response.set("Vary", "Origin") }
        guard request.operation != .optionObject, let origin = request.header("Origin"),
            let rule = rules.rule(origin: origin, method: request.method, headers: [])
        else { return }
        rule.describe(origin: origin, allowedHeaders: [], in: &response)
    }

    private func corsRules(_ bucket: MockBucket) -> CORSRules? {
        bucket.properties.tree("cors").map(CORSRules.init)
    }
}
