"""The example upload-page: uploads with the form that its page fetches."""

import os
import pathlib
import tempfile

from browser import MockServer, Program, case, expect, expect_equal, wait_until

KEY_ID, SECRET = "test-id", "test-secret"
MAXIMUM_SIZE = 200_000


class UploadPageCases:
    def __init__(self, setting):
        self.browser, self.program = setting.browser, setting.upload_page
        arguments = ["--access-key-id", KEY_ID, "--access-key-secret", SECRET, "--bucket", "photos"]
        self.server = MockServer(setting.server, *arguments)
        self.page = None

    def check(self):
        pass

    def close(self):
        if self.page:
            self.page.stop()
        self.server.stop()

    # Steps

    def open(self, *options):
        """Starts the example and opens its page."""
        environment = {
            **os.environ, "OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": SECRET, "OSS_REGION": "cn-hangzhou",
            "OSS_ENDPOINT": self.server.endpoint,
        }
        environment.pop("OSS_SESSION_TOKEN", None)
        command = [self.program, "photos", "inbox", "--max-size", str(MAXIMUM_SIZE), *options]
        self.page = Program(command, lambda line: line.startswith("listening on "), environment)
        self.browser.open(self.page.line.removeprefix("listening on "))

    def upload(self, name, data, outcome):
        """Uploads a file as a user does, and returns the text that the page then shows."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.write_bytes(data)
            self.browser.type("#file", str(path))
            self.browser.click("#send")
            return self.browser.wait_for("#outcome", outcome)

    # Cases

    @case
    def a_file_is_stored_under_its_name(self):
        self.open("--set-cors")
        data = bytes(index * 31 % 251 for index in range(MAXIMUM_SIZE))
        key = self.upload("a photo 中.png", data, "Stored as ").removeprefix("Stored as ")
        expect(key.startswith("inbox/") and key.endswith("/a photo 中.png"), f"the key is {key}")
        expect(self.server.send("GET", "photos", key) == data, f"the object {key!r} has other bytes")
        expect_equal(self.server.head("photos", key)["Content-Type"], "image/png", "the content type")
        verdict = self.server.requests("PostObject")[-1]["signature"]
        expect_equal(verdict["outcome"], "valid", "the verdict on the signature")

    @case
    def a_file_that_is_too_large_is_refused(self):
        self.open("--set-cors")
        self.upload("large.png", bytes(MAXIMUM_SIZE + 1), "Refused: ")
        wait_until(lambda: [entry["status"] for entry in self.server.requests("PostObject")] == [400], "the response")

    @case
    def without_a_rule_in_the_bucket_the_page_cannot_read_the_response(self):
        self.open()
        self.upload("photo.png", b"photo", "Failed: ")
