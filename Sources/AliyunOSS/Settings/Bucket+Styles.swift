import Foundation

/// A named sequence of image processing operations.
public struct ImageStyle: XMLDocument {
    /// Time at which the style was created, as reported by the service.
    public var creationDate: Date?
    /// Time of the last change, as reported by the service.
    public var lastModified: Date?
    /// Category: `image`, `document` or `video`.
    public var category: String?
    /// Name of the style, as reported by the service.
    public var name: String?
    /// Operations, such as `image/resize,p_50`.
    public var content = ""
    var unrecognized = UnrecognizedElements()

    /// Creates a style without operations, which the service refuses.
    public init() {}

    /// Creates a style.
    public init(_ content: String) { self.content = content }

    static let elements: [XMLElement<Self>] = [
        .text("CreateTime", \.creationDate), .text("LastModifyTime", \.lastModified), .text("Category", \.category),
        .text("Name", \.name), .required("Content", \.content),
    ]
}

/// A list of the styles of a bucket.
struct StyleList: XMLDocument {
    var styles: [ImageStyle] = []
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.parts("Style", \.styles)]
}

/// The body of a request that stores a style.
struct StyleContent: XMLDocument {
    var content = ""
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.required("Content", \.content)]
}

extension BucketSetting where Document == ImageStyle, Access == RemovableSetting {
    /// A named sequence of image processing operations. Only its content can be changed. (PutStyle, GetStyle,
    /// DeleteStyle)
    ///
    /// - Parameters:
    ///   - name: Name of the style, 1 to 63 letters, digits, `.`, `_` and `-`.
    ///   - category: Category of a new style: `image`, `document` or `video`. Default: `image`.
    public static func style(_ name: String, category: String? = nil) -> Self {
        xml("Style", ["style": nil, "styleName": name], root: "Style").with {
            $0.echo = DocumentEcho("Name", name)
            $0.write = { (style, operation) throws(OSSError) in
                guard (1...63).contains(name.utf8.count), name.utf8.allSatisfy({ $0.isNameByte }) else {
                    throw OSSError(
                        .invalidArgument,
                        "Style/Name must consist of 1 to 63 letters, digits, '.', '_' and '-' (got '\(name.excerpt)')")
                }
                var body = StyleContent(content: style.content)
                body.unrecognized = style.unrecognized
                operation.addQuery("category", ifPresent: category)
                try operation.setBody(body, root: "Style")
            }
        }
    }
}

extension UInt8 {
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension Bucket {
    /// Returns the styles of the bucket. (ListStyle)
    ///
    /// - Throws: ``OSSError``.
    public func styles() async throws -> [ImageStyle] {
        var operation = Operation("ListStyle", .get)
        operation.query = [("style", nil)]
        let list: StyleList = try await client.document(operation, root: "StyleList")
        return list.styles
    }
}
