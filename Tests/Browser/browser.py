"""Chromium, oss-mock-server and pages of other origins, for tests. Uses the standard library only.

    with MockServer("oss-mock-server", "--bucket", "photos") as server, Browser() as browser:
        browser.open(server.endpoint + "/-/")
        browser.wait_for("#connection.live")
        browser.click("#upload")

Browser sends the commands of the WebDriver protocol (https://www.w3.org/TR/webdriver2/) to chromedriver.
"""

import base64
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# Connections to 127.0.0.1 must not use a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Failure(Exception):
    """A test found a wrong result."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def expect_equal(actual, expected, subject):
    if actual != expected:
        raise Failure(f"{subject} is {actual!r} and should be {expected!r}")


def case(method):
    """Marks a method as a case of a run."""
    method.is_case = True
    return method


def wait_until(condition, subject, seconds=20):
    """Waits until a function returns a true value, and returns that value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{subject} did not occur within {seconds} seconds")
        time.sleep(0.05)


class Program:
    """A program that runs until the end of a with statement and prints a line when it is ready."""

    def __init__(self, command, is_ready, environment=None):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace", env=environment,
            start_new_session=True)
        self.line = ""
        for line in self.process.stdout:
            if is_ready(line):
                self.line = line.strip()
                break
        else:
            raise Failure(f"{command[0]} ended with status {self.process.wait()} before it was ready")
        # A program that prints more must not block.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        """Stops the program and all processes that it has started."""
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        except ProcessLookupError:
            pass


class MockServer(Program):
    """An oss-mock-server on a free port."""

    def __init__(self, program, *arguments):
        super().__init__([program, "--port", "0", *arguments], lambda line: line.startswith("listening on "))
        self.endpoint = self.line.removeprefix("listening on ")

    def control(self, method, path, value=None):
        """Calls an endpoint under /-/ and returns the decoded JSON."""
        body = None if value is None else json.dumps(value).encode()
        return json.loads(self._open(method, f"/-/{path}", body).read())

    def send(self, method, bucket, key=None, body=None, query=None, headers=None):
        """Sends a signed request to the service and returns the body of the response."""
        # Without a type, urllib would add one that the signature does not cover.
        headers = {"Content-Type": "application/octet-stream", **(headers or {})} if body is not None else headers or {}
        document = {"method": method, "bucket": bucket, "query": query or {}, "headers": headers}
        if key is not None:
            document["key"] = key
        target = self.control("POST", "presign", document)["target"]
        return self._open(method, target, body, headers).read()

    def head(self, bucket, key):
        """Returns the headers of an object, or None if it does not exist."""
        try:
            target = self.control("POST", "presign", {"method": "HEAD", "bucket": bucket, "key": key})["target"]
            return self._open("HEAD", target).headers
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def requests(self, operation=None):
        """Returns the requests in the log, or those of one operation."""
        return [entry for entry in self.control("GET", "log") if operation in (None, entry["operation"])]

    def _open(self, method, target, body=None, headers=None):
        request = urllib.request.Request(self.endpoint + target, data=body, headers=headers or {}, method=method)
        return _opener.open(request, timeout=60)


class Origin:
    """A web server on a free port, which is an origin of its own. It serves the given pages by path."""

    def __init__(self, pages=None):
        self.pages = {"/": "<!doctype html><title>origin</title>", **(pages or {})}
        self.visits = []
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                origin.visits.append(self.path)
                page = origin.pages.get(urllib.parse.urlsplit(self.path).path)
                body = (page or "not found").encode()
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


