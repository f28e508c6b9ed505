import Foundation

/// An object in the result of a query, with the properties that the service found in its content.
public struct MetaQueryObject: XMLDocument {
    /// Time of the last modification.
    public var modificationDate: Date?
    /// Type of the object.
    public var type: ObjectType?
    /// ETag.
    public var eTag: String?
    /// Algorithm of the encryption with a key of the customer.
    public var customerEncryptionAlgorithm: String?
    /// Number of tags.
    public var tagCount: Int?
    /// Tags.
    public var tags: [ResourceTag] = []
    /// User metadata as keys and values.
    public var metadata: [ResourceTag] = []
    /// Key of the object.
    public var key: String?
    /// Storage class.
    public var storageClass: StorageClass?
    /// Access control list.
    public var accessControl: AccessControl?
    /// CRC-64, in decimal.
    public var crc64: String?
    /// Algorithm of the encryption by the service.
    public var encryption: String?
    /// Size in bytes.
    public var size: Int64?
    /// Audio streams.
    public var audioStreams: [AudioStream] = []
    /// Algorithm of the encryption of the data.
    public var dataEncryption: String?
    /// Method of a cross-origin request.
    public var accessControlRequestMethod: String?
    /// Artist.
    public var artist: String?
    /// Duration in seconds.
    public var duration: Double?
    /// Latitude and longitude, such as `30.134390,120.074997`.
    public var location: String?
    /// Subtitles.
    public var subtitles: [Subtitle] = []
    /// Time at which the photo or video was taken.
    public var productionDate: Date?
    /// Origins that may read the object.
    public var accessControlAllowOrigin: String?
    /// `Content-Disposition` header.
    public var contentDisposition: String?
    /// Performer.
    public var performer: String?
    /// Album.
    public var album: String?
    /// Addresses of the location.
    public var addresses: [Address] = []
    /// `Content-Type` header.
    public var contentType: String?
    /// `Content-Encoding` header.
    public var contentEncoding: String?
    /// `Content-Language` header.
    public var contentLanguage: String?
    /// Height of the image in pixels.
    public var imageHeight: Int64?
    /// Type of the media, such as `image`.
    public var mediaType: String?
    /// Time at which the object expires.
    public var expiration: String?
    /// Width of the image in pixels.
    public var imageWidth: Int64?
    /// Width of the video in pixels.
    public var videoWidth: Int64?
    /// Composer.
    public var composer: String?
    /// URI of the object, such as `oss://photos/a.jpg`.
    public var uri: String?
    /// Height of the video in pixels.
    public var videoHeight: Int64?
    /// Video streams.
    public var videoStreams: [VideoStream] = []
    /// `Cache-Control` header.
    public var cacheControl: String?
    /// Bit rate in bits per second.
    public var bitRate: Int64?
    /// Artist of the album.
    public var albumArtist: String?
    /// Title.
    public var title: String?
    /// ID of the KMS key.
    public var encryptionKeyID: String?
    /// Description of the video.
    public var videoInsights: Insight?
    /// Description of the image.
    public var imageInsights: Insight?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = firstElements + lastElements

    // Two tables, because the compiler takes long for a single literal of this size.
    private static let firstElements: [XMLElement<Self>] = [
        .text("FileModifiedTime", \.modificationDate),
        .text("OSSObjectType", \.type),
        .text("ETag", \.eTag),
        .text("ServerSideEncryptionCustomerAlgorithm", \.customerEncryptionAlgorithm),
        .text("OSSTaggingCount", \.tagCount),
        .parts("OSSTagging/Tagging", \.tags),
        .parts("OSSUserMeta/UserMeta", \.metadata),
        .text("Filename", \.key),
        .text("OSSStorageClass", \.storageClass),
        .text("ObjectACL", \.accessControl),
        .text("OSSCRC64", \.crc64),
        .text("ServerSideEncryption", \.encryption),
        .text("Size", \.size),
        .parts("AudioStreams/AudioStream", \.audioStreams),
        .text("ServerSideDataEncryption", \.dataEncryption),
        .text("AccessControlRequestMethod", \.accessControlRequestMethod),
        .text("Artist", \.artist),
        .text("Duration", \.duration),
        .text("LatLong", \.location),
        .parts("Subtitles/Subtitle", \.subtitles),
        .text("ProduceTime", \.productionDate),
        .text("AccessControlAllowOrigin", \.accessControlAllowOrigin),
        .text("ContentDisposition", \.contentDisposition),
    ]

