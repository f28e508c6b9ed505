"""Aliyun's Python clients, ossmirror and presigning on the same buckets, at a server that verifies every signature.

One line a case, `ok …` or `FAILED …`; the exit status is 1 when a case failed. Run it with Tests/Interop/run.
"""

import argparse
import concurrent.futures
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import unicodedata
import urllib.error
import urllib.request

import feature_cases
import recordings
from checks import Failure, by_bytes, content, expect, expect_equal, expect_refused
from clients import OSS2, V2
from refused import Refused

KEY_ID = "LTAI5tInteropKeyId"
SECRET = "InteropSecret/With+Odd=Characters"
REGION = "cn-hangzhou"
CLIENTS = [OSS2, V2]
VERSIONS = ["v1", "v4"]

# Names that a folder can have too.
ODD_NAMES = [
    "plain.txt",
    "with space and  two.txt",
    " leading and trailing ",
    "a+b=c&d.txt",
    "100%.txt",
    "%2e%2e%2F.txt",
    "%25.txt",
    "?query=1#fragment",
    "quotes'\"<>`.txt",
    "semi;colon,comma:colon@at!$*()[]{}|^.txt",
    "back\\slash.txt",
    "tab\there.txt",
    "中文/目录/文件.txt",
    "\U0001f600/\U0001f468\u200d\U0001f469\u200d\U0001f467.png",
    unicodedata.normalize("NFC", "twins/e\u0301"),
    unicodedata.normalize("NFD", "twins/e\u0301"),
    ".hidden/.file",
    "no-extension",
    "...",
    "a/.../b",
    "-dash",
    "~tilde",
]
# Names that only a bucket can have.
ODD_KEYS = ODD_NAMES + ["double//slash", "triple///slash.txt", "folder/", "x" * 600 + "/" + "é" * 150]


