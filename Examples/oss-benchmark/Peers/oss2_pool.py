"""Transfers a folder with oss2 and a pool of processes: each process transfers one file at a time, in one request.

Arguments: upload|download|list ENDPOINT BUCKET SOURCE DESTINATION STATE CONCURRENCY
"""

import json
import multiprocessing
import os
import sys

import oss2

CHUNK = 100

task, endpoint, name, source, destination, _, concurrency = sys.argv[1:]


def connect():
    """Creates the client of a process: with an inherited one, the processes would share a connection."""
    global bucket
    auth = oss2.Auth(os.environ["OSS_ACCESS_KEY_ID"], os.environ["OSS_ACCESS_KEY_SECRET"])
    bucket = oss2.Bucket(auth, endpoint, name)


def files():
    for directory, _, names in os.walk(source):
        for file in names:
            path = os.path.join(directory, file)
            yield os.path.relpath(path, source), path


def keys():
    marker = ""
    while True:
        page = bucket.list_objects("", marker=marker, max_keys=1000)
        yield from (entry.key for entry in page.object_list)
        if not page.is_truncated:
            return
        marker = page.next_marker


def upload(item):
    bucket.put_object_from_file(*item)


def download(key):
    path = os.path.join(destination, key)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bucket.get_object_to_file(key, path)


connect()
items = list(files() if task == "upload" else keys())
if task != "list":
    # Closed and joined, so that the time of the processes is counted.
    pool = multiprocessing.Pool(int(concurrency), connect)
    pool.map(upload if task == "upload" else download, items, chunksize=CHUNK)
    pool.close()
    pool.join()
print(json.dumps({"files": len(items)}))
