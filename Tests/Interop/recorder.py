"""A recorder of requests between a client and oss-mock-server, and calls of Aliyun's clients by name."""

import base64
import hashlib
import http.client
import http.server
import threading
import typing
import urllib.parse

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2 import models, serde

from checks import Failure, expect_equal

# Header fields that differ between runs or depend on the transport and the signature, not on the operation.
LEFT_OUT = {
    "accept", "accept-encoding", "authorization", "connection", "content-length", "date", "expect", "host",
    "transfer-encoding", "user-agent", "x-oss-content-sha256", "x-oss-date",
}

# Names of operations that alibabacloud-oss-v2 spells differently.
SPELLINGS = {"DoDataPipelineAction": "DoDataPipeLineAction"}


class Recorder:
    """A proxy in front of a server that keeps the requests it passes on."""

    def __init__(self, server):
        self.server = urllib.parse.urlsplit(server).netloc
        # Name of the operation that the client performs.
        self.operation = None
        self.requests = []
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name):
                # The base class calls do_GET, do_PUT and so on.
                if name.startswith("do_"):
                    return lambda: recorder.pass_on(self)
                raise AttributeError(name)

            def log_message(self, *arguments):
                pass

        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.proxy.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.proxy.server_address[1]}"
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()

    def stop(self):
        self.proxy.shutdown()
        self.proxy.server_close()

    def pass_on(self, handler):
        body = read_body(handler)
        connection = http.client.HTTPConnection(self.server, timeout=60)
        # http.client adds no header of its own: Host and Accept-Encoding are the client's.
        connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            if name.lower() not in ("transfer-encoding", "content-length"):
                connection.putheader(name, value)
        if body or "content-length" in handler.headers or handler.command in ("PUT", "POST"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        target = urllib.parse.urlsplit(handler.path)
        self.requests.append({
            "operation": self.operation,
            "method": handler.command,
            "path": urllib.parse.unquote(target.path),
            "query": dict(urllib.parse.parse_qsl(target.query, keep_blank_values=True)),
            "headers": recorded_headers(handler.headers, body),
            "body": body.decode(),
        })
        handler.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                handler.send_header(name, value)
        length = response.getheader("Content-Length") if handler.command == "HEAD" else str(len(content))
        if length is not None and response.status != 204:
            handler.send_header("Content-Length", length)
        handler.end_headers()
        handler.wfile.write(content)
        connection.close()


def recorded_headers(headers, body):
    recorded = {name.lower(): value for name, value in sorted(headers.items()) if name.lower() not in LEFT_OUT}
    # A digest of a document with a value that the server chose differs between runs.
    if recorded.get("content-md5") == base64.b64encode(hashlib.md5(body).digest()).decode():
        recorded["content-md5"] = "{MD5 of the body}"
    return recorded


def read_body(handler):
    if "chunked" not in handler.headers.get("Transfer-Encoding", ""):
        return handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    body = b""
    while True:
        size = int(handler.rfile.readline().split(b";")[0], 16)
        body += handler.rfile.read(size)
        handler.rfile.readline()
        if not size:
            return body


class Caller:
    """Performs operations of alibabacloud-oss-v2 by name, with dictionaries instead of its model classes."""

    def __init__(self, recorder, control, bucket, region, key_id, secret):
        self.recorder, self.control, self.bucket = recorder, control, bucket
        self.endpoint, self.region, self.key_id, self.secret = recorder.endpoint, region, key_id, secret
        self.client = make_client(self.endpoint, region, key_id, secret)
        self.names = {}

    def __call__(self, operation, **members):
        name = "".join(word.capitalize() for word in operation.split("_"))
        self.recorder.operation = SPELLINGS.get(name, name)
        kind = getattr(models, name + "Request")
        if "bucket" in kind._attribute_map:
            members.setdefault("bucket", self.bucket)
        result = getattr(self.client, operation)(model(kind, members))
        if hasattr(getattr(result, "body", None), "close"):
            result.body.read()
            result.body.close()
        return result

    def refused(self, code, operation, **members):
        """Performs an operation that the server refuses with an error code."""
        try:
            self(operation, **members)
        except oss.exceptions.OperationError as error:
            expect_equal(error.unwrap().code, code, f"the error of {operation}")
        else:
            raise Failure(f"{operation} is not refused")

    def answer(self, operation, **response):
        """Sets the response to an operation that the server does not implement."""
        self.control("process", {"operation": operation, **response})

    def name(self, value, name):
        """Replaces a value that the server chose by a name in the recording."""
        self.names[value] = f"{{{name}}}"
        return value

    def named(self, value):
        if isinstance(value, dict):
            return {key: self.named(element) for key, element in value.items()}
        for chosen, name in self.names.items():
            value = value.replace(chosen, name)
        return value


def model(kind, members):
    """Creates an instance of a model class of alibabacloud-oss-v2, with nested ones from dictionaries."""
    hints = typing.get_type_hints(kind.__init__)
    unknown = members.keys() - hints.keys() - kind._attribute_map.keys()
    if unknown:
        raise TypeError(f"{kind.__name__} has no {sorted(unknown)}")

    def converted(name, value):
        if isinstance(value, list):
            return [converted(name, element) for element in value]
        nested = model_class(hints.get(name))
        return model(nested, value) if nested and isinstance(value, dict) else value

    return kind(**{name: converted(name, value) for name, value in members.items()})


def model_class(hint):
    if isinstance(hint, type) and issubclass(hint, serde.Model):
        return hint
    return next(filter(None, map(model_class, typing.get_args(hint))), None)


def make_client(endpoint, region, key_id, secret):
    config = oss.config.load_default()
    config.credentials_provider = oss.credentials.StaticCredentialsProvider(key_id, secret)
    config.endpoint, config.region = endpoint, region
    # An error is a mistake in a scene: it need not be repeated.
    config.retry_max_attempts = 1
    return oss.Client(config)
