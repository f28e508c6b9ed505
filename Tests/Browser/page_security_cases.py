"""The page at /-/ with hostile keys, headers and objects, with pages of other origins, and read-only."""

import urllib.error

from browser import Failure, MockServer, Origin, case, expect, expect_equal
from page_cases import PageFixture

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 2'>",
    "\"><svg onload=\"window.hacked = 3\">",
    "';window.hacked = 4;'",
    "</script><script>window.hacked = 5</script>",
    "</style><script>window.hacked = 6</script>",
    "javascript:window.hacked = 7",
    "${window.hacked = 8}",
    "<b>bold</b>&amp;&#60;",
]
ATTACK = """
    const [target, method, body, mode, headers] = arguments;
    try {
        const response = await fetch(target, { method, body, mode, headers, credentials: "include" });
        return { status: response.status, text: await response.text() };
    } catch (error) { return { refused: String(error) }; }
"""


class PageSecurityCases(PageFixture):
    def expect_unharmed(self):
        hacked = self.browser.run("return window.hacked === undefined ? null : window.hacked;")
        expect_equal(hacked, None, "the variable that a script in a key sets")
        elements = self.browser.run(
            "return document.querySelectorAll('tbody img, tbody svg, tbody script, tbody b, #fault-list img, dialog script')"
            ".length;")
        expect_equal(elements, 0, "the number of elements that come from text")

    @case
    def hostile_keys_and_headers_are_shown_as_text(self):
        for text in HOSTILE:
            self.put(text)
            self.put(f"folder/{text}/x")
        markup = HOSTILE[1]
        self.server.send("GET", "photos", HOSTILE[0], headers={"User-Agent": markup, "x-oss-meta-a": markup})
        self.server.send("PUT", "photos", "typed", body=b"x", headers={"Content-Type": markup, "x-oss-meta-b": markup})
        self.server.control("POST", "faults", {"action": "respond", "status": 500, "code": markup, "key": HOSTILE[0]})
        self.open()
        for text in HOSTILE:
            shown = self.browser.run(
                "return [...document.querySelectorAll('#entries .object, #entries .folder')].map(e => e.textContent);")
            if "/" not in text:
                self.browser.wait_for("#entries", text)
                expect(text in shown, f"{text!r} is not among {shown}")
            self.browser.wait_for("#log", text)
        self.expect_unharmed()
        self.browser.wait_for("#fault-list li", markup)
        # Details of a request, the preview, a folder and a message.
        self.browser.run("for (const button of document.querySelectorAll('#log button')) button.click();")
        self.browser.wait_for("#log .details", markup)
        self.show("typed")
        self.browser.wait_for("#preview-properties", markup)
        self.expect_unharmed()
        self.browser.click("#preview-close")
        self.browser.click('[data-key="folder/"]')
        self.browser.wait_for("#entries", HOSTILE[2])
        self.browser.run("[...document.querySelectorAll('#entries .folder')]"
                         ".find(button => button.textContent.startsWith('<img')).click();")
        self.browser.wait_for("#crumbs", markup)
        self.open("#" + "%3Cimg%20src%3Dx%20onerror%3D'window.hacked%3D9'%3E/%3Cb%3E/")
        self.browser.wait_for("#entries, #no-entries")
        self.expect_unharmed()

    @case
    def characters_that_reorder_text_are_visible(self):
        self.put("invoice\u202efdp.exe\u200b\x07")
        self.browser.wait_for("#entries", r"invoice\u202efdp.exe\u200b\u0007")
        self.browser.wait_for("#log", r"invoice\u202efdp.exe\u200b\u0007")

    @case
    def hostile_objects_do_not_run_in_the_preview(self):
        page = b"<!doctype html><script>window.hacked = 1; parent.hacked = 2;</script><p>Text"
        picture = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>parent.hacked = 3</script></svg>"
        self.put("page.html", page, "text/html")
        self.put("picture.svg", picture, "image/svg+xml")
        self.show("page.html")
        expect_equal(self.browser.wait_for("#preview-content pre"), page.decode(), "the text")
        self.browser.click("#preview-close")
        self.show("picture.svg")
        self.browser.wait_for("#preview-content img")
        self.expect_unharmed()

    @case
    def an_object_that_is_opened_as_a_page_cannot_act_as_the_page(self):
        script = ("<!doctype html><title>object</title><p id=result></p><script>fetch('/-/reset', { method: 'POST' })"
                  ".then(r => r.status, e => 'refused').then(text => { document.title = 'done';"
                  "document.getElementById('result').textContent = 'result ' + text; });</script>")
        server = MockServer(self.server.process.args[0], "--bucket", "photos", "--bucket", "site")
        try:
            server.send("PUT", "photos", "evil.html", body=script.encode(), headers={"Content-Type": "text/html"})
            self.browser.open(server.endpoint + "/photos/evil.html")
            self.browser.wait_for("#result", "result refused")
            expect(server.head("photos", "evil.html") is not None, "the object could reset the server")
            # An object of a page has the origin of its bucket, as in the service.
            self.browser.open(server.endpoint.replace("127.0.0.1", "photos.localhost") + "/evil.html")
            self.browser.wait_for("#result", "result ")
            expect(server.head("photos", "evil.html") is not None, "the object could reset the server")
        finally:
            server.stop()
            self.browser.messages()  # The refused requests.

    @case
    def pages_of_other_origins_cannot_use_the_endpoints(self):
        self.put("object")
        fault = '{"action": "respond", "status": 500, "code": "Injected", "times": 0}'
        with Origin() as origin:
            for host in ["127.0.0.1", "localhost"]:
                self.browser.open(origin.url.replace("127.0.0.1", host))
                for path, method, body in [
                    ("faults", "POST", fault), ("reset", "POST", ""), ("process", "POST", '{"operation": "SelectObject"}'),
                    ("faults", "DELETE", None), ("faults/1", "PATCH", '{"isEnabled": false}'),
                    ("presign", "POST", '{"method": "DELETE", "bucket": "photos", "key": "object"}'),
                ]:
                    for mode in ["no-cors", "cors"]:
                        self.browser.run(ATTACK, f"{self.server.endpoint}/-/{path}", method, body, mode, {})
                for path in ["log", "changes", "objects?bucket=photos", "content?bucket=photos&key=object"]:
                    outcome = self.browser.run(ATTACK, f"{self.server.endpoint}/-/{path}", "GET", None, "cors", {})
                    expect("refused" in outcome, f"a page of another origin reads /-/{path}: {outcome}")
            # A form of a page, whose body can be valid JSON.
            origin.pages["/form"] = (
                f"<!doctype html><form method=post enctype=text/plain action='{self.server.endpoint}/-/faults'>"
                "<input type=hidden name='{\"action\": \"challenge\", \"operation\": \"' value='\"}'><button id=send>Send")
            self.browser.open(origin.url + "/form")
            self.browser.click("#send")
            self.browser.wait_for(":root", "a web page of another origin sent this request")
            # The page cannot be put into a frame, where a visitor could be made to click its buttons.
            origin.pages["/frame"] = f"<!doctype html><iframe src='{self.server.endpoint}/-/'></iframe>"
            self.browser.open(origin.url + "/frame")
            expect(any("frame-ancestors" in text for text in self.browser.messages()), "the page is shown in a frame")
        expect_equal(self.server.control("GET", "faults")["faults"], [], "the faults")
        expect(self.server.head("photos", "object") is not None, "the server was reset")

    @case
    def a_read_only_page_changes_nothing(self):
        self.server.stop()
        self.server = MockServer(self.server.process.args[0], *self.arguments, "--read-only-page")
        self.put("object")
        self.server.control("POST", "faults", {"action": "delay", "milliseconds": 1, "operation": "ListBuckets"})
        self.open()
        self.browser.wait_for("#connection", "read-only")
        self.show("object")
        self.browser.wait_for("#preview-content", "content")
        self.browser.click("#preview-close")
        self.browser.wait_for("#fault-list .switch")
        shown = self.browser.run("return [...document.querySelectorAll('.change')].filter(e => e.checkVisibility()).length;")
        expect_equal(shown, 0, "the number of visible controls that change something")
        expect(self.browser.run("return document.querySelector('#fault-list .switch').disabled;"), "the switch is enabled")
        for path, method in [("reset", "POST"), ("faults", "POST"), ("faults", "DELETE"), ("faults/1", "DELETE"),
                             ("faults/1", "PATCH"), ("process", "POST"), ("presign", "POST")]:
            outcome = self.browser.run(ATTACK, f"/-/{path}", method, "{}", "same-origin", {})
            expect_equal(outcome.get("status"), 403, f"the status of {method} /-/{path}")
        # Programs are not restricted.
        self.server.control("DELETE", "faults")
        self.browser.wait_for("#no-faults")
        self.browser.messages()  # The refused requests.

    @case
    def a_name_of_the_internet_does_not_reach_the_endpoints(self):
        # A page whose domain name changes its address to 127.0.0.1 has the origin of the server.
        for headers in [{}, {"Origin": "http://evil.example.com"}]:
            for method, path in [("GET", ""), ("GET", "log"), ("POST", "reset")]:
                try:
                    self.server._open(method, f"/-/{path}", headers={"Host": "evil.example.com", **headers})
                    raise Failure(f"{method} /-/{path} was not rejected")
                except urllib.error.HTTPError as error:
                    expect_equal(error.code, 403, "the status")