class Browser(Program):
    """A headless Chromium with a new profile."""

    def __init__(self, width=1280, height=1000, arguments=()):
        driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        if not driver or not chromium:
            raise Failure("chromium and chromedriver are required: apt-get install chromium chromium-driver")
        self.folder = tempfile.mkdtemp(prefix="oss-browser-")
        self.downloads = pathlib.Path(self.folder, "downloads")
        self.downloads.mkdir()
        environment = {**os.environ, "HOME": self.folder, "no_proxy": "*", "NO_PROXY": "*"}
        super().__init__([driver, "--port=0"], lambda line: "started successfully on port" in line, environment)
        self.driver = "http://127.0.0.1:" + self.line.rstrip(".").rpartition(" ")[2]
        self.session = ""
        options = {
            "binary": chromium,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server",
                "--disable-background-networking", "--disable-component-update", "--no-first-run", "--lang=en",
                f"--window-size={width},{height}", f"--user-data-dir={self.folder}/profile", *arguments,
            ],
            "prefs": {"download.default_directory": str(self.downloads), "download.prompt_for_download": False},
        }
        try:
            capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            value = self._command("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
            self.session = f"/session/{value['sessionId']}"
            self._command("POST", self.session + "/timeouts", {"script": 30_000, "pageLoad": 30_000})
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.session:
            try:
                self._command("DELETE", self.session)
            except (Failure, OSError):
                pass
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Pages

    def open(self, url):
        self._command("POST", self.session + "/url", {"url": url})

    @property
    def url(self):
        return self._command("GET", self.session + "/url")

    def run(self, script, *arguments):
        """Runs the body of an async function in the page and returns its result."""
        text = (
            "const done = arguments[arguments.length - 1], values = Array.from(arguments).slice(0, -1);"
            f"(async function() {{ {script} }}).apply(null, values)"
            ".then(value => done({ value }), error => done({ error: String(error) }));")
        result = self._command(
            "POST", self.session + "/execute/async", {"script": text, "args": list(arguments)})
        if "error" in result:
            raise Failure(f"the script failed: {result['error']}")
        return result.get("value")

    def messages(self):
        """Returns the messages of the console since the last call, such as errors and violations of a policy."""
        entries = self._command("POST", self.session + "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries]

    def screenshot(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self._command("GET", self.session + "/screenshot")))

    def use_dark_mode(self, is_dark=True):
        features = [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]
        self._command(
            "POST", self.session + "/goog/cdp/execute",
            {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})

    # Elements, by CSS selector

    def count(self, selector):
        return len(self._find_all(selector))

    def wait_for(self, selector, text=None):
        """Waits for a visible element, whose text contains the given one, and returns its text."""
        def visible_text():
            for element in self._find_all(selector):
                try:
                    path = f"{self.session}/element/{element}"
                    content = self._command("GET", path + "/text")
                    if self._command("GET", path + "/displayed") and (text is None or text in content):
                        return (content,)
                except Failure:
                    continue  # The page has replaced the element.
            return None
        return wait_until(visible_text, f"{selector!r} with {text!r}" if text else repr(selector))[0]

    def wait_for_absence(self, selector):
        wait_until(lambda: not self._find_all(selector), f"the absence of {selector!r}")

    def click(self, selector):
        self._act(selector, "click", {})

    def type(self, selector, text):
        """Types into a field. For a file input, the text is the path of a file; several are separated by line breaks."""
        self._act(selector, "value", {"text": text})

    def press(self, keys):
        """Presses keys, one after the other, in the focused element."""
        actions = [{"type": action, "value": key} for key in keys for action in ("keyDown", "keyUp")]
        self._command(
            "POST", self.session + "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def _act(self, selector, action, body):
        def attempt():
            for element in self._find_all(selector):
                try:
                    self._command("POST", f"{self.session}/element/{element}/{action}", body)
                    return True
                except Failure as failure:
                    self.last = failure
            return False
        self.last = None
        try:
            wait_until(attempt, f"{action} on {selector!r}")
        except Failure as failure:
            raise Failure(f"{failure}: {self.last}") from None

    def _find_all(self, selector):
        found = self._command(
            "POST", self.session + "/elements", {"using": "css selector", "value": selector})
        return [element[_ELEMENT] for element in found]

    def _command(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.driver + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with _opener.open(request, timeout=120) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise Failure(f"{value['error']}: {value['message'].splitlines()[0]}") from None
