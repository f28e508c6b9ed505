"""The page at /-/: uploads, downloads, the request log, faults, and use without a mouse."""

import base64
import pathlib
import tempfile

from browser import Failure, MockServer, case, expect, expect_equal, wait_until

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
ESCAPE, TAB, SPACE, ENTER = "\ue00c", "\ue004", " ", "\ue007"


class PageFixture:
    """A server with keys whose page is open in the browser."""

    arguments = ["--bucket", "photos", "--access-key-id", "test", "--access-key-secret", "secret"]

    def __init__(self, setting):
        self.browser = setting.browser
        self.server = MockServer(setting.server, *self.arguments)
        self.folder = tempfile.TemporaryDirectory()
        self.browser.open("about:blank")
        self.browser.messages()
        self.open()

    def check(self):
        """Expects that the page has neither violated its policy nor failed unnoticed."""
        # The browser reports the failed requests of faults by itself.
        messages = [text for text in self.browser.messages() if "Failed to load resource" not in text]
        expect_equal(messages, [], "the console of the browser")

    def close(self):
        self.server.stop()
        self.folder.cleanup()

    def open(self, address=""):
        self.browser.open("about:blank")
        self.browser.open(f"{self.server.endpoint}/-/{address}")
        self.browser.wait_for("#connection.live")

    def put(self, key, data=b"content", content_type="text/plain"):
        self.server.send("PUT", "photos", key, body=data, headers={"Content-Type": content_type})

    def write(self, name, data):
        path = pathlib.Path(self.folder.name, name)
        path.write_bytes(data)
        return str(path)

    def upload(self, name, data):
        self.browser.type("#files", self.write(name, data))

    def show(self, key):
        """Opens the preview of an object in the current folder."""
        self.browser.wait_for(f'[data-key="{key}"]')
        self.browser.click(f'[data-key="{key}"]')
        self.browser.wait_for("#preview[open]")

    def choose(self, preset, **conditions):
        """Selects a fault in the form, with conditions on the request."""
        self.browser.run(
            "const select = document.getElementById('preset');"
            "select.value = [...select.options].find(option => option.text.startsWith(arguments[0])).value;"
            "select.dispatchEvent(new Event('input'));", preset)
        for name, value in conditions.items():
            self.browser.type(f"#fault-{name}", value)