class Server:
    """oss-mock-server on a free port, for as long as the run lasts."""

    def __init__(self, program, buckets, *options):
        # Some cases make buckets and objects public.
        command = [program, "--port", "0", "--region", REGION, "--allow-public-access", *options]
        command += ["--access-key-id", KEY_ID, "--access-key-secret", SECRET]
        for bucket in buckets:
            command += ["--bucket", bucket]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        if not line.startswith("listening on "):
            raise SystemExit(f"the server did not start: {line!r}")
        self.endpoint = line.removeprefix("listening on ")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Run:
    """One client with one version of the signature, in a bucket of its own."""

    def __init__(self, setting, client, version):
        self.setting = setting
        self.bucket = bucket_name(client, version)
        self.client = client(setting.endpoint, REGION, self.bucket, KEY_ID, SECRET, version)
        self.impostor = client(setting.endpoint, REGION, self.bucket, KEY_ID, "NotTheSecret", version)
        self.stranger = client(setting.endpoint, REGION, self.bucket, "LTAI5tNobody", SECRET, version)
        self.version = version
        self.key_id, self.secret = KEY_ID, SECRET

    def sibling(self, name):
        """The client for another bucket, which it has to make."""
        return type(self.client)(self.setting.endpoint, REGION, f"{self.bucket}-{name}", KEY_ID, SECRET, self.version)

    def mirror(self, *arguments, secret=SECRET):
        """Runs ossmirror: exit status, standard output, standard error."""
        command = [self.setting.ossmirror, *arguments, "--endpoint", self.setting.endpoint, "--region", REGION]
        command += ["--signature", self.version]
        environment = {
            **os.environ, "OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": secret,
            # State and credentials files of whoever runs this stay out of it.
            "HOME": self.setting.home, "XDG_STATE_HOME": self.setting.home,
        }
        environment.pop("OSS_SESSION_TOKEN", None)
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        return result.returncode, result.stdout, result.stderr

    def expect_mirror(self, *arguments):
        status, output, diagnostics = self.mirror(*arguments)
        expect(status == 0, f"ossmirror {arguments[0]} ended with {status}: {diagnostics.strip()[-500:]}")
        return output

    # Cases. Each uses keys of its own, so that any of them can run alone.

    def put_get_and_head(self):
        for size in [0, 1, 65_537, 3_000_000]:
            data = content("basic", size)
            etag = self.client.put(f"basic/{size}", data, "text/x-interop", {"author": "alice", "number": "42"})
            expect_equal(etag, hashlib.md5(data).hexdigest().upper(), "the ETag")
            expect_equal(self.client.get(f"basic/{size}"), (data, 200), "the object")
            head = self.client.head(f"basic/{size}")
            expected = {
                "size": size, "etag": etag, "type": "text/x-interop", "metadata": {"author": "alice", "number": "42"},
            }
            expect_equal(head, expected, "what HEAD says")

    def ranged_get(self):
        data = content("range", 100_000)
        self.client.put("range", data)
        for first, last in [(0, 0), (10, 99), (99_999, 99_999), (99_000, None), (None, 1000), (0, 99_999)]:
            expected = data[-last:] if first is None else data[first:None if last is None else last + 1]
            expect_equal(self.client.get("range", first, last), (expected, 206), f"the range {first}-{last}")

    def overwrite(self):
        self.client.put("overwrite", b"first, and longer")
        self.client.put("overwrite", b"second")
        expect_equal(self.client.get("overwrite")[0], b"second", "the object")

    def what_does_not_exist(self):
        expect_refused("NoSuchKey", 404, self.client.get, "missing")
        expect(not self.client.exists("missing"), "a key that was never put exists")
        try:
            self.client.head("missing")
        except Refused as refusal:
            expect_equal(refusal.status, 404, "the status of HEAD")
        else:
            raise Failure("HEAD of a key that was never put is not refused")

    def odd_keys(self):
        for key in ODD_KEYS:
            data = content(key, 64)
            self.client.put("odd/" + key, data)
            expect_equal(self.client.get("odd/" + key)[0], data, f"the object {key!r}")
            expect_equal(self.client.head("odd/" + key)["size"], 64, f"the size of {key!r}")
        expected = by_bytes("odd/" + key for key in ODD_KEYS)
        expect_equal(self.client.list_by_marker("odd/", page=7)[0], expected, "the listing by marker")
        expect_equal(self.client.list_by_token("odd/", page=7)[0], expected, "the listing by token")
        copied = by_bytes("copied/" + key for key in ODD_KEYS)
        for key in ODD_KEYS:
            self.client.copy("odd/" + key, "copied/" + key)
            expect_equal(self.client.get("copied/" + key)[0], content(key, 64), f"the copy of {key!r}")
        expect_equal(by_bytes(self.client.delete_many(copied)), copied, "the keys deleted")
        expect_equal(self.client.list_by_token("copied/")[0], [], "what is left of the copies")

    def long_listings(self):
        keys = by_bytes(f"long/{index % 7}/{index:05} +%.txt" for index in range(2_345))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: self.client.put(key, b"."), keys))
        for listing in [self.client.list_by_marker, self.client.list_by_token]:
            expect_equal(listing("long/"), (keys, [], 3), "the listing")
            folders = [f"long/{index}/" for index in range(7)]
            expect_equal(listing("long/", delimiter="/", page=3), ([], folders, 3), "the listing of folders")
        expect_equal(by_bytes(self.client.delete_many(keys[:1000])), keys[:1000], "the keys deleted")
        expect_equal(self.client.list_by_marker("long/")[0], keys[1000:], "what is left")

    def copy(self):
        data = content("copy", 200_000)
        etag = self.client.put("copy/source", data, "text/x-interop", {"author": "alice"})
        self.client.copy("copy/source", "copy/target")
        expect_equal(self.client.get("copy/target")[0], data, "the copy")
        source, target = self.client.head("copy/source"), self.client.head("copy/target")
        expect_equal({**target, "etag": etag}, source, "what HEAD says of the copy")
        expect_refused("NoSuchKey", 404, self.client.copy, "copy/missing", "copy/nowhere")

    def delete(self):
        self.client.put("delete/one", b"1")
        self.client.delete("delete/one")
        expect(not self.client.exists("delete/one"), "the object is still there")
        self.client.delete("delete/one")

    def presigned_urls(self):
        key = "presigned/中文 a+b%.txt"
        data = content(key, 5_000)
        put = urllib.request.Request(
            self.client.presigned_put(key, "text/x-interop"), data, {"Content-Type": "text/x-interop"}, method="PUT")
        with self.setting.opener.open(put) as reply:
            expect_equal(reply.status, 200, "the status of PUT")
        url = self.client.presigned_get(key)
        with self.setting.opener.open(url) as reply:
            expect_equal(reply.read(), data, "the object")
        try:
            self.setting.opener.open(url.replace("txt?", "txu?"))
        except urllib.error.HTTPError as error:
            expect_equal(error.code, 403, "the status for another key")
            expect(b"<Code>SignatureDoesNotMatch</Code>" in error.read(), "the code is another")
        else:
            raise Failure("a URL that was signed for another key is accepted")

    def presigned_urls_of_this_library(self):
        """Our URLs work with curl and the client sees the objects; the client's URLs work with our transfers."""
        file, copy = (os.path.join(self.setting.home, name) for name in ["presigned", "presigned copy"])
        for index, name in enumerate(["plain", "a b+c%20&d=e", "中文/\U0001f600", "?q#f", "double//slash"]):
            key, data = "of this library/" + name, content(name, 1000 + index)
            with open(file, "wb") as source:
                source.write(data)
            self.curl("-T", file, self.presigning("put", self.bucket, key))
            expect_equal(self.client.get(key)[0], data, f"the object '{key}'")
            expect_equal(self.curl(self.presigning("get", self.bucket, key)), data, f"the download of '{key}'")
            self.presigning("download", self.client.presigned_get(key), copy)
            with open(copy, "rb") as target:
                expect_equal(target.read(), data, f"our download of '{key}'")
            self.client.delete(key)
            self.presigning("upload", file, self.client.presigned_put(key))
            expect_equal(self.client.get(key)[0], data, f"our upload of '{key}'")

    def presigning(self, *arguments):
        """Runs the example program, and returns what it prints."""
        environment = {
            **os.environ, "OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": SECRET, "OSS_REGION": REGION,
            "OSS_ENDPOINT": self.setting.endpoint, "OSS_SIGNATURE": self.version, "HOME": self.setting.home,
        }
        environment.pop("OSS_SESSION_TOKEN", None)
        command = [self.setting.presigning, *arguments]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        expect(result.returncode == 0, f"presigning {arguments[0]}: {result.stderr.strip()[-500:]}")
        return result.stdout.strip()

    def curl(self, *arguments):
        command = ["curl", "-sS", "--fail-with-body", "--path-as-is", "--noproxy", "*", *arguments]
        result = subprocess.run(command, capture_output=True, timeout=60)
        expect(result.returncode == 0, f"curl: {result.stderr.decode()} {result.stdout.decode(errors='replace')[-500:]}")
        return result.stdout

    def wrong_secret(self):
        self.client.put("locked", b"x")
        for operation in [
            lambda: self.impostor.put("stolen", b"x"), lambda: self.impostor.get("locked"),
            lambda: self.impostor.list_by_marker(""), lambda: self.impostor.list_by_token(""),
            lambda: self.impostor.copy("locked", "stolen"), lambda: self.impostor.delete("locked"),
            lambda: self.impostor.delete_many(["locked"]),
        ]:
            expect_refused("SignatureDoesNotMatch", 403, operation)
        expect_refused("InvalidAccessKeyId", 403, self.stranger.get, "locked")
        expect_equal(self.client.get("locked")[0], b"x", "the object")
        expect(not self.client.exists("stolen"), "the object that was refused exists")

    def mirror_refuses_a_wrong_secret(self):
        self.client.put("mirror-locked/file", b"x")
        with tempfile.TemporaryDirectory(dir=self.setting.home) as folder:
            write_tree(folder, {"file": b"y"})
            for arguments in [
                ["up", folder, f"oss://{self.bucket}/mirror-locked"],
                ["down", f"oss://{self.bucket}/mirror-locked", os.path.join(folder, "back")],
                ["ls", f"oss://{self.bucket}/mirror-locked/"],
                ["cat", f"oss://{self.bucket}/mirror-locked/file"],
            ]:
                status, output, diagnostics = self.mirror(*arguments, secret="NotTheSecret")
                expect_equal(status, 1, f"the exit status of {arguments[0]}")
                expect("SignatureDoesNotMatch" in diagnostics, f"{arguments[0]} does not say why: {diagnostics!r}")
                expect("NotTheSecret" not in diagnostics + output, f"{arguments[0]} shows the secret")
                expect("Fatal error" not in diagnostics, f"{arguments[0]} crashed: {diagnostics[-300:]}")
            left = os.path.join(folder, "back")
            expect(not os.path.exists(left) or not read_tree(left), "something was left behind")
        expect_equal(self.client.get("mirror-locked/file")[0], b"x", "the object")

    def mirror_brings_back_what_the_client_sent(self):
        tree = sample_tree()
        for name, data in tree.items():
            self.client.put("down/" + name, data)
        with tempfile.TemporaryDirectory(dir=self.setting.home) as folder:
            target = os.path.join(folder, "back")
            output = self.expect_mirror("down", f"oss://{self.bucket}/down/", target, "--json")
            expect(isinstance(json.loads(output), dict), "the report is no JSON object")
            expect_equal_trees(read_tree(target), tree)
            self.expect_mirror("check", target, f"oss://{self.bucket}/down/")

    def the_client_reads_what_mirror_sent(self):
        tree = sample_tree()
        with tempfile.TemporaryDirectory(dir=self.setting.home) as folder:
            write_tree(folder, tree)
            output = self.expect_mirror("up", folder, f"oss://{self.bucket}/up/", "--json")
            expect(isinstance(json.loads(output), dict), "the report is no JSON object")
        expected = by_bytes("up/" + name for name in tree)
        expect_equal(self.client.list_by_marker("up/")[0], expected, "the listing by marker")
        expect_equal(self.client.list_by_token("up/")[0], expected, "the listing by token")
        for name, data in tree.items():
            expect_equal(self.client.get("up/" + name)[0], data, f"the object {name!r}")
            expect_equal(self.client.head("up/" + name)["size"], len(data), f"the size of {name!r}")

    def mirror_and_client_list_alike(self):
        for key in ODD_KEYS:
            self.client.put("list/" + key, b".")
        # One key a line; a key with a line break in it is not among them.
        output = self.expect_mirror("ls", "-r", f"oss://{self.bucket}/list/")
        listed = [line.removeprefix(f"oss://{self.bucket}/") for line in output.split("\n") if line]
        expect_equal(listed, self.client.list_by_token("list/")[0], "what ls prints")

    def mirror_prints_and_deletes_what_the_client_sent(self):
        for key in ["cat/plain", "cat/double//slash", "cat/中文 +%.txt"]:
            data = f"content of {key}\n"
            self.client.put(key, data.encode())
            expect_equal(self.expect_mirror("cat", f"oss://{self.bucket}/{key}"), data, f"what cat prints of {key}")
            self.expect_mirror("rm", f"oss://{self.bucket}/{key}")
            expect(not self.client.exists(key), f"{key} is still there")


