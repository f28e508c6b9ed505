"""The requests that Aliyun's clients send for each operation, which the tests of this library compare with its own.

The fixture holds one scene a line and one request a line. The interop run records anew and fails if the fixture
differs; Tests/Interop/run --record replaces it.
"""

import json
import os
import urllib.request

import recorded_objects
import recorded_settings
from checks import expect_equal
from recorder import Caller, Recorder

FIXTURE = os.path.join(os.path.dirname(__file__), "../Support/TestKit/Fixtures/client_requests.json")
SCENES = recorded_objects.SCENES + recorded_settings.SCENES
DESCRIPTION = (
    "Requests of Aliyun's Python clients, written by Tests/Interop/run --record. Header fields that belong to the "
    "transport or the signature are left out; values that the server chose are in braces.")


def record(scene, server, region, key_id, secret):
    """Returns the requests of a scene, performed at a server with the buckets photos and archive."""

    def control(path, value=None):
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{server}/-/{path}", data=body, method="POST")
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()

    control("reset")
    recorder = Recorder(server)
    try:
        caller = Caller(recorder, control, "photos", region, key_id, secret)
        scene(caller)
        return [{name: caller.named(value) for name, value in request.items()} for request in recorder.requests]
    finally:
        recorder.stop()


def check(scene, requests):
    """Fails if the fixture has other requests for a scene."""
    with open(FIXTURE, encoding="utf-8") as file:
        stored = {entry["scene"]: entry["requests"] for entry in json.load(file)["vectors"]}
    expected = stored.get(scene.__name__)
    for index, (old, new) in enumerate(zip(expected or [], requests)):
        expect_equal(new, old, f"request {index} of the scene {scene.__name__}")
    expect_equal(len(requests), len(expected or []), f"the number of requests of the scene {scene.__name__}")
    expect_equal(set(stored), {scene.__name__ for scene in SCENES}, "the scenes in the fixture")


def store(scenes):
    """Replaces the fixture."""
    with open(FIXTURE, "w", encoding="utf-8") as file:
        file.write(text(scenes))


def text(scenes):
    lines = [f'{{"format":"client_requests","description":{json.dumps(DESCRIPTION)},"vectors":[']
    for index, (name, requests) in enumerate(scenes.items()):
        lines.append(f'{{"scene":{json.dumps(name)},"requests":[')
        rows = [json.dumps(request, ensure_ascii=False, separators=(",", ":")) for request in requests]
        lines.append(",\n".join(rows))
        lines.append("]}," if index < len(scenes) - 1 else "]}")
    return "\n".join(lines + ["]}", ""])