class PageCases(PageFixture):
    @case
    def an_upload_appears_in_the_log(self):
        self.upload("a b+中.txt", b"hello from the page\n")
        self.browser.wait_for('[data-key="a b+中.txt"]')
        row = self.browser.wait_for("#log tr", "PutObject")
        for text in ["photos/a b+中.txt", "✓ V4 URL", "200", "20 B"]:
            expect(text in row, f"{text!r} is not in the row {row!r}")
        expect_equal(self.server.send("GET", "photos", "a b+中.txt"), b"hello from the page\n", "the object")
        expect_equal(self.server.head("photos", "a b+中.txt")["Content-Type"], "text/plain", "the content type")
        # Listing, previewing and following the log are no requests to the service.
        self.show("a b+中.txt")
        operations = [entry["operation"] for entry in self.server.requests()]
        expect_equal(operations, ["PutObject", "GetObject", "HeadObject"], "the operations")

    @case
    def requests_of_other_clients_appear_with_verdicts(self):
        self.put("seen")
        for target in ["/photos/unsigned", "/photos/forged?OSSAccessKeyId=test&Expires=9999999999&Signature=AAAA"]:
            try:
                self.server._open("GET", target)
                raise Failure(f"{target} was not rejected")
            except OSError:
                pass
        rows = [self.browser.wait_for("#log tr", key) for key in ["photos/seen", "photos/unsigned", "photos/forged"]]
        for row, texts in zip(rows, [["✓ V4 URL", "200"], ["unsigned", "403"], ["✗ SignatureDoesNotMatch", "403"]]):
            for text in texts:
                expect(text in row, f"{text!r} is not in the row {row!r}")
        self.browser.wait_for('[data-key="seen"]')
        # The details contain the headers, but no signature.
        self.browser.click("#log tr:first-child button")
        details = self.browser.wait_for("#log .details")
        expect("GET /photos/forged" in details and "user-agent" in details, f"the details are {details!r}")
        expect("AAAA" not in details, "the details contain the signature")

    @case
    def the_log_can_be_filtered_and_paused(self):
        self.put("first")
        self.browser.wait_for("#log tr", "photos/first")
        self.browser.type("#filter", "second")
        wait_until(lambda: self.browser.run("return document.querySelector('#log tr').hidden;"), "the filter")
        self.put("second")
        self.browser.wait_for("#log tr", "photos/second")
        self.browser.run("const field = document.getElementById('filter'); field.value = '';"
                         "field.dispatchEvent(new Event('input'));")
        self.browser.wait_for("#log tr", "photos/first")
        self.browser.click("#only-failures")
        wait_until(lambda: self.browser.count("#log tr[hidden]") == 2, "the filter of failures")
        self.browser.click("#only-failures")
        self.browser.click("#pause")
        self.put("third")
        self.browser.wait_for('[data-key="third"]')
        expect_equal(self.browser.count("#log tr"), 2, "the rows of a paused log")
        self.browser.click("#pause")
        self.browser.wait_for("#log tr", "photos/third")

    @case
    def a_fault_is_switched_on_used_and_switched_off(self):
        self.choose("503 ServiceUnavailable", operation="PutObject", times="1")
        self.browser.click("#switch-on")
        self.browser.wait_for("#fault-list .count", "0 of 1")
        self.upload("file.txt", b"content")
        self.browser.wait_for("#uploads .failed", "503 ServiceUnavailable")
        self.browser.wait_for("#fault-list .count", "1 of 1")
        row = self.browser.wait_for("#log tr", "PutObject")
        expect("respond" in row and "503" in row, f"the row is {row!r}")
        expect_equal(self.server.head("photos", "file.txt"), None, "the object")
        self.browser.click("#uploads li button")
        self.browser.wait_for('[data-key="file.txt"]')

        self.choose("403 AccessDenied", times="")
        self.browser.run("document.getElementById('fault-times').value = '';"
                         "document.getElementById('fault-times').dispatchEvent(new Event('input'));")
        self.browser.click("#switch-on")
        self.browser.wait_for("#fault-list li:nth-child(2) .count", "0 ×")
        for name, expected in [("denied", "403 AccessDenied"), ("stored", None), ("denied again", "403 AccessDenied")]:
            self.upload(name, b"content")
            if expected is None:
                self.browser.wait_for(f'[data-key="{name}"]')
            else:
                self.browser.wait_for("#uploads li", name)
                self.browser.wait_for("#uploads .failed", expected)
            if name != "denied again":
                self.browser.click("#fault-list li:nth-child(2) .switch")
                state = "true" if expected is None else "false"
                self.browser.wait_for(f'#fault-list li:nth-child(2) .switch[aria-checked="{state}"]')
        self.browser.wait_for("#fault-list li:nth-child(2) .count", "2 ×")
        faults = self.server.control("GET", "faults")
        expect_equal([(fault["happened"], fault["isEnabled"]) for fault in faults["faults"]], [(1, True), (2, True)],
                     "the faults")

        self.browser.click("#fault-list li:first-child button:last-child")
        wait_until(lambda: self.browser.count("#fault-list li") == 1, "the removal")
        self.browser.click("#remove-faults")
        self.browser.click("#confirm")
        self.browser.wait_for("#no-faults")

    @case
    def faults_that_programs_add_are_shown_and_an_invalid_one_is_explained(self):
        self.server.control("POST", "faults", {"action": "raw", "text": "x" * 100_000, "operation": "GetObject", "key": "k"})
        text = self.browser.wait_for("#fault-list li")
        expect("send 100000 bytes instead of a response" in text and "GetObject of k" in text, f"the fault is {text!r}")
        self.browser.click("#add-fault summary")
        self.browser.run("document.getElementById('fault-json').value = '{\"action\": \"dely\"}';")
        self.browser.click("#switch-on")
        self.browser.wait_for("#messages .bad", "unknown action 'dely'")

    @case
    def folders_open_and_the_history_returns(self):
        for key in ["a/b/one.txt", "a/two.txt", "a//three.txt", "top.txt", "a/./dot", "a/../dots"]:
            self.put(key)
        self.browser.click('[data-key="a/"]')
        self.browser.wait_for('[data-key="a/two.txt"]')
        expect_equal(self.browser.count('[data-key="top.txt"]'), 0, "the rows of the other folder")
        for folder, key in [("a/b/", "a/b/one.txt"), ("a//", "a//three.txt"), ("a/./", "a/./dot"), ("a/../", "a/../dots")]:
            self.browser.click(f'[data-key="{folder}"]')
            self.browser.wait_for(f'[data-key="{key}"]')
            self.browser.run("history.back();")
            self.browser.wait_for('[data-key="a/two.txt"]')
        # A key with the segment `..` reaches the server unchanged.
        self.browser.click('[data-key="a/../"]')
        self.browser.wait_for('[data-key="a/../dots"]')
        self.browser.click("#entries .danger")
        self.browser.click("#confirm")
        self.browser.wait_for_absence('[data-key="a/../dots"]')
        expect_equal(self.server.requests("DeleteObject")[-1]["key"], "a/../dots", "the deleted key")
        self.browser.click("#crumbs button:first-child")
        self.browser.wait_for('[data-key="top.txt"]')

    @case
    def objects_are_previewed_and_downloaded(self):
        self.put("text", "Grüße\n".encode(), "text/plain")
        self.put("picture", PIXEL, "image/png")
        self.put("binary", bytes(range(256)), "application/octet-stream")
        self.put("large.txt", b"x" * 300_000, "text/plain")
        self.show("text")
        expect_equal(self.browser.wait_for("#preview-content pre").strip(), "Grüße", "the text")
        properties = self.browser.wait_for("#preview-properties")
        expect("text/plain" in properties and "CRC-64" in properties, f"the properties are {properties!r}")
        self.browser.press(ESCAPE)
        self.show("picture")
        wait_until(lambda: self.browser.run("return document.querySelector('#preview img').naturalWidth === 1;"),
                   "the picture")
        self.browser.press(ESCAPE)
        self.show("binary")
        expect("0000f0" in self.browser.wait_for("#preview-content pre"), "no hexadecimal digits")
        self.browser.press(ESCAPE)
        self.show("large.txt")
        self.browser.wait_for("#preview-content .note", "The first 66 kB of 300 kB")
        self.browser.click("#preview-download")
        path = self.browser.downloads / "large.txt"
        wait_until(lambda: path.exists() and path.stat().st_size == 300_000, "the download")
        expect_equal(self.server.requests("GetObject")[-1]["signature"]["outcome"], "valid", "the verdict")
        self.browser.click("#preview-delete")
        self.browser.click("#confirm")
        self.browser.wait_for_absence('[data-key="large.txt"]')

    @case
    def a_long_listing_is_shown_in_pages(self):
        for index in range(203):
            self.put(f"item {index:03}")
        self.browser.wait_for("#more")
        self.browser.click("#refresh")
        wait_until(lambda: self.browser.count("#entries tr") == 200, "the first page")
        self.browser.click("#more")
        wait_until(lambda: self.browser.count("#entries tr") == 203, "the second page")
        expect(not self.browser.run("return !document.getElementById('more').hidden;"), "there is a third page")

    @case
    def buckets_are_created_and_the_server_is_reset(self):
        self.put("object")
        self.browser.wait_for('[data-key="object"]')
        self.browser.click("#new-bucket")
        self.browser.type("#answer-text", "videos")
        self.browser.press(ENTER)
        wait_until(lambda: self.browser.run("return document.getElementById('bucket').value;") == "videos", "the bucket")
        self.browser.wait_for("#no-entries")
        self.browser.click("#reset")
        self.browser.click("#confirm")
        wait_until(lambda: self.server.control("GET", "stats")["objects"] == 0, "the reset")
        self.browser.wait_for("#no-requests")
        wait_until(lambda: self.browser.run("return document.getElementById('bucket').value;") == "photos", "the bucket")
        # The log continues after a reset.
        self.put("again")
        self.browser.wait_for("#log tr", "photos/again")

    @case
    def everything_works_with_the_keyboard_and_has_a_name(self):
        self.put("object")
        self.server.control("POST", "faults", {"action": "delay", "milliseconds": 1, "times": 0})
        self.browser.wait_for('[data-key="object"]')
        self.browser.wait_for("#fault-list .switch")
        nameless = self.browser.run("""
            const controls = document.querySelectorAll("button, input, select, textarea, summary");
            return [...controls].filter(control => !control.closest("dialog") && control.type !== "hidden"
                && !(control.textContent.trim() && control.tagName !== "SELECT") && !control.getAttribute("aria-label")
                && ![...control.labels ?? []].some(label => label.textContent.trim())).map(control => control.outerHTML);
        """)
        expect_equal(nameless, [], "the controls without a name")
        self.browser.run("document.querySelector('#fault-list .switch').focus();")
        self.browser.press(SPACE)
        self.browser.wait_for('#fault-list .switch[aria-checked="false"]')
        focused = self.browser.run("return document.activeElement.className;")
        expect_equal(focused, "switch", "the focused control after the change")
        # Every control can be reached with the Tab key.
        self.browser.run("document.activeElement.blur(); scrollTo(0, 0);")
        reached = set()
        for _ in range(60):
            self.browser.press(TAB)
            reached.add(self.browser.run("return document.activeElement.id || document.activeElement.className;"))
        for name in ["skip", "reset", "bucket", "upload", "link object", "preset", "switch-on", "switch", "filter", "pause"]:
            expect(name in reached, f"{name!r} is not among the focused controls {sorted(reached)}")
        self.browser.run("document.querySelector('[data-key=object]').focus();")
        self.browser.press(ENTER)
        self.browser.wait_for("#preview[open]")
        self.browser.press(ESCAPE)
        self.browser.wait_for_absence("#preview[open]")

    @case
    def the_page_follows_the_dark_mode(self):
        def brightness():
            color = self.browser.run("return getComputedStyle(document.body).backgroundColor;")
            return sum(int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(","))
        self.browser.use_dark_mode(False)
        light = brightness()
        self.browser.use_dark_mode(True)
        try:
            expect(brightness() < 200 < 600 < light, f"the brightness is {light} and {brightness()}")
        finally:
            self.browser.use_dark_mode(False)

    @case
    def the_page_asks_for_changes_once_per_second(self):
        script = "return performance.getEntriesByType('resource').filter(entry => entry.name.includes('/-/changes'))" \
            ".map(entry => entry.startTime);"
        times = wait_until(lambda: (lambda times: times if len(times) >= 4 else None)(self.browser.run(script)), "4 calls")
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        expect(all(gap >= 950 for gap in gaps), f"the milliseconds between two calls are {gaps}")
        # A call returns the new entries only.
        self.put("one")
        first = self.server.control("GET", "changes?after=0")
        self.put("two")
        second = self.server.control("GET", f"changes?after={first['next']}")
        expect_equal([entry["key"] for entry in second["requests"]], ["two"], "the changed requests")

    @case
    def the_page_recovers_when_the_server_starts_again(self):
        port = self.server.endpoint.rpartition(":")[2]
        program = self.server.process.args[0]
        self.server.stop()
        self.browser.wait_for("#connection.lost", "Not connected")
        self.server = MockServer(program, "--port", port, "--bucket", "videos")
        self.browser.wait_for("#connection.live")
        wait_until(lambda: self.browser.run("return document.getElementById('bucket').value;") == "videos", "the bucket")
        self.browser.wait_for("#keys", "accepts unsigned requests")
        self.upload("unsigned.txt", b"content")
        self.browser.wait_for("#log tr", "unsigned.txt")
        self.browser.messages()  # The failed calls.