CASES = [
    Run.put_get_and_head, Run.ranged_get, Run.overwrite, Run.what_does_not_exist, Run.odd_keys, Run.long_listings,
    Run.copy, Run.delete, Run.presigned_urls, Run.presigned_urls_of_this_library, Run.wrong_secret,
    Run.mirror_refuses_a_wrong_secret,
    Run.mirror_brings_back_what_the_client_sent, Run.the_client_reads_what_mirror_sent,
    Run.mirror_and_client_list_alike, Run.mirror_prints_and_deletes_what_the_client_sent, *feature_cases.CASES,
]


def sample_tree():
    tree = {name: content(name, 1 + len(name) * 37) for name in ODD_NAMES}
    tree["empty"] = b""
    tree["deep/" * 20 + "file"] = b"deep"
    tree["sizes/one mebibyte"] = content("1m", 1 << 20)
    tree["sizes/thirteen mebibytes and one"] = content("13m", 13 * (1 << 20) + 1)
    tree["sizes/zeros"] = bytes(300_000)
    for index in range(300):
        tree[f"many/{index % 10}/{index:03}.bin"] = content(f"many{index}", index * 11)
    return tree


def write_tree(folder, tree):
    for name, data in tree.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def read_tree(folder):
    tree = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                tree[os.path.relpath(path, folder)] = file.read()
    return tree


