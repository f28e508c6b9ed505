import Foundation
import OSSPrimitives

/// A query in SQL of the content of a CSV or JSON object.
///
/// ```swift
/// let query = SelectQuery("select name, city from ossobject where age > 30", from: .csv(header: .use))
/// for try await row in try await bucket.selectObject("people.csv", query) { print(row.fields) }
/// ```
public struct SelectQuery: XMLDocument {
    /// The statement, with `ossobject` as the name of the table.
    public var expression = ""
    /// Format of the object.
    public var input = SelectInput()
    /// Delimiter of the returned records. Default: a line feed. JSON records must not contain it.
    public var recordDelimiter = "\n"
    /// Delimiter of the fields in returned CSV records. Default: a comma.
    public var fieldDelimiter = ","
    /// Whether all columns of CSV are returned, with those that are not selected empty. Default: `false`.
    public var keepsAllColumns: Bool?
    /// Whether the header of CSV is returned as the first record. Default: `false`.
    public var includesHeader: Bool?
    /// Whether CSV records that lack columns, and JSON records that lack keys, are skipped instead of read as `null`.
    /// Default: `false`.
    public var skipsPartialRecords: Bool?
    /// Maximum number of records that do not fit the statement and are skipped. Default: 0.
    public var maximumSkippedRecords: Int?
    var unrecognized = UnrecognizedElements()

    /// Creates a query without a statement, which the service refuses.
    public init() {}

    /// Creates a query.
    public init(_ expression: String, from input: SelectInput) {
        self.expression = expression
        self.input = input
    }

    static let elements: [XMLElement<Self>] = [
        .base64("Expression", \.requiredExpression, .required), .requiredPart("InputSerialization", \.input),
        .base64("OutputSerialization/CSV/RecordDelimiter", \.csvRecordDelimiter),
        .base64("OutputSerialization/CSV/FieldDelimiter", \.csvFieldDelimiter),
        .base64("OutputSerialization/JSON/RecordDelimiter", \.jsonRecordDelimiter),
        .text("OutputSerialization/OutputRawData", \.returnsRawData),
        .text("OutputSerialization/KeepAllColumns", \.keepsAllColumns),
        .text("OutputSerialization/EnablePayloadCrc", \.returnsChecksums),
        .text("OutputSerialization/OutputHeader", \.includesHeader),
        .text("Options/SkipPartialDataRecord", \.skipsPartialRecords),
        .text("Options/MaxSkippedRecordsAllowed", \.maximumSkippedRecords),
    ]

    var problem: DocumentProblem? {
        if expression.isEmpty { return DocumentProblem("Expression", "must not be empty") }
        if recordDelimiter.isEmpty || fieldDelimiter.isEmpty {
            return DocumentProblem("OutputSerialization", "must have delimiters that are not empty")
        }
        return maximumSkippedRecords ?? 0 < 0
            ? DocumentProblem("Options/MaxSkippedRecordsAllowed", "must not be negative") : nil
    }

    private var requiredExpression: String? {
        get { expression }
        set { expression = newValue ?? "" }
    }

    private var csvRecordDelimiter: String? {
        get { input.csv == nil ? nil : recordDelimiter }
        set { recordDelimiter = newValue ?? recordDelimiter }
    }

    private var csvFieldDelimiter: String? {
        get { input.csv == nil ? nil : fieldDelimiter }
        set { fieldDelimiter = newValue ?? fieldDelimiter }
    }

    private var jsonRecordDelimiter: String? {
        get { input.json == nil ? nil : recordDelimiter }
        set { recordDelimiter = newValue ?? recordDelimiter }
    }

    /// Whether the response has no frames, and therefore no checksums and no end.
    private var returnsRawData: Bool? {
        get { false }
        set {}
    }

    private var returnsChecksums: Bool? {
        get { true }
        set {}
    }
}

/// The format of a CSV or JSON object.
public struct SelectInput: XMLDocument {
    /// Compression of the object. Default: none.
    public var compression: SelectCompression?
    /// Format of CSV; `nil` for JSON.
    public var csv: CSV?
    /// Format of JSON; `nil` for CSV.
    public var json: JSON?
    var unrecognized = UnrecognizedElements()

    /// Creates a format that is neither CSV nor JSON, which the service refuses.
    public init() {}

    /// Returns the format of CSV with the default delimiters.
    public static func csv(header: CSV.Header = .none) -> SelectInput {
        var input = SelectInput()
        input.csv = CSV()
        input.csv?.header = header
        return input
    }

    /// Returns the format of JSON.
    public static func json(_ kind: JSON.Kind) -> SelectInput {
        var input = SelectInput()
        input.json = JSON()
        input.json?.kind = kind
        return input
    }

