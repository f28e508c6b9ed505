// Adds up a column of a CSV object whose first line contains the names of the columns:
//     read-csv BUCKET KEY COLUMN             reads the object line by line
//     read-csv BUCKET KEY COLUMN --select    lets the service add up the numbers, and receives only the sum
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// Only one chunk and one line of the object are in memory at a time. `lines` splits the content at line ends and
// decodes UTF-8, also where a line or a character is in two chunks.
import AliyunOSS
import Foundation

@main
struct ReadCSV {
    static let usage = """
        usage: read-csv BUCKET KEY COLUMN [--select]

        Adds up a column of a CSV object.

          --select  let the service read the object (SelectObject)

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """

    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return print(usage) }
        let selects = words.contains("--select")
        words.removeAll { $0 == "--select" }
        guard words.count == 3 else { stop(usage, status: 2) }
        do {
            let (bucket, key) = try (bucket(words[0]), ObjectKey(words[1]))
            print(try await selects ? selectedSum(of: words[2], in: key, bucket) : sum(of: words[2], in: key, bucket))
        } catch {
            stop("read-csv: \(error)", status: 1)
        }
    }

    /// Reads the object and adds up the column. Empty fields do not count.
    static func sum(of column: String, in key: ObjectKey, _ bucket: Bucket) async throws -> String {
        var records = CSVRecords()
        var index: Int?
        var (sum, number) = (Decimal(), 0)
        for try await line in try await bucket.getObject(key).body.lines {
            number += 1
            guard let fields = records.append(line), fields != [""] else { continue }
            guard let index else {
                // Spreadsheet programs write a byte order mark before the first name.
                index = fields.map { $0.trimmingPrefix("\u{FEFF}") }.firstIndex { $0 == column }
                if index == nil { throw OSSError(.invalidArgument, "'\(key)' has no column '\(column)'") }
                continue
            }
            guard index < fields.count else { throw OSSError(.invalidResponse, "line \(number): too few fields") }
            guard !fields[index].isEmpty else { continue }
            // Decimal alone would read "1,5" as 1.
            guard fields[index].wholeMatch(of: /[-+]?\d+(\.\d+)?/) != nil, let value = Decimal(string: fields[index])
            else { throw OSSError(.invalidResponse, "line \(number): '\(fields[index])' is not a number") }
            sum += value
        }
        if index == nil { throw OSSError(.invalidArgument, "'\(key)' has no column '\(column)'") }
        if !records.isComplete { throw OSSError(.invalidResponse, "line \(number) ends within quotation marks") }
        return "\(sum)"
    }

    /// Lets the service add up the column.
    static func selectedSum(of column: String, in key: ObjectKey, _ bucket: Bucket) async throws -> String {
        // The name becomes part of a statement.
        guard column.wholeMatch(of: /[A-Za-z_]\w*/) != nil else {
            throw OSSError(.invalidArgument, "'\(column)' cannot be the name of a column in a statement")
        }
        let statement = "select sum(cast(\(column) as double)) from ossobject"
        let rows = try await bucket.selectObject(key, SelectQuery(statement, from: .csv(header: .use)))
        guard let row = try await rows.first(where: { _ in true }) else {
            throw OSSError(.invalidResponse, "the service returned no sum of '\(column)'")
        }
        return row.text
    }

    static func bucket(_ name: String) throws -> Bucket {
        let environment = ProcessInfo.processInfo.environment
        let region = environment["OSS_REGION"]
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-\(region ?? "cn-hangzhou").aliyuncs.com"
        return try Bucket(name, endpoint: endpoint, region: region)
    }

    static func stop(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(status)
    }
}

/// A parser of CSV (RFC 4180). Fields in quotation marks can contain commas, line ends and doubled quotation marks.
struct CSVRecords {
    /// Start of a record whose last field continues on the next line.
    private var start = ""

    /// Whether the last record is complete.
    var isComplete: Bool { start.isEmpty }

    /// Splits a text into scalars first: a combining mark after a comma would form one `Character` with it.
    private static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        text.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    /// Adds a line, and returns the fields of the record that the line completes, if any.
    mutating func append(_ line: String) -> [String]? {
        // Every second part is within quotation marks.
        let parts = Self.split(start + line, at: "\"")
        guard parts.count % 2 == 1 else {
            start += line + "\n"
            return nil
        }
        start = ""
        var fields = [""]
        for (index, part) in parts.enumerated() {
            if index % 2 == 1 {
                fields[fields.count - 1] += part
            } else if part.isEmpty, index > 0, index < parts.count - 1 {
                fields[fields.count - 1] += "\""  // Two quotation marks without anything between them.
            } else {
                let values = Self.split(part, at: ",")
                fields[fields.count - 1] += values[0]
                fields += values.dropFirst()
            }
        }
        return fields
    }
}
