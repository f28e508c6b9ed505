"""Aliyun's two Python clients behind one face, so that every case runs with both."""

import datetime

import alibabacloud_oss_v2 as oss
import oss2

from features_oss2 import OSS2Features
from features_v2 import V2Features
from refused import Refused


class OSS2(OSS2Features):
    """oss2, the client that most programs use."""

    name = "oss2"

    def __init__(self, endpoint, region, bucket, key_id, secret, version):
        auth = oss2.AuthV4(key_id, secret) if version == "v4" else oss2.Auth(key_id, secret)
        self.bucket = oss2.Bucket(auth, endpoint, bucket, region=region, connect_timeout=20)

    def call(self, operation, *arguments, **options):
        try:
            return operation(*arguments, **options)
        except oss2.exceptions.OssError as error:
            # What a HEAD brings back has no body; the client then has no code for it.
            raise Refused(error.status, error.code) from error

    def put(self, key, data, content_type=None, metadata=None):
        headers = {f"x-oss-meta-{name}": value for name, value in (metadata or {}).items()}
        if content_type:
            headers["Content-Type"] = content_type
        return unquoted(self.call(self.bucket.put_object, key, data, headers=headers).etag)

    def get(self, key, first=None, last=None):
        """The bytes, and the status of the reply."""
        byte_range = None if first is None and last is None else (first, last)
        result = self.call(self.bucket.get_object, key, byte_range=byte_range)
        return result.read(), result.status

    def head(self, key):
        result = self.call(self.bucket.head_object, key)
        metadata = {
            name.lower()[len("x-oss-meta-"):]: value
            for name, value in result.headers.items()
            if name.lower().startswith("x-oss-meta-")
        }
        return {
            "size": result.content_length, "etag": unquoted(result.etag), "type": result.content_type,
            "metadata": metadata,
        }

    def exists(self, key):
        return self.call(self.bucket.object_exists, key)

    def list_by_marker(self, prefix, delimiter="", page=1000):
        """Keys, common prefixes, and the number of pages it took."""
        keys, prefixes, pages, marker = [], [], 0, ""
        while True:
            result = self.call(
                self.bucket.list_objects, prefix=prefix, delimiter=delimiter, marker=marker, max_keys=page)
            pages += 1
            keys += [entry.key for entry in result.object_list]
            prefixes += result.prefix_list
            if not result.is_truncated:
                return keys, prefixes, pages
            marker = result.next_marker

    def list_by_token(self, prefix, delimiter="", page=1000):
        keys, prefixes, pages, token = [], [], 0, ""
        while True:
            result = self.call(
                self.bucket.list_objects_v2, prefix=prefix, delimiter=delimiter, continuation_token=token,
                max_keys=page)
            pages += 1
            keys += [entry.key for entry in result.object_list]
            prefixes += result.prefix_list
            if not result.is_truncated:
                return keys, prefixes, pages
            token = result.next_continuation_token

    def copy(self, source, target):
        return unquoted(self.call(self.bucket.copy_object, self.bucket.bucket_name, source, target).etag)

    def delete(self, key):
        self.call(self.bucket.delete_object, key)

    def delete_many(self, keys):
        return self.call(self.bucket.batch_delete_objects, keys).deleted_keys

    def presigned_get(self, key):
        return self.bucket.sign_url("GET", key, 600, slash_safe=True)

    def presigned_put(self, key, content_type=None):
        headers = {"Content-Type": content_type} if content_type else {}
        return self.bucket.sign_url("PUT", key, 600, headers=headers, slash_safe=True)


