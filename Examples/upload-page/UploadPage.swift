// Serves a web page from which a browser uploads files straight to a bucket:
//     upload-page BUCKET PREFIX [--port PORT] [--max-size BYTES] [--set-cors]
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// The credentials stay in this program. For each file, the page fetches a form that is valid for five minutes, for one
// key and up to a size, and sends it to the service with the file. The browser permits this if a CORS rule of the
// bucket allows the origin of the page; --set-cors adds the rule.
//
// The server listens on this machine only and gives a form to everyone who asks. In your web application, check first
// that the user has signed in.
import AliyunOSS
import Foundation

@main
struct UploadPage {
    static let usage = """
        usage: upload-page BUCKET PREFIX [--port PORT] [--max-size BYTES] [--set-cors]

        Serves a web page that uploads files to a bucket.

          --port PORT       listen on this port of 127.0.0.1; by default, on a free port
          --max-size BYTES  maximum size of a file; by default, 104857600
          --set-cors        add a CORS rule for the page to the bucket

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """

    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return print(usage) }
        var (port, maximumSize) = (UInt16(0), Int64(100 << 20))
        let setsCORS = words.contains("--set-cors")
        words.removeAll { $0 == "--set-cors" }
        while let index = words.firstIndex(where: { $0.hasPrefix("--") }) {
            guard index + 1 < words.count else { stop(usage, status: 2) }
            switch (words[index], UInt16(words[index + 1]), Int64(words[index + 1])) {
            case ("--port", let value?, _): port = value
            case ("--max-size", _, let value?) where value > 0: maximumSize = value
            default: stop(usage, status: 2)
            }
            words.removeSubrange(index...index + 1)
        }
        guard words.count == 2 else { stop(usage, status: 2) }

        do {
            let bucket = try bucket(words[0])
            let prefix = words[1].isEmpty || words[1].hasSuffix("/") ? words[1] : words[1] + "/"
            let server = try PageServer(port: port)
            if setsCORS { try await allow("http://127.0.0.1:\(server.port)", in: bucket) }
            print("listening on http://127.0.0.1:\(server.port)")
            fflush(nil)
            for await request in server.requests {
                Task { [maximumSize] in
                    request.respond(await response(to: request.line, bucket, prefix, maximumSize))
                }
            }
            stop("upload-page: cannot accept connections", status: 1)
        } catch {
            stop("upload-page: \(error)", status: 1)
        }
    }

    static func response(
        to request: String, _ bucket: Bucket, _ prefix: String, _ maximumSize: Int64
    ) async -> PageServer.Response {
        do {
            switch request.split(separator: " ").prefix(2).joined(separator: " ") {
            case "GET /": return .init("200 OK", "text/html; charset=utf-8", Data(page.utf8))
            case "POST /form":
                let form = Form(try await self.form(bucket, prefix, maximumSize))
                return .init("200 OK", "application/json", try JSONEncoder().encode(form))
            default: return .init("404 Not Found", "text/plain", Data("not found\n".utf8))
            }
        } catch {
            FileHandle.standardError.write(Data("upload-page: \(error)\n".utf8))
            return .init("500 Internal Server Error", "text/plain", Data("no form\n".utf8))
        }
    }

    /// Returns a form for one file. The unique part of the key keeps users from replacing each other's files.
    static func form(_ bucket: Bucket, _ prefix: String, _ maximumSize: Int64) async throws -> PostForm {
        try await bucket.postForm(
            [
                // The service puts the name of the file in the place of the variable.
                .equals("key", "\(prefix)\(UUID().uuidString)/${filename}"), .contentLength(0...maximumSize),
                .equals("success_action_status", "201"),
            ], expiresIn: .minutes(5))
    }

    /// A form as the page receives it.
    struct Form: Encodable {
        var url: URL
        var fields: [[String]]

        init(_ form: PostForm) {
            url = form.url
            fields = form.fields.map { [$0.name, $0.value] }
        }
    }

    /// Allows pages of an origin to upload files and to read the response.
    static func allow(_ origin: String, in bucket: Bucket) async throws {
        try await bucket.updateSetting(.cors) { cors in
            cors.rules.removeAll { $0.allowedOrigins == [origin] }
            cors.rules.append(.init(allowedOrigins: [origin], allowedMethods: ["POST"]))
        }
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

    static let page = """
        <!doctype html>
        <meta charset="utf-8">
        <title>Upload a file</title>
        <h1>Upload a file</h1>
        <input type="file" id="file"> <button id="send">Upload</button>
        <p id="outcome"></p>
        <script>
          const outcome = document.querySelector("#outcome");
          document.querySelector("#send").onclick = async () => {
            const [file] = document.querySelector("#file").files;
            if (!file) { outcome.textContent = "Choose a file first."; return; }
            outcome.textContent = "Uploading…";
            try {
              const { url, fields } = await (await fetch("/form", { method: "POST" })).json();
              const body = new FormData();
              for (const [name, value] of fields) body.append(name, value);
              body.append("file", file);  // The service ignores fields after the file.
              const response = await fetch(url, { method: "POST", body });
              const result = new DOMParser().parseFromString(await response.text(), "text/xml");
              const text = name => result.querySelector(name)?.textContent ?? "";
              outcome.textContent = response.ok ? `Stored as ${text("Key")}` : `Refused: ${text("Message")}`;
            } catch (error) {
              outcome.textContent = `Failed: ${error.message}`;
            }
          };
        </script>
        """
}
