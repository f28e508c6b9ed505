"""The screenshot of the page in the documentation."""

import pathlib
import shutil
import struct
import zlib

from browser import Browser, MockServer, wait_until


def picture(width=320, height=200):
    """Returns a PNG with a gradient."""
    rows = b"".join(
        b"\0" + bytes(channel for x in range(width) for channel in (40 + x * 190 // width, 70 + y * 120 // height, 150))
        for y in range(height))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def write(program, path, is_dark=False, width=1100, height=1050, preview=False):
    """Fills a server, and writes the screenshot of its page."""
    arguments = ["--bucket", "photos", "--bucket", "site", "--access-key-id", "test", "--access-key-secret", "secret"]
    with MockServer(program, *arguments) as server, Browser(width, height) as browser:
        browser.use_dark_mode(is_dark)
        objects = [
            ("2026/harbor.png", picture(), "image/png"), ("2026/notes.txt", b"Taken from the pier.\n" * 40, "text/plain"),
            ("albums/spring/one.jpg", b"x" * 48_000, "image/jpeg"), ("cover.png", picture(), "image/png"),
            ("index.json", b'{"albums": ["spring"]}\n', "application/json"),
            ("readme.txt", "Grüße aus 上海\n".encode() * 30, "text/plain"), ("video.mp4", b"x" * 5_300_000, "video/mp4"),
        ]
        for key, data, kind in objects:
            server.send("PUT", "photos", key, body=data, headers={"Content-Type": kind})
        server.control("POST", "faults", [
            {"action": "respond", "status": 503, "code": "ServerBusy", "operation": "PutObject", "times": 2},
            {"action": "truncateBody", "bytes": 1000, "operation": "GetObject", "key": "video.mp4", "times": 3},
            {"action": "delay", "milliseconds": 2000, "operation": "ListObjectsV2", "times": 0},
        ])
        server.control("PATCH", "faults/3", {"isEnabled": False})
        def attempt(*arguments, **parameters):
            try:
                server.send(*arguments, **parameters)
            except OSError:
                pass
            except Exception:  # A truncated body.
                pass
        for _ in range(3):
            attempt("PUT", "photos", "upload.bin", body=b"x" * 90_000)
        attempt("GET", "photos", "video.mp4")
        attempt("GET", "photos", "readme.txt")
        for target in ["/photos/readme.txt", "/photos/a?OSSAccessKeyId=test&Expires=9999999999&Signature=AAAA"]:
            try:
                server._open("GET", target)
            except OSError:
                pass
        attempt("GET", "photos", query={"list-type": "2"})
        browser.open(server.endpoint + "/-/#photos/")
        browser.wait_for("#connection.live")
        browser.wait_for("#log tr")
        browser.wait_for("#entries tr")
        if preview:
            browser.click('[data-key="cover.png"]')
            browser.wait_for("#preview img")
        browser.run("await document.fonts.ready; await new Promise(r => setTimeout(r, 300));")
        browser.screenshot(path)
