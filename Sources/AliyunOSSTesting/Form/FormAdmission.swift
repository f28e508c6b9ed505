import Foundation

/// Decides about a form when its fields are there and its file is not: who sent it, and whether its policy allows it.
struct FormAdmission {
    let checker: SignatureChecker
    let service: Service
    let request: ServiceRequest

    /// How long the file may be.
    func check(_ fields: FormFields) throws(ServiceError) -> ClosedRange<Int> {
        let bucket = try service.bucket(request)
        guard let key = fields["key"], !key.isEmpty else {
            throw .invalidArgument(
                "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the "
                    + "fields.", name: "key", value: "")
        }
        try TrafficLimit.check(fields, of: request)
        let text = fields["policy"].flatMap { $0.isEmpty ? nil : $0 }
        let identity = try checker.verify(fields, now: request.now)
        if identity == .anonymous,
            bucket.properties.acl != "public-read-write" || service.blocksPublicAccess(bucket.properties)
        {
            throw .accessDenied("You have no right to access this object because of bucket acl.")
        }
        if !checker.isOwner(identity) {
            try Access.checkPayer(request, says: fields[Access.payer], service)
        }
        guard let text else { return 0...Connection.maximumObjectLength }
        let policy = try PostPolicy(text)
        try policy.check(fields, bucket: bucket.name, now: request.now)
        if checker.isStrict, SignatureChecker.isVersion4(fields) {
            try policy.checkPins(
                ["x-oss-signature-version", "x-oss-credential", "x-oss-date"]
                    + (fields["x-oss-security-token"] == nil ? [] : ["x-oss-security-token"]))
        }
        let range = policy.lengthRange ?? 0...Connection.maximumObjectLength
        return range.clamped(to: 0...Connection.maximumObjectLength)
    }
}
