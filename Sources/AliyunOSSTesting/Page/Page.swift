import Foundation
import OSSPrimitives

/// The page at `/-/`: one document that contains its style and its script, and loads nothing else.
enum Page {
    /// Response with the page.
    static let response = ServiceResponse(
        headers: [
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-cache"),
        ], body: .data(Data(document.utf8)))

    /// Policy for objects that a browser shows as documents by their path-style URL, which has the origin of the page.
    /// An object with a script gets an origin of its own, so that it cannot act as the page.
    static let objectPolicy = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts"

    static let script =
        "(() => {\n\"use strict\";\n"
        + [coreScript, objectsScript, previewScript, faultsScript, requestsScript].joined() + "})();"

    /// Policy of the page. The browser runs only the script with this digest, and refuses all calls that parse text as
    /// HTML, so that no key and no header can add a script.
    static let policy = [
        "default-src 'none'", "script-src '\(digest(script))'", "style-src '\(digest(style))'", "img-src blob:",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    static let document = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>oss-mock-server</title>
        <style>\(style)</style>
        </head>
        <body>
        \(markup)
        <script>\(script)</script>
        </body>
        </html>

        """

    private static func digest(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(Array(text.utf8))).base64EncodedString()
    }
}
