import Foundation

@testable import AliyunOSS

/// Documents with the same content as those in `Tests/Interop/recorded_settings.py`.
extension RecordedRequestTests {
    static var lifecycle: LifecycleConfiguration {
        var first = LifecycleConfiguration.Rule(id: "r1", prefix: "a/")
        first.tags = [ResourceTag("a", "b")]
        var exclusion = LifecycleConfiguration.Filter.Exclusion()
        (exclusion.prefix, exclusion.tag) = ("a/b/", ResourceTag("c", "d"))
        first.filter = .init()
        first.filter?.exclusions = [exclusion]
        first.expiration = .init(days: 400)
        var transition = LifecycleConfiguration.Transition(days: 30, to: .infrequentAccess)
        (transition.isAccessTime, transition.returnsToStandardWhenVisited) = (true, true)
        transition.allowsSmallFiles = false
        first.transitions = [transition]
        first.abortMultipartUpload = .init(days: 7)
        first.noncurrentVersionExpirationDays = 90
        var noncurrent = LifecycleConfiguration.NoncurrentVersionTransition(days: 10, to: .infrequentAccess)
        (noncurrent.isAccessTime, noncurrent.returnsToStandardWhenVisited) = (true, true)
        noncurrent.allowsSmallFiles = false
        first.noncurrentVersionTransitions = [noncurrent]
        var second = LifecycleConfiguration.Rule(id: "r2", prefix: "b/")
        second.status = .disabled
        second.filter = .init()
        second.filter?.sizeGreaterThan = 1
        second.filter?.sizeLessThan = 9
        second.expiration = .init()
        second.expiration?.createdBefore = year2030
        var archiving = LifecycleConfiguration.Transition()
        (archiving.createdBefore, archiving.storageClass) = (year2030, .archive)
        second.transitions = [archiving]
        second.abortMultipartUpload = .init()
        second.abortMultipartUpload?.createdBefore = year2030
        return LifecycleConfiguration(rules: [first, second])
    }

    static var inventory: InventoryConfiguration {
        var destination = InventoryConfiguration.Destination(
            bucket: "archive", prefix: "i/", accountID: "1", roleARN: "acs:ram::1:role/r")
        destination.kmsKeyID = "k"
        var inventory = InventoryConfiguration(id: "report", destination: destination)
        (inventory.versions, inventory.schedule) = (.all, .init(.weekly))
        inventory.fields = [.size, .eTag]
        var filter = InventoryConfiguration.Filter()
        (filter.minimumSize, filter.maximumSize, filter.storageClasses, filter.prefix) = (1, 9, "IA", "a/")
        filter.modifiedAfter = Date(timeIntervalSince1970: 1_600_000_000)
        filter.modifiedBefore = Date(timeIntervalSince1970: 1_700_000_000)
        inventory.filter = filter
        var incremental = InventoryConfiguration.Incremental()
        (incremental.interval, incremental.fields) = (600, [.size])
        inventory.incremental = incremental
        return inventory
    }

    static var website: WebsiteConfiguration {
        var website = WebsiteConfiguration(index: "index.html", error: "error.html")
        website.index?.supportsSubdirectories = true
        website.index?.type = 1
        website.error?.status = 404
        let pair = WebsiteRedirect.Substitution("a", "b")
        var header = WebsiteConfiguration.Condition.Header()
        (header.name, header.value, header.prefix, header.suffix) = ("h", "e", "s", "t")
        var condition = WebsiteConfiguration.Condition()
        (condition.keyPrefix, condition.keySuffix, condition.errorStatus) = ("a/", ".z", 404)
        condition.headers = [header]
        var mirror = WebsiteRedirect()
        (mirror.type, mirror.mirrorURL, mirror.mirrorSendsServerName) = (.mirror, "https://example.com/", true)
        (mirror.mirrorFollowsRedirects, mirror.mirrorChecksMD5, mirror.mirrorPassesQuery) = (true, true, true)
        var headers = WebsiteRedirect.MirrorHeaders()
        (headers.passesAll, headers.passed, headers.removed, headers.added) = (true, ["p"], ["r"], [pair])
        (mirror.mirrorHeaders, mirror.mirrorTags, mirror.mirrorReturnedHeaders) = (headers, [pair], [pair])
        var credentials = WebsiteRedirect.MirrorCredentials()
        (credentials.type, credentials.region) = ("S3V4", "r")
        (credentials.accessKeyID, credentials.accessKeySecret) = ("i", "s")
        mirror.mirrorCredentials = credentials
        var alternate = WebsiteRedirect.MirrorAlternate()
        (alternate.number, alternate.url) = (1, "https://alternate.example.com/")
        (alternate.vpcID, alternate.region) = ("text", "text")
        mirror.mirrorAlternates = [alternate]
        var external = WebsiteRedirect()
        (external.type, external.scheme, external.hostName) = (.external, "https", "example.com")
        (external.passesQuery, external.status) = (true, 302)
        (external.replacementPrefix, external.replacesPrefix) = ("c/", true)
        var cdn = WebsiteRedirect()
        (cdn.type, cdn.scheme, cdn.replacementKey) = (.cdn, "http", "e")
        website.routingRules = [
            rule(1, condition, mirror), rule(2, prefix("b/"), external), rule(3, prefix("d/"), cdn),
        ]
        website.routingRules[2].script = "d.lua"
        return website
    }

    private static func prefix(_ prefix: String) -> WebsiteConfiguration.Condition {
        var condition = WebsiteConfiguration.Condition()
        condition.keyPrefix = prefix
        return condition
    }

    private static func rule(
        _ number: Int, _ condition: WebsiteConfiguration.Condition, _ redirect: WebsiteRedirect
    ) -> WebsiteConfiguration.RoutingRule {
        var rule = WebsiteConfiguration.RoutingRule()
        (rule.number, rule.condition, rule.redirect) = (number, condition, redirect)
        return rule
    }
}
