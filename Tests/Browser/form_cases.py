"""Uploads from web pages of other origins, with the forms and the presigned URLs that the library makes."""

import hashlib
import html
import json
import os
import pathlib
import subprocess
import tempfile

from browser import MockServer, Origin, case, expect, expect_equal, wait_until

KEY_ID, SECRET = "LTAI5tBrowserKeyId", "BrowserSecret/With+Odd=Characters"
SIZE = 300_000
DATA = bytes(index * 31 % 251 for index in range(SIZE))

UPLOAD = """
    const [url, method, fields, size, type, headers] = arguments;
    const bytes = Uint8Array.from({ length: size }, (_, index) => index * 31 % 251);
    let body = new Blob([bytes], { type });
    if (fields) {
        const form = new FormData();
        for (const [name, value] of fields) form.append(name, value);
        form.append("file", body, "local name.bin");
        body = form;
    }
    try {
        const response = await fetch(url, { method, body, headers });
        return { status: response.status, etag: response.headers.get("ETag"), text: await response.text() };
    } catch (error) {
        return { refused: String(error) };
    }
"""


class FormCases:
    def __init__(self, setting):
        self.browser, self.presigning = setting.browser, setting.presigning
        arguments = ["--access-key-id", KEY_ID, "--access-key-secret", SECRET, "--bucket", "photos"]
        self.server = MockServer(setting.server, *arguments)
        self.origin = Origin()

    def check(self):
        pass

    def close(self):
        self.server.stop()
        self.origin.__exit__()

    # Steps

    def presign(self, *arguments, signature="v4"):
        """Runs the example of the library and returns the lines that it prints."""
        environment = {
            **os.environ, "OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": SECRET, "OSS_REGION": "cn-hangzhou",
            "OSS_ENDPOINT": self.server.endpoint, "OSS_SIGNATURE": signature,
        }
        environment.pop("OSS_SESSION_TOKEN", None)
        result = subprocess.run([self.presigning, *arguments], env=environment, capture_output=True, text=True)
        expect(result.returncode == 0, f"presigning failed: {result.stderr}")
        return result.stdout.splitlines()

    def form(self, key, *conditions, signature="v4"):
        """Returns the URL of a form and its fields, as names and values."""
        url, *fields = self.presign("form", "photos", key, *conditions, signature=signature)
        return url, [field.split("=", 1) for field in fields]

    def allow(self, origin=None, methods=("POST",), headers=()):
        """Replaces the CORS rules of the bucket."""
        elements = [("AllowedOrigin", origin or self.origin.url), *(("AllowedMethod", method) for method in methods)]
        elements += [*(("AllowedHeader", header) for header in headers), ("ExposeHeader", "ETag")]
        rule = "".join(f"<{name}>{value}</{name}>" for name, value in elements)
        document = f"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>"
        self.server.send("PUT", "photos", query={"cors": ""}, body=document.encode())

    def upload(self, url, fields, method="POST", content_type="image/x-test", headers=None):
        """Uploads DATA from the page of the other origin."""
        self.browser.open(self.origin.url)
        return self.browser.run(UPLOAD, url, method, fields, SIZE, content_type, headers or {})

    def expect_object(self, key, content_type, data=DATA):
        expect(self.server.send("GET", "photos", key) == data, f"the object {key!r} has other bytes")
        expect_equal(self.server.head("photos", key)["Content-Type"], content_type, "the content type")

    def expect_unread(self, outcome):
        """Expects that the browser has kept the response from the page."""
        expect("Failed to fetch" in outcome.get("refused", ""), f"the page can read the response: {outcome}")

    # Cases

    @case
    def fetch_with_a_rule_uploads(self):
        self.allow()
        for signature in ["v4", "v1"]:
            key = f"forms/{signature} 中文+&.bin"
            url, fields = self.form(key, "success_action_status=201", signature=signature)
            outcome = self.upload(url, fields)
            expect_equal(outcome.get("status"), 201, f"the status of {outcome}")
            etag = hashlib.md5(DATA).hexdigest().upper()
            expect_equal(outcome["etag"], f'"{etag}"', "the ETag header, which the rule exposes")
            expect(etag in outcome["text"], f"the ETag {etag} is not in {outcome['text']}")
            self.expect_object(key, "image/x-test")
            verdict = self.server.requests("PostObject")[-1]["signature"]
            expect_equal((verdict["outcome"], verdict["scheme"]), ("valid", f"{signature.upper()} form"), "the verdict")

    @case
    def a_content_type_in_the_form_wins(self):
        self.allow()
        url, fields = self.form("typed", "content-type=text/x-form")
        expect_equal(self.upload(url, fields).get("status"), 204, "the status")
        self.expect_object("typed", "text/x-form")

    @case
    def fetch_without_a_rule_is_refused(self):
        url, fields = self.form("unread")
        self.expect_unread(self.upload(url, fields))
        # The browser sends a form without asking first, so the service stores the object; the page does not learn it.
        expect_equal([entry["status"] for entry in self.server.requests("PostObject")], [204], "the statuses")
        self.expect_object("unread", "image/x-test")

    @case
    def a_rule_for_another_origin_or_method_does_not_help(self):
        url, fields = self.form("unread")
        for rule in [{"origin": "https://example.com"}, {"methods": ["GET", "PUT"]}]:
            self.allow(**rule)
            self.expect_unread(self.upload(url, fields))
        self.allow(origin="http://127.0.0.1:*")
        expect_equal(self.upload(url, fields).get("status"), 204, "the status with a wildcard")

    @case
    def an_additional_header_needs_a_preflight(self):
        url, fields = self.form("preflight")
        self.allow()
        self.expect_unread(self.upload(url, fields, headers={"x-page": "1"}))
        expect_equal(self.server.requests("PostObject"), [], "the uploads after a refused preflight")
        expect_equal([entry["status"] for entry in self.server.requests("OptionObject")], [403], "the preflights")
        self.allow(headers=["x-page"])
        expect_equal(self.upload(url, fields, headers={"x-page": "1"}).get("status"), 204, "the status")
        self.expect_object("preflight", "image/x-test")

    @case
    def a_changed_form_is_rejected(self):
        self.allow()
        url, fields = self.form("chosen")
        changed = [[name, "other" if name == "key" else value] for name, value in fields]
        outcome = self.upload(url, changed)
        expect(outcome.get("status") == 403 and "AccessDenied" in outcome["text"], f"not rejected: {outcome}")
        expect_equal(self.server.head("photos", "other"), None, "the object")

    @case
    def a_presigned_url_uploads_after_a_preflight(self):
        [url] = self.presign("put", "photos", "presigned/a b")
        self.allow(methods=["POST"])
        self.expect_unread(self.upload(url, None, method="PUT", content_type=""))
        expect_equal(self.server.head("photos", "presigned/a b"), None, "the object after a refused preflight")
        self.allow(methods=["PUT"])
        expect_equal(self.upload(url, None, method="PUT", content_type="").get("status"), 200, "the status")
        self.expect_object("presigned/a b", "application/octet-stream")

    @case
    def a_form_of_a_page_is_redirected(self):
        done = self.origin.url + "/done?x=1"
        self.origin.pages["/done"] = "<!doctype html><title>done</title><p id=done>Thank you"
        self.submit("navigated/${filename}", f"success_action_redirect={done}")
        self.browser.wait_for("#done")
        expect_equal(self.browser.url, done, "the address")
        expect("/done?x=1" in self.origin.visits, "the browser did not follow the redirect")
        self.expect_object("navigated/a file.txt", "text/plain", b"from a page\n")

    @case
    def a_form_of_a_page_shows_the_document_of_status_201(self):
        self.submit("document", "success_action_status=201")
        text = self.browser.run("return document.documentElement.outerHTML || document.documentElement.textContent;")
        expect("PostResponse" in text and "document" in text, f"the page is {text}")
        self.expect_object("document", "text/plain", b"from a page\n")

    def submit(self, key, *conditions):
        """Submits a form that a page contains, as its user does."""
        url, fields = self.form(key, *conditions)
        hidden = "".join(
            f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in fields)
        self.origin.pages["/form"] = (
            f'<!doctype html><form action="{html.escape(url)}" method=post enctype="multipart/form-data">{hidden}'
            '<input type=file name=file id=file><button id=send>Send</button></form>')
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "a file.txt")
            path.write_bytes(b"from a page\n")
            self.browser.open(self.origin.url + "/form")
            self.browser.type("#file", str(path))
            self.browser.click("#send")
            self.browser.wait_for(":root")
            # The document is replaced when the response has arrived.
            wait_until(lambda: "/form" not in self.browser.url, "the response to the form")