    static let elements: [XMLElement<Self>] = [
        .text("CompressionType", \.compression), .part("CSV", \.csv), .part("JSON", \.json),
    ]

    var problem: DocumentProblem? {
        (csv == nil) == (json == nil) ? DocumentProblem("", "must have either CSV or JSON") : nil
    }

    /// The format of CSV.
    public struct CSV: XMLDocument {
        /// Meaning of the first line. Default: none.
        public var header: Header?
        /// Delimiter of the records. Default: a line feed.
        public var recordDelimiter: String?
        /// Delimiter of the fields. Default: a comma.
        public var fieldDelimiter: String?
        /// Quotation mark of fields. Default: `"`.
        public var quoteCharacter: String?
        /// First character of a comment. Default: `#`.
        public var commentCharacter: String?
        /// Part of the object to read. Default: the entire object.
        public var range: SelectRange?
        /// Whether quoted fields can contain the delimiter of the records. Default: `true`.
        public var allowsQuotedRecordDelimiter: Bool?
        var unrecognized = UnrecognizedElements()

        /// Creates a format with default values.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("FileHeaderInfo", \.header), .base64("RecordDelimiter", \.recordDelimiter),
            .base64("FieldDelimiter", \.fieldDelimiter), .base64("QuoteCharacter", \.quoteCharacter),
            .base64("CommentCharacter", \.commentCharacter), .text("Range", \.range),
            .text("AllowQuotedRecordDelimiter", \.allowsQuotedRecordDelimiter),
        ]

        /// A meaning of the first line.
        public struct Header: ExtensibleName, XMLText {
            /// The name that the service uses.
            public var rawValue: String

            /// Creates a value from the name that the service uses.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// A record like all others; columns are named `_1`, `_2` and so on.
            public static let none: Header = "None"
            /// A line to skip.
            public static let ignore: Header = "Ignore"
            /// The names of the columns.
            public static let use: Header = "Use"
        }
    }

    /// The format of JSON.
    public struct JSON: XMLDocument {
        /// Structure of the object. Default: chosen by the service.
        public var kind: Kind?
        /// Part of the object to read, for ``Kind/lines``. Default: the entire object.
        public var range: SelectRange?
        /// Whether numbers are read as strings, which preserves their digits. Default: `false`.
        public var parsesNumbersAsStrings: Bool?
        var unrecognized = UnrecognizedElements()

        /// Creates a format with default values.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("Type", \.kind), .text("Range", \.range),
            .text("ParseJsonNumberAsString", \.parsesNumbersAsStrings),
        ]

        /// A structure of a JSON object.
        public struct Kind: ExtensibleName, XMLText {
            /// The name that the service uses.
            public var rawValue: String

            /// Creates a value from the name that the service uses.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// A document.
            public static let document: Kind = "DOCUMENT"
            /// A document on each line.
            public static let lines: Kind = "LINES"
        }
    }
}

/// A compression of an object to query.
public struct SelectCompression: ExtensibleName, XMLText {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No compression.
    public static let none: SelectCompression = "None"
    /// gzip.
    public static let gzip: SelectCompression = "GZIP"
}

/// A part of an object to query. It requires that ``Bucket/createSelectMeta(_:of:overwriting:)`` was called.
public struct SelectRange: ExtensibleName, XMLText {
    /// The text that the service uses.
    public var rawValue: String

    /// Creates a value from the text that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Returns the lines with the given numbers, counted from 0.
    public static func lines(_ numbers: ClosedRange<Int>) -> SelectRange {
        SelectRange(rawValue: "line-range=\(numbers.lowerBound)-\(numbers.upperBound)")
    }

    /// Returns the splits with the given numbers, counted from 0.
    public static func splits(_ numbers: ClosedRange<Int>) -> SelectRange {
        SelectRange(rawValue: "split-range=\(numbers.lowerBound)-\(numbers.upperBound)")
    }
}

extension XMLElement {
    /// An element with text in Base64.
    static func base64(
        _ path: String, _ property: Property<String?>, _ occurrence: Occurrence = .optional
    ) -> Self {
        let names = path.split(separator: "/").map(String.init)
        let name = names.last ?? ""
        return Self(path: names, occurrence: occurrence, content: nil) { tree, document in
            guard let text = Data(base64Encoded: tree.text).flatMap({ String(validating: $0, as: UTF8.self) }) else {
                return false
            }
            document[keyPath: property] = text
            return true
        } write: { document, _ in
            document[keyPath: property].map { [XMLTree(name: name, text: Data($0.utf8).base64EncodedString())] } ?? []
        }
    }
}