    private static let lastElements: [XMLElement<Self>] = [
        .text("Performer", \.performer),
        .text("Album", \.album),
        .parts("Addresses/Address", \.addresses),
        .text("ContentType", \.contentType),
        .text("ContentEncoding", \.contentEncoding),
        .text("ContentLanguage", \.contentLanguage),
        .text("ImageHeight", \.imageHeight),
        .text("MediaType", \.mediaType),
        .text("OSSExpiration", \.expiration),
        .text("ImageWidth", \.imageWidth),
        .text("VideoWidth", \.videoWidth),
        .text("Composer", \.composer),
        .text("URI", \.uri),
        .text("VideoHeight", \.videoHeight),
        .parts("VideoStreams/VideoStream", \.videoStreams),
        .text("CacheControl", \.cacheControl),
        .text("Bitrate", \.bitRate),
        .text("AlbumArtist", \.albumArtist),
        .text("Title", \.title),
        .text("ServerSideEncryptionKeyId", \.encryptionKeyID),
        .part("Insights/Video", \.videoInsights),
        .part("Insights/Image", \.imageInsights),
    ]
}

extension MetaQueryObject {
    /// An audio stream.
    public struct AudioStream: XMLDocument {
        /// Sample rate in hertz.
        public var sampleRate: Int64?
        /// Start in seconds.
        public var startTime: Double?
        /// Duration in seconds.
        public var duration: Double?
        /// Number of channels.
        public var channels: Int64?
        /// Language, such as `en`.
        public var language: String?
        /// Name of the codec.
        public var codec: String?
        /// Bit rate in bits per second.
        public var bitRate: Int64?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("SampleRate", \.sampleRate),
            .text("StartTime", \.startTime),
            .text("Duration", \.duration),
            .text("Channels", \.channels),
            .text("Language", \.language),
            .text("CodecName", \.codec),
            .text("Bitrate", \.bitRate),
        ]
    }

    /// A track of subtitles.
    public struct Subtitle: XMLDocument {
        /// Start in seconds.
        public var startTime: Double?
        /// Duration in seconds.
        public var duration: Double?
        /// Name of the codec.
        public var codec: String?
        /// Language, such as `en`.
        public var language: String?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("StartTime", \.startTime),
            .text("Duration", \.duration),
            .text("CodecName", \.codec),
            .text("Language", \.language),
        ]
    }

    /// A video stream.
    public struct VideoStream: XMLDocument {
        /// Bit rate in bits per second.
        public var bitRate: Int64?
        /// Start in seconds.
        public var startTime: Double?
        /// Duration in seconds.
        public var duration: Double?
        /// Pixel format, such as `yuv420p`.
        public var pixelFormat: String?
        /// Height in pixels.
        public var height: Int64?
        /// Color space.
        public var colorSpace: String?
        /// Width in pixels.
        public var width: Int64?
        /// Name of the codec.
        public var codec: String?
        /// Language, such as `en`.
        public var language: String?
        /// Frames per second, such as `25/1`.
        public var frameRate: String?
        /// Number of frames.
        public var frameCount: Int64?
        /// Bits per color.
        public var bitDepth: Int64?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("Bitrate", \.bitRate),
            .text("StartTime", \.startTime),
            .text("Duration", \.duration),
            .text("PixelFormat", \.pixelFormat),
            .text("Height", \.height),
            .text("ColorSpace", \.colorSpace),
            .text("Width", \.width),
            .text("CodecName", \.codec),
            .text("Language", \.language),
            .text("FrameRate", \.frameRate),
            .text("FrameCount", \.frameCount),
            .text("BitDepth", \.bitDepth),
        ]
    }

    /// An address of a location.
    public struct Address: XMLDocument {
        /// Country.
        public var country: String?
        /// City.
        public var city: String?
        /// District.
        public var district: String?
        /// Language of the address.
        public var language: String?
        /// Province.
        public var province: String?
        /// Township.
        public var township: String?
        /// Entire address.
        public var line: String?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("Country", \.country),
            .text("City", \.city),
            .text("District", \.district),
            .text("Language", \.language),
            .text("Province", \.province),
            .text("Township", \.township),
            .text("AddressLine", \.line),
        ]
    }

    /// A description of an image or a video in words.
    public struct Insight: XMLDocument {
        /// Short description.
        public var caption: String?
        /// Long description.
        public var details: String?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("Caption", \.caption),
            .text("Description", \.details),
        ]
    }
}