class V2(V2Features):
    """alibabacloud-oss-v2, its successor."""

    name = "alibabacloud-oss-v2"

    def __init__(self, endpoint, region, bucket, key_id, secret, version):
        config = oss.config.load_default()
        config.credentials_provider = oss.credentials.StaticCredentialsProvider(key_id, secret)
        config.endpoint = endpoint
        config.region = region
        config.signature_version = version
        # A refusal is what some cases wait for: it need not be repeated.
        config.retry_max_attempts = 1
        self.client = oss.Client(config)
        self.bucket = bucket

    def call(self, operation, *arguments, **options):
        try:
            return operation(*arguments, **options)
        except oss.exceptions.OperationError as error:
            cause = error.unwrap()
            if isinstance(cause, oss.exceptions.ServiceError):
                raise Refused(cause.status_code, cause.code) from error
            raise

    def put(self, key, data, content_type=None, metadata=None):
        request = oss.PutObjectRequest(
            bucket=self.bucket, key=key, body=data, content_type=content_type, metadata=metadata)
        return unquoted(self.call(self.client.put_object, request).etag)

    def get(self, key, first=None, last=None):
        byte_range = None
        if first is not None or last is not None:
            byte_range = f"bytes={'' if first is None else first}-{'' if last is None else last}"
        request = oss.GetObjectRequest(bucket=self.bucket, key=key, range_header=byte_range)
        result = self.call(self.client.get_object, request)
        with result.body as body:
            return body.read(), result.status_code

    def head(self, key):
        result = self.call(self.client.head_object, oss.HeadObjectRequest(bucket=self.bucket, key=key))
        return {
            "size": result.content_length, "etag": unquoted(result.etag), "type": result.content_type,
            "metadata": {name.lower(): value for name, value in (result.metadata or {}).items()},
        }

    def exists(self, key):
        return self.call(self.client.is_object_exist, self.bucket, key)

    def list_by_marker(self, prefix, delimiter=None, page=1000):
        keys, prefixes, pages, marker = [], [], 0, None
        while True:
            result = self.call(
                self.client.list_objects,
                oss.ListObjectsRequest(
                    bucket=self.bucket, prefix=prefix, delimiter=delimiter, marker=marker, max_keys=page,
                    encoding_type="url"))
            pages += 1
            keys += [entry.key for entry in result.contents or []]
            prefixes += [entry.prefix for entry in result.common_prefixes or []]
            if not result.is_truncated:
                return keys, prefixes, pages
            marker = result.next_marker

    def list_by_token(self, prefix, delimiter=None, page=1000):
        keys, prefixes, pages, token = [], [], 0, None
        while True:
            result = self.call(
                self.client.list_objects_v2,
                oss.ListObjectsV2Request(
                    bucket=self.bucket, prefix=prefix, delimiter=delimiter, continuation_token=token, max_keys=page,
                    encoding_type="url"))
            pages += 1
            keys += [entry.key for entry in result.contents or []]
            prefixes += [entry.prefix for entry in result.common_prefixes or []]
            if not result.is_truncated:
                return keys, prefixes, pages
            token = result.next_continuation_token

    def copy(self, source, target):
        request = oss.CopyObjectRequest(
            bucket=self.bucket, key=target, source_bucket=self.bucket, source_key=source)
        return unquoted(self.call(self.client.copy_object, request).etag)

    def delete(self, key):
        self.call(self.client.delete_object, oss.DeleteObjectRequest(bucket=self.bucket, key=key))

    def delete_many(self, keys):
        request = oss.DeleteMultipleObjectsRequest(
            bucket=self.bucket, objects=[oss.DeleteObject(key=key) for key in keys], encoding_type="url")
        return [entry.key for entry in self.call(self.client.delete_multiple_objects, request).deleted_objects or []]

    def presigned_get(self, key):
        request = oss.GetObjectRequest(bucket=self.bucket, key=key)
        return self.client.presign(request, expires=datetime.timedelta(seconds=600)).url

    def presigned_put(self, key, content_type=None):
        request = oss.PutObjectRequest(bucket=self.bucket, key=key, content_type=content_type)
        return self.client.presign(request, expires=datetime.timedelta(seconds=600)).url


def unquoted(etag):
    return etag.strip('"')
