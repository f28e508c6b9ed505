"""The cases beyond single objects. Each takes the run that it is part of."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import http.server
import json
import os
import tempfile
import threading
import urllib.error
import urllib.request

from checks import content, crc64, expect, expect_equal, expect_refused

PART = 100 * 1024


def multipart_uploads(run):
    client = run.client
    data = [content("part 1", PART), content("part 2", PART), b"the end"]
    upload = client.begin("multipart/whole +%.bin")
    expect_equal(client.uploads("multipart/"), [("multipart/whole +%.bin", upload)], "the uploads")
    client.part("multipart/whole +%.bin", upload, 2, b"replaced")
    tags = [
        (number, client.part("multipart/whole +%.bin", upload, number, piece)) for number, piece in enumerate(data, 1)
    ]
    expect_equal(client.parts("multipart/whole +%.bin", upload), [(1, PART), (2, PART), (3, 7)], "the parts")
    etag = client.complete("multipart/whole +%.bin", upload, tags)
    expect(etag.endswith("-3"), f"the ETag of three parts is {etag}")
    expect_equal(client.get("multipart/whole +%.bin")[0], b"".join(data), "the object")
    expect_equal(client.uploads("multipart/"), [], "the uploads")

    upload = client.begin("multipart/copied")
    tags = [
        (1, client.copy_part("multipart/whole +%.bin", 0, PART - 1, "multipart/copied", upload, 1)),
        (2, client.copy_part("multipart/whole +%.bin", 2 * PART, 2 * PART + 6, "multipart/copied", upload, 2)),
    ]
    client.complete("multipart/copied", upload, tags)
    expect_equal(client.get("multipart/copied")[0], data[0] + data[2], "the object made of copies")

    upload = client.begin("multipart/aborted")
    tag = client.part("multipart/aborted", upload, 1, b"x")
    expect_refused("InvalidPart", 400, client.complete, "multipart/aborted", upload, [(1, "0" * 32)])
    client.abort("multipart/aborted", upload)
    expect_refused("NoSuchUpload", 404, client.part, "multipart/aborted", upload, 1, b"x")
    expect_refused("NoSuchUpload", 404, client.complete, "multipart/aborted", upload, [(1, tag)])
    upload = client.begin("multipart/small")
    tags = [(number, client.part("multipart/small", upload, number, b"x")) for number in (1, 2)]
    expect_refused("EntityTooSmall", 400, client.complete, "multipart/small", upload, tags)
    client.abort("multipart/small", upload)


def files_in_parts(run):
    data = content("file", 5 * PART + 17)
    with tempfile.TemporaryDirectory(dir=run.setting.home) as folder:
        source, target = os.path.join(folder, "source"), os.path.join(folder, "target")
        with open(source, "wb") as file:
            file.write(data)
        run.client.upload_file("files/中文.bin", source, PART)
        expect(run.client.head("files/中文.bin")["etag"].endswith("-6"), "it was not uploaded in six parts")
        run.client.download_file("files/中文.bin", target, PART)
        with open(target, "rb") as file:
            expect_equal(file.read(), data, "the file")


def mirrored_parts(run):
    """What ossmirror sends in parts is what the client expects, and what the client sends in parts comes back."""
    data = content("mirrored parts", 7 * PART + 29)
    in_parts = ["--multipart-threshold", "100K", "--part-size", "100K", "--state-dir", os.path.join(run.setting.home, "s")]
    with tempfile.TemporaryDirectory(dir=run.setting.home) as folder:
        source = os.path.join(folder, "up", "中文.bin")
        os.mkdir(os.path.dirname(source))
        with open(source, "wb") as file:
            file.write(data)
        run.expect_mirror("up", os.path.dirname(source), f"oss://{run.bucket}/parts/", *in_parts)
        pieces = [data[start:start + PART] for start in range(0, len(data), PART)]
        # The service hashes the parts' ETags as text.
        joined = "".join(hashlib.md5(piece).hexdigest().upper() for piece in pieces)
        etag = hashlib.md5(joined.encode()).hexdigest().upper() + f"-{len(pieces)}"
        expect_equal(run.client.head("parts/中文.bin")["etag"], etag, "the ETag")
        expect_equal(run.client.checksum("parts/中文.bin"), crc64(data), "the CRC-64")
        target = os.path.join(folder, "fetched by the client")
        run.client.download_file("parts/中文.bin", target, PART)
        with open(target, "rb") as file:
            expect_equal(file.read(), data, "the file that the client fetched")

        run.client.upload_file("parts back/+%.bin", source, PART)
        back = os.path.join(folder, "back")
        run.expect_mirror("down", f"oss://{run.bucket}/parts back/", back, *in_parts)
        with open(os.path.join(back, "+%.bin"), "rb") as file:
            expect_equal(file.read(), data, "the file that ossmirror fetched")
        run.expect_mirror("check", back, f"oss://{run.bucket}/parts back/")


def appends(run):
    client = run.client
    expect_equal(client.append("append", 0, b"one"), 3, "the next position")
    expect_equal(client.append("append", 3, b" two"), 7, "the next position")
    expect_refused("PositionNotEqualToLength", 409, client.append, "append", 3, b"x")
    expect_equal(client.get("append")[0], b"one two", "the object")
    client.put("append-not", b"x")
    expect_refused("ObjectNotAppendable", 409, client.append, "append-not", 1, b"x")


def versions(run):
    client = run.sibling("versions")
    client.create_bucket()
    expect(not client.versioning(), "a new bucket has versions")
    client.put("before", b"null version")
    client.set_versioning("Enabled")
    expect_equal(client.versioning(), "Enabled", "the versioning")
    for number in range(3):
        client.put("key +%", b"%d" % number)
    client.delete("key +%")
    expect_refused("NoSuchKey", 404, client.get, "key +%")
    listed = client.versions("key")
    stored = [version for _, version, is_marker, _ in listed if not is_marker]
    expect_equal([client.get_version("key +%", version) for version in stored], [b"2", b"1", b"0"], "the versions")
    markers = [version for _, version, is_marker, _ in listed if is_marker]
    expect_equal(len(markers), 1, "the number of delete markers")
    expect_equal([version for _, version, _, is_latest in listed if is_latest], markers, "the latest")
    expect_equal(sorted(client.versions("", page=2)), sorted(client.versions("")), "the listing in pages")
    expect_equal(client.delete_versions([("key +%", markers[0])]), 1, "what was deleted")
    expect_equal(client.get("key +%")[0], b"2", "the object under the delete marker")
    client.set_versioning("Suspended")
    client.put("key +%", b"null")
    expect_equal(client.get_version("key +%", "null"), b"null", "the null version")
    expect_equal(client.get_version("before", "null"), b"null version", "what was there before")
    expect_refused("BucketNotEmpty", 409, client.delete_bucket)
    client.delete_versions([(key, version) for key, version, _, _ in client.versions("")])
    expect_equal(client.versions(""), [], "what is left")
    client.delete_bucket()


def object_tags(run):
    client = run.client
    client.put("tags", b"x")
    expect_equal(client.tags("tags"), {}, "the tags")
    client.set_tags("tags", {"a": "1", "b c": "x/y=z", "empty": ""})
    expect_equal(
        {name: value or "" for name, value in client.tags("tags").items()},
        {"a": "1", "b c": "x/y=z", "empty": ""}, "the tags")
    client.clear_tags("tags")
    expect_equal(client.tags("tags"), {}, "the tags")
    expect_refused("NoSuchKey", 404, client.tags, "tags-missing")


def access_control(run):
    client = run.client
    client.put("acl", b"open")
    expect_equal(client.acl("acl"), "default", "the ACL of an object")
    url = f"{run.setting.endpoint}/{run.bucket}/acl"
    expect_equal(anonymous_status(run, url), 403, "the status without a signature")
    client.set_acl("acl", "public-read")
    expect_equal(client.acl("acl"), "public-read", "the ACL of an object")
    expect_equal(anonymous_status(run, url), 200, "the status without a signature")
    client.set_bucket_acl("public-read-write")
    expect_equal(client.bucket_acl(), "public-read-write", "the ACL of the bucket")
    client.set_bucket_acl("private")
    expect_equal(client.bucket_acl(), "private", "the ACL of the bucket")


def anonymous_status(run, url):
    try:
        with run.setting.opener.open(url) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def symlinks(run):
    client = run.client
    client.put("symlink/中文 target", b"there")
    client.put_symlink("symlink/link", "symlink/中文 target")
    expect_equal(client.symlink("symlink/link"), "symlink/中文 target", "the target")
    expect_equal(client.get("symlink/link")[0], b"there", "what is at the end of the link")
    client.delete("symlink/中文 target")
    expect_refused("SymlinkTargetNotExist", 404, client.get, "symlink/link")


def restores(run):
    client = run.client
    client.put("restore/standard", b"x")
    expect_refused("OperationNotSupported", 400, client.restore, "restore/standard")
    client.put_in_class("restore/archive", b"cold", "Archive")
    expect_refused("InvalidObjectState", 403, client.get, "restore/archive")
    expect_equal(client.restore("restore/archive"), 202, "the status of the first call")
    expect_refused("RestoreAlreadyInProgress", 409, client.restore, "restore/archive")


def configurations(run):
    client = run.sibling("documents")
    client.create_bucket()
    for name, put, get, expected, delete, missing in client.configurations():
        try:
            if isinstance(missing, str):
                expect_refused(missing, 404, get)
            put()
            expect_equal(get(), expected, "what was put")
            if delete:
                delete()
                if isinstance(missing, str):
                    expect_refused(missing, 404, get)
                elif missing is not None:
                    expect_equal(get(), missing, "what is left")
        except Exception as error:
            raise Exception(f"{name}: {error!r}") from error
    made, found = client.domain_tokens("img.example.com")
    expect_equal(found, made, "the token of the domain")
    expect_refused("NeedVerifyDomainOwnership", 403, client.bind_domain, "img.example.com")
    expect_equal(client.retention(30, 60), [("InProgress", 30), ("Locked", 30), ("Locked", 60)], "the retention")
    client.delete_bucket()


def buckets(run):
    client = run.sibling("bucket")
    client.create_bucket("public-read")
    expect_equal(client.bucket_acl(), "public-read", "the ACL of the bucket")
    expect(client.info()[0].endswith("-bucket"), "the bucket has another name")
    expect_equal(client.info()[1:], ("Standard", "oss-cn-hangzhou"), "what is known of the bucket")
    client.put("a", b"12345")
    client.put_in_class("b", b"123", "IA")
    expect_equal(client.stat(), (2, 8), "the statistics")
    expect(f"{run.bucket}-bucket" in client.list_buckets(run.bucket), "the bucket is not listed")
    expect("oss-cn-hangzhou" in client.regions(), "the region is not listed")
    expect_refused("BucketNotEmpty", 409, client.delete_bucket)
    client.delete_many(["a", "b"])
    client.delete_bucket()
    expect_refused("NoSuchBucket", 404, client.put, "a", b"x")


def cross_origin_requests(run):
    run.client.set_cors("https://*.example.com", ["GET"])
    run.client.put("cors", b"x")
    preflight = urllib.request.Request(
        f"{run.setting.endpoint}/{run.bucket}/cors", method="OPTIONS",
        headers={"Origin": "https://a.example.com", "Access-Control-Request-Method": "GET"})
    with run.setting.opener.open(preflight) as reply:
        expect_equal(reply.headers["Access-Control-Allow-Origin"], "https://a.example.com", "the origin allowed")
    request = urllib.request.Request(run.client.presigned_get("cors"), headers={"Origin": "https://b.example.com"})
    with run.setting.opener.open(request) as reply:
        expect_equal(reply.headers["Access-Control-Allow-Origin"], "https://b.example.com", "the origin allowed")
    preflight.add_header("Origin", "https://evil.com")
    try:
        run.setting.opener.open(preflight)
    except urllib.error.HTTPError as error:
        expect_equal(error.code, 403, "the status for another origin")
    else:
        raise Exception("another origin is allowed")


@contextlib.contextmanager
def callback_server(answer):
    """Answers every POST alike; gives its URL and the bodies that arrived."""
    bodies = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/callback", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def callbacks(run):
    client = run.client
    with callback_server(b'{"Status": "OK"}') as (url, bodies):
        callback = {"callbackUrl": url, "callbackBody": "key=${object}&size=${size}&who=${x:who}"}
        answer = client.put_with_callback("callback/a b", b"12345", callback, {"x:who": "me"})
        expect_equal(json.loads(answer), {"Status": "OK"}, "the answer")
        upload = client.begin("callback/multipart")
        tag = client.part("callback/multipart", upload, 1, b"123")
        answer = client.complete("callback/multipart", upload, [(1, tag)], callback)
        expect_equal(json.loads(answer), {"Status": "OK"}, "the answer")
        expected = ["key=callback%2Fa%20b&size=5&who=me", "key=callback%2Fmultipart&size=3&who="]
        expect_equal(bodies, expected, "what was posted")
    with callback_server(b"no json") as (url, _):
        callback = {"callbackUrl": url, "callbackBody": "x"}
        expect_refused("CallbackFailed", 203, client.put_with_callback, "callback/failed", b"x", callback, {})
        expect_equal(client.get("callback/failed")[0], b"x", "the object")


def forms(run):
    """Neither client makes forms; they are signed by hand here, and the client reads what they stored."""
    now = datetime.datetime.now(datetime.timezone.utc)
    expiration = (now + datetime.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    conditions = [{"bucket": run.bucket}, ["starts-with", "$key", "form/"], ["content-length-range", 1, 100_000]]
    fields = {"key": "form/${filename}", "success_action_status": "201", "x-oss-meta-author": "alice"}
    if run.version == "v4":
        day, date = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
        scope = [day, "cn-hangzhou", "oss", "aliyun_v4_request"]
        pinned = {
            "x-oss-signature-version": "OSS4-HMAC-SHA256", "x-oss-date": date,
            "x-oss-credential": "/".join([run.key_id, *scope]),
        }
        fields.update(pinned)
        conditions += [{name: value} for name, value in pinned.items()]
    policy = base64.b64encode(json.dumps({"expiration": expiration, "conditions": conditions}).encode())
    fields["policy"] = policy.decode()
    if run.version == "v4":
        key = b"aliyun_v4" + run.secret.encode()
        for part in scope:
            key = hmac.digest(key, part.encode(), "sha256")
        fields["x-oss-signature"] = hmac.digest(key, policy, "sha256").hex()
    else:
        fields["OSSAccessKeyId"] = run.key_id
        fields["Signature"] = base64.b64encode(hmac.digest(run.secret.encode(), policy, "sha1")).decode()

    data = content("form", 50_000)
    with post_form(run, fields, data) as reply:
        expect_equal(reply.status, 201, "the status")
        expect(b"<Key>form/a b.bin</Key>" in reply.read(), "the key is another")
    expect_equal(run.client.get("form/a b.bin")[0], data, "the object")
    head = run.client.head("form/a b.bin")
    expect_equal((head["type"], head["metadata"]), ("text/x-interop", {"author": "alice"}), "what HEAD says")
    for change, code in [
        ({"key": "other/x"}, b"AccessDenied"), ({"policy": fields["policy"][:-8]}, b"SignatureDoesNotMatch"),
    ]:
        try:
            post_form(run, {**fields, **change}, data)
        except urllib.error.HTTPError as error:
            expect(b"<Code>" + code + b"</Code>" in error.read(), f"it is not refused with {code}")
        else:
            raise Exception(f"it is not refused with {code}")
    try:
        post_form(run, fields, content("form", 100_001))
    except urllib.error.HTTPError as error:
        expect(b"<Code>EntityTooLarge</Code>" in error.read(), "a file that is too large is not refused so")


def post_form(run, fields, data):
    boundary = "interop-boundary"
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items())
    body += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a b.bin"\r\n'
        "Content-Type: text/x-interop\r\n\r\n").encode() + data + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{run.setting.endpoint}/{run.bucket}/", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"},
        method="POST")
    return run.setting.opener.open(request)


CASES = [
    multipart_uploads, files_in_parts, mirrored_parts, appends, versions, object_tags, access_control, symlinks,
    restores, configurations, buckets, cross_origin_requests, callbacks, forms,
]
