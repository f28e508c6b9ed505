"""Transfers a folder with oss2, threads and resumable transfers, which transfer a large file in concurrent parts.

Arguments: upload|download|list ENDPOINT BUCKET SOURCE DESTINATION STATE CONCURRENCY
"""

import concurrent.futures
import json
import os
import sys

import oss2

THRESHOLD = 16 << 20
PART_SIZE = 8 << 20

task, endpoint, name, source, destination, state, concurrency = sys.argv[1:]
concurrency = int(concurrency)
oss2.defaults.connection_pool_size = concurrency
auth = oss2.Auth(os.environ["OSS_ACCESS_KEY_ID"], os.environ["OSS_ACCESS_KEY_SECRET"])
bucket = oss2.Bucket(auth, endpoint, name)


def files():
    for directory, _, names in os.walk(source):
        for file in names:
            path = os.path.join(directory, file)
            yield os.path.relpath(path, source), path


def upload(item):
    oss2.resumable_upload(
        bucket, *item, store=oss2.ResumableStore(root=state), multipart_threshold=THRESHOLD, part_size=PART_SIZE,
        num_threads=threads)


def download(key):
    path = os.path.join(destination, key)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    oss2.resumable_download(
        bucket, key, path, store=oss2.ResumableDownloadStore(root=state), multiget_threshold=THRESHOLD,
        part_size=PART_SIZE, num_threads=threads)


if task == "upload":
    items = list(files())
else:
    items = [entry.key for entry in oss2.ObjectIterator(bucket, max_keys=1000)]
if task != "list":
    # Few files share the threads among their parts.
    threads = max(1, concurrency // max(1, len(items)))
    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        for _ in pool.map(upload if task == "upload" else download, items):
            pass
print(json.dumps({"files": len(items)}))