def expect_equal_trees(actual, expected):
    expect_equal(by_bytes(expected.keys() - actual.keys()), [], "what is missing")
    expect_equal(by_bytes(actual.keys() - expected.keys()), [], "what is too much")
    expect_equal([name for name in by_bytes(expected) if actual[name] != expected[name]], [], "what differs")


def bucket_name(client, version):
    return f"interop-{client.name}-{version}"


class Results:
    """Prints the result of each case and counts them."""

    def __init__(self, setting):
        self.setting = setting
        self.passed = self.failed = 0

    def add(self, name, case):
        """Runs a case if it was requested, and returns its value."""
        if self.setting.only not in name:
            return None
        try:
            value = case()
        except Exception as error:
            self.failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            if self.setting.verbose:
                traceback.print_exc()
            return None
        self.passed += 1
        print(f"ok {name}", flush=True)
        return value


def run_cases(setting, results):
    """Runs the cases with each client and each version of the signature."""
    server = Server(setting.server, [bucket_name(client, version) for client in CLIENTS for version in VERSIONS])
    setting.endpoint = server.endpoint
    try:
        for client in CLIENTS:
            for version in VERSIONS:
                run = Run(setting, client, version)
                for case in CASES:
                    name = f"{client.name} {version}: {case.__name__.replace('_', ' ')}"
                    results.add(name, lambda: case(run))
    finally:
        server.stop()


