"""Transfers a folder with alibabacloud-oss-v2 and threads: its uploader and downloader transfer large files in parts.

Arguments: upload|download|list ENDPOINT BUCKET SOURCE DESTINATION STATE CONCURRENCY
"""

import concurrent.futures
import json
import os
import sys

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2.transport import RequestsHttpClient

PART_SIZE = 8 << 20

task, endpoint, bucket, source, destination, _, concurrency = sys.argv[1:]
concurrency = int(concurrency)
config = oss.config.load_default()
config.credentials_provider = oss.credentials.StaticCredentialsProvider(
    os.environ["OSS_ACCESS_KEY_ID"], os.environ["OSS_ACCESS_KEY_SECRET"])
config.endpoint = endpoint
config.region = "cn-hangzhou"
config.http_client = RequestsHttpClient(max_connections=concurrency)
client = oss.Client(config)


def files():
    for directory, _, names in os.walk(source):
        for file in names:
            path = os.path.join(directory, file)
            yield os.path.relpath(path, source), path


def keys():
    request = oss.ListObjectsV2Request(bucket=bucket, max_keys=1000)
    for page in client.list_objects_v2_paginator().iter_page(request):
        yield from (entry.key for entry in page.contents or [])


def upload(item):
    uploader.upload_file(oss.PutObjectRequest(bucket=bucket, key=item[0]), item[1])


def download(key):
    path = os.path.join(destination, key)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    downloader.download_file(oss.GetObjectRequest(bucket=bucket, key=key), path)


items = list(files() if task == "upload" else keys())
if task != "list":
    # Few files share the threads among their parts.
    threads = max(1, concurrency // max(1, len(items)))
    uploader = client.uploader(part_size=PART_SIZE, parallel_num=threads)
    downloader = client.downloader(part_size=PART_SIZE, parallel_num=threads)
    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        for _ in pool.map(upload if task == "upload" else download, items):
            pass
print(json.dumps({"files": len(items)}))
