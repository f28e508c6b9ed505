extension FormParser {
    static let notMultipart = refusal(
        "RequestIsNotMultiPartContent", "Bucket POST must be of the enclosure-type multipart/form-data.",
        "0017-00000301")
    static let malformed = refusal(
        "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.",
        "0017-00000302")
    static let noFile = refusal(
        "IncorrectNumberOfFilesInPOSTRequest", "POST requires exactly one file upload per request.", "0017-00000303")
    static let tooLong = refusal(
        "FieldItemTooLong", "Your POST request field item is too long.", "0017-00000304")
    static let fieldsTooLong = refusal(
        "MaxPOSTPreDataLengthExceededError",
        "Your POST request fields preceding the upload file were too large.", "0017-00000305")
    static let tooLarge = refusal(
        "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", "0017-00000802")
    static let tooSmall = refusal(
        "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.", "0017-00000803")

    private static func refusal(_ code: String, _ message: String, _ ec: String) -> ServiceError {
        ServiceError(status: 400, code: code, message: message, ec: ec)
    }
}