def compare_recordings(setting, results):
    """Records the requests of the clients for each operation, and compares or replaces the fixture."""
    server = Server(setting.server, ["photos", "archive"], "--cname", "a.example.com=photos")
    recorded = {}

    def case(scene):
        requests = recordings.record(scene, server.endpoint, REGION, KEY_ID, SECRET)
        if setting.record:
            recorded[scene.__name__] = requests
        else:
            recordings.check(scene, requests)

    try:
        for scene in recordings.SCENES:
            results.add(f"recorded requests: {scene.__name__.replace('_', ' ')}", lambda: case(scene))
    finally:
        server.stop()
    if setting.record and not results.failed:
        recordings.store(recorded)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--ossmirror", required=True)
    parser.add_argument("--presigning", required=True)
    parser.add_argument("--only", default="", help="run the cases that have this in their name")
    parser.add_argument("--record", action="store_true", help="replace the fixture of recorded requests")
    parser.add_argument("--verbose", action="store_true", help="show where a case failed")
    setting = parser.parse_args()
    # oss2 logs every refusal that a case provokes.
    logging.disable(logging.CRITICAL)
    setting.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    setting.home = tempfile.mkdtemp(prefix="interop-")
    results = Results(setting)
    try:
        if not setting.record:
            run_cases(setting, results)
        compare_recordings(setting, results)
    finally:
        shutil.rmtree(setting.home, ignore_errors=True)
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed or not results.passed else 0


if __name__ == "__main__":
    sys.exit(main())
