"""The rest of alibabacloud-oss-v2's face: everything beyond single objects."""

import base64
import json
import urllib.parse
import xml.etree.ElementTree

import alibabacloud_oss_v2 as oss
from alibabacloud_oss_v2 import models

from refused import Refused


def encoded(members):
    return base64.b64encode(json.dumps(members).encode()).decode()


class V2Features:
    def create_bucket(self, acl=None):
        self.call(self.client.put_bucket, oss.PutBucketRequest(bucket=self.bucket, acl=acl))

    def delete_bucket(self):
        self.call(self.client.delete_bucket, oss.DeleteBucketRequest(bucket=self.bucket))

    def on(self, kind, **options):
        return kind(bucket=self.bucket, **options)

    # Multipart

    def begin(self, key):
        request = self.on(oss.InitiateMultipartUploadRequest, key=key)
        return self.call(self.client.initiate_multipart_upload, request).upload_id

    def part(self, key, upload, number, data):
        request = self.on(oss.UploadPartRequest, key=key, upload_id=upload, part_number=number, body=data)
        return self.call(self.client.upload_part, request).etag

    def copy_part(self, source, first, last, key, upload, number):
        request = self.on(
            oss.UploadPartCopyRequest, key=key, upload_id=upload, part_number=number, source_bucket=self.bucket,
            source_key=source, source_range=f"bytes={first}-{last}")
        return self.call(self.client.upload_part_copy, request).etag

    def parts(self, key, upload):
        result = self.call(self.client.list_parts, self.on(oss.ListPartsRequest, key=key, upload_id=upload))
        return [(part.part_number, part.size) for part in result.parts or []]

    def uploads(self, prefix):
        request = self.on(oss.ListMultipartUploadsRequest, prefix=prefix, encoding_type="url")
        result = self.call(self.client.list_multipart_uploads, request)
        return [(upload.key, upload.upload_id) for upload in result.uploads or []]

    def complete(self, key, upload, parts, callback=None):
        listed = oss.CompleteMultipartUpload(
            parts=[oss.UploadPart(part_number=number, etag=tag) for number, tag in parts])
        request = self.on(
            oss.CompleteMultipartUploadRequest, key=key, upload_id=upload, complete_multipart_upload=listed,
            callback=encoded(callback) if callback else None)
        result = self.call(self.client.complete_multipart_upload, request)
        return result.callback_result if callback else result.etag.strip('"')

    def abort(self, key, upload):
        self.call(
            self.client.abort_multipart_upload, self.on(oss.AbortMultipartUploadRequest, key=key, upload_id=upload))

    def checksum(self, key):
        return int(self.call(self.client.head_object, self.on(oss.HeadObjectRequest, key=key)).hash_crc64)

    def upload_file(self, key, path, part_size):
        uploader = self.client.uploader(part_size=part_size, parallel_num=3)
        self.call(uploader.upload_file, self.on(oss.PutObjectRequest, key=key), path)

    def download_file(self, key, path, part_size):
        downloader = self.client.downloader(part_size=part_size, parallel_num=3)
        self.call(downloader.download_file, self.on(oss.GetObjectRequest, key=key), path)

    # Single objects

    def append(self, key, position, data):
        request = self.on(oss.AppendObjectRequest, key=key, position=position, body=data)
        return int(self.call(self.client.append_object, request).next_position)

    def put_with_callback(self, key, data, callback, variables):
        request = self.on(
            oss.PutObjectRequest, key=key, body=data, callback=encoded(callback), callback_var=encoded(variables))
        result = self.call(self.client.put_object, request)
        # This client takes 203 for success.
        if result.status_code == 203:
            raise Refused(203, xml.etree.ElementTree.fromstring(result.callback_result).findtext("Code"))
        return result.callback_result

    def put_in_class(self, key, data, storage_class):
        self.call(
            self.client.put_object, self.on(oss.PutObjectRequest, key=key, body=data, storage_class=storage_class))

    def restore(self, key):
        return self.call(self.client.restore_object, self.on(oss.RestoreObjectRequest, key=key)).status_code

    def set_acl(self, key, acl):
        self.call(self.client.put_object_acl, self.on(oss.PutObjectAclRequest, key=key, acl=acl))

    def acl(self, key):
        return self.call(self.client.get_object_acl, self.on(oss.GetObjectAclRequest, key=key)).acl

    @staticmethod
    def tagging(tags):
        return oss.Tagging(tag_set=oss.TagSet(tags=[oss.Tag(key=key, value=value) for key, value in tags.items()]))

    @staticmethod
    def tag_dictionary(tag_set):
        return {tag.key: tag.value for tag in (tag_set.tags if tag_set else None) or []}

    def set_tags(self, key, tags):
        request = self.on(oss.PutObjectTaggingRequest, key=key, tagging=self.tagging(tags))
        self.call(self.client.put_object_tagging, request)

    def tags(self, key):
        result = self.call(self.client.get_object_tagging, self.on(oss.GetObjectTaggingRequest, key=key))
        return self.tag_dictionary(result.tag_set)

    def clear_tags(self, key):
        self.call(self.client.delete_object_tagging, self.on(oss.DeleteObjectTaggingRequest, key=key))

    def put_symlink(self, key, target):
        # This client sends a target as it is given, in a header.
        target = urllib.parse.quote(target, safe="")
        self.call(self.client.put_symlink, self.on(oss.PutSymlinkRequest, key=key, symlink_target=target))

    def symlink(self, key):
        result = self.call(self.client.get_symlink, self.on(oss.GetSymlinkRequest, key=key))
        return urllib.parse.unquote(result.target)

    # Versions

    def set_versioning(self, status):
        configuration = oss.VersioningConfiguration(status=status)
        self.call(
            self.client.put_bucket_versioning,
            self.on(oss.PutBucketVersioningRequest, versioning_configuration=configuration))

    def versioning(self):
        result = self.call(self.client.get_bucket_versioning, self.on(oss.GetBucketVersioningRequest))
        return result.version_status

    def versions(self, prefix, page=1000):
        found, key_marker, version_marker = [], None, None
        while True:
            request = self.on(
                oss.ListObjectVersionsRequest, prefix=prefix, key_marker=key_marker, version_id_marker=version_marker,
                max_keys=page, encoding_type="url")
            result = self.call(self.client.list_object_versions, request)
            found += [(entry.key, entry.version_id, False, entry.is_latest) for entry in result.version or []]
            found += [(entry.key, entry.version_id, True, entry.is_latest) for entry in result.delete_marker or []]
            if not result.is_truncated:
                return found
            key_marker, version_marker = result.next_key_marker, result.next_version_id_marker

    def get_version(self, key, version):
        request = self.on(oss.GetObjectRequest, key=key, version_id=version)
        with self.call(self.client.get_object, request).body as body:
            return body.read()

    def delete_versions(self, versions):
        objects = [oss.DeleteObject(key=key, version_id=version) for key, version in versions]
        request = self.on(oss.DeleteMultipleObjectsRequest, objects=objects, encoding_type="url")
        return len(self.call(self.client.delete_multiple_objects, request).deleted_objects or [])

    # The bucket

    def set_bucket_acl(self, acl):
        self.call(self.client.put_bucket_acl, self.on(oss.PutBucketAclRequest, acl=acl))

    def bucket_acl(self):
        return self.call(self.client.get_bucket_acl, self.on(oss.GetBucketAclRequest)).acl

    def stat(self):
        result = self.call(self.client.get_bucket_stat, self.on(oss.GetBucketStatRequest))
        return result.object_count, result.storage

    def info(self):
        result = self.call(self.client.get_bucket_info, self.on(oss.GetBucketInfoRequest)).bucket_info
        return result.name, result.storage_class, result.location

    def list_buckets(self, prefix):
        result = self.call(self.client.list_buckets, oss.ListBucketsRequest(prefix=prefix, max_keys=1000))
        return [entry.name for entry in result.buckets or []]

    def regions(self):
        result = self.call(self.client.describe_regions, oss.DescribeRegionsRequest())
        return [entry.region for entry in result.region_info]

    def retention(self, days, longer):
        states = []

        def note():
            result = self.call(self.client.get_bucket_worm, self.on(models.GetBucketWormRequest)).worm_configuration
            states.append((str(result.state), result.retention_period_in_days))

        def begin():
            configuration = models.InitiateWormConfiguration(retention_period_in_days=days)
            request = self.on(models.InitiateBucketWormRequest, initiate_worm_configuration=configuration)
            return self.call(self.client.initiate_bucket_worm, request).worm_id

        begin()
        note()
        self.call(self.client.abort_bucket_worm, self.on(models.AbortBucketWormRequest))
        worm = begin()
        self.call(self.client.complete_bucket_worm, self.on(models.CompleteBucketWormRequest, worm_id=worm))
        note()
        extension = models.ExtendWormConfiguration(retention_period_in_days=longer)
        request = self.on(models.ExtendBucketWormRequest, worm_id=worm, extend_worm_configuration=extension)
        self.call(self.client.extend_bucket_worm, request)
        note()
        return states

    def bind_domain(self, domain):
        configuration = models.BucketCnameConfiguration(cname=models.Cname(domain=domain))
        self.call(
            self.client.put_cname, self.on(models.PutCnameRequest, bucket_cname_configuration=configuration))

    def domain_tokens(self, domain):
        configuration = models.BucketCnameConfiguration(cname=models.Cname(domain=domain))
        request = self.on(models.CreateCnameTokenRequest, bucket_cname_configuration=configuration)
        made = self.call(self.client.create_cname_token, request).cname_token.token
        found = self.call(self.client.get_cname_token, self.on(models.GetCnameTokenRequest, cname=domain))
        return made, found.cname_token.token

    def set_cors(self, origin, methods):
        rule = models.CORSRule(
            allowed_origins=[origin], allowed_methods=methods, allowed_headers=["*"], max_age_seconds=60)
        configuration = models.CORSConfiguration(cors_rules=[rule])
        self.call(self.client.put_bucket_cors, self.on(models.PutBucketCorsRequest, cors_configuration=configuration))

    def configurations(self):
        """Name, put, get, what get then says, delete, and the code of what was never put or was deleted."""
        m, client = models, self.client

        def document(name, operation, request, member, value, view, expected, deletes=True, missing=None, **item):
            """The requests are called alike: Put…Request, Get…Request, Delete…Request."""
            def put():
                self.call(
                    getattr(client, f"put_{operation}"),
                    self.on(getattr(m, f"Put{request}Request"), **item, **{member: value}))

            def get():
                result = self.call(
                    getattr(client, f"get_{operation}"), self.on(getattr(m, f"Get{request}Request"), **item))
                return view(getattr(result, member))

            def delete():
                self.call(
                    getattr(client, f"delete_{operation}"), self.on(getattr(m, f"Delete{request}Request"), **item))

            return name, put, get, expected, delete if deletes else None, missing

        policy = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Principal": ["1"]}]})
        lifecycle = m.LifecycleConfiguration(
            rules=[
                m.LifecycleRule(
                    id="r", prefix="logs/", status="Enabled", expiration=m.LifecycleRuleExpiration(days=3))])
        cors = m.CORSConfiguration(
            cors_rules=[m.CORSRule(allowed_origins=["*"], allowed_methods=["GET", "PUT"], max_age_seconds=60)],
            response_vary=True)
        inventory = m.InventoryConfiguration(
            id="report", is_enabled=True, included_object_versions="All",
            destination=m.InventoryDestination(
                oss_bucket_destination=m.InventoryOSSBucketDestination(
                    format="CSV", account_id="1", role_arn="r", bucket=f"acs:oss:::{self.bucket}", prefix="p/")),
            schedule=m.InventorySchedule(frequency="Daily"))
        return [
            document(
                "lifecycle", "bucket_lifecycle", "BucketLifecycle", "lifecycle_configuration", lifecycle,
                lambda it: [(rule.id, rule.prefix, rule.expiration.days) for rule in it.rules], [("r", "logs/", 3)],
                missing="NoSuchLifecycle"),
            document(
                "cors", "bucket_cors", "BucketCors", "cors_configuration", cors,
                lambda it: (it.response_vary, [(rule.allowed_methods, rule.max_age_seconds) for rule in it.cors_rules]),
                (True, [(["GET", "PUT"], 60)]), missing="NoSuchCORSConfiguration"),
            document(
                "website", "bucket_website", "BucketWebsite", "website_configuration",
                m.WebsiteConfiguration(
                    index_document=m.IndexDocument(suffix="index.html"),
                    error_document=m.ErrorDocument(key="error.html", http_status=404)),
                lambda it: (it.index_document.suffix, it.error_document.http_status), ("index.html", 404),
                missing="NoSuchWebsiteConfiguration"),
            ("policy",
             lambda: self.call(client.put_bucket_policy, self.on(m.PutBucketPolicyRequest, body=policy)),
             lambda: json.loads(str(self.call(client.get_bucket_policy, self.on(m.GetBucketPolicyRequest)).body)),
             json.loads(policy),
             lambda: self.call(client.delete_bucket_policy, self.on(m.DeleteBucketPolicyRequest)),
             "NoSuchBucketPolicy"),
            document(
                "encryption", "bucket_encryption", "BucketEncryption", "server_side_encryption_rule",
                m.ServerSideEncryptionRule(
                    apply_server_side_encryption_by_default=m.ApplyServerSideEncryptionByDefault(
                        sse_algorithm="KMS", kms_data_encryption="SM4")),
                lambda it: it.apply_server_side_encryption_by_default.kms_data_encryption, "SM4",
                missing="NoSuchServerSideEncryptionRule"),
            document(
                "inventory", "bucket_inventory", "BucketInventory", "inventory_configuration", inventory,
                lambda it: (it.id, it.is_enabled, it.schedule.frequency), ("report", True, "Daily"),
                missing="NoSuchInventory", inventory_id="report"),
            document(
                "style", "style", "Style", "style", m.StyleContent(content="image/resize,p_10"),
                lambda it: it.content, "image/resize,p_10", missing="NoSuchStyle", style_name="small"),
            document(
                "tagging", "bucket_tags", "BucketTags", "tagging", self.tagging({"a": "1"}),
                lambda it: self.tag_dictionary(it.tag_set), {"a": "1"}, missing={}),
            document(
                "logging", "bucket_logging", "BucketLogging", "bucket_logging_status",
                m.BucketLoggingStatus(
                    logging_enabled=m.LoggingEnabled(target_bucket=self.bucket, target_prefix="log/")),
                lambda it: it.logging_enabled and it.logging_enabled.target_prefix, "log/", missing=None),
            document(
                "log fields", "user_defined_log_fields_config", "UserDefinedLogFieldsConfig",
                "user_defined_log_fields_configuration",
                m.UserDefinedLogFieldsConfiguration(header_set=m.LoggingHeaderSet(headers=["h1", "h2"])),
                lambda it: it.header_set.headers, ["h1", "h2"], missing="NoSuchUserDefinedLogFieldsConfig"),
            document(
                "overwriting", "bucket_overwrite_config", "BucketOverwriteConfig", "overwrite_configuration",
                m.OverwriteConfiguration(rules=[m.OverwriteRule(id="r", action="forbid", prefix="a")]),
                lambda it: [(rule.id, rule.action) for rule in it.rules], [("r", "forbid")],
                missing="NoSuchBucketOverwriteConfig"),
            document(
                "public access block", "bucket_public_access_block", "BucketPublicAccessBlock",
                "public_access_block_configuration", m.PublicAccessBlockConfiguration(block_public_access=True),
                lambda it: it.block_public_access, True, missing=False),
            document(
                "referer", "bucket_referer", "BucketReferer", "referer_configuration",
                m.RefererConfiguration(
                    allow_empty_referer=False, referer_list=m.RefererList(referers=["http://a"])),
                lambda it: (it.allow_empty_referer, it.referer_list.referers), (False, ["http://a"]), deletes=False),
            document(
                "transfer acceleration", "bucket_transfer_acceleration", "BucketTransferAcceleration",
                "transfer_acceleration_configuration", m.TransferAccelerationConfiguration(enabled=True),
                lambda it: it.enabled, True, deletes=False),
            document(
                "request payment", "bucket_request_payment", "BucketRequestPayment", "request_payment_configuration",
                m.RequestPaymentConfiguration(payer="Requester"), lambda it: str(it.payer), "Requester",
                deletes=False),
            document(
                "access monitor", "bucket_access_monitor", "BucketAccessMonitor", "access_monitor_configuration",
                m.AccessMonitorConfiguration(status="Enabled"), lambda it: str(it.status), "Enabled", deletes=False),
            document(
                "resource group", "bucket_resource_group", "BucketResourceGroup",
                "bucket_resource_group_configuration", m.BucketResourceGroupConfiguration(resource_group_id="rg-1"),
                lambda it: it.resource_group_id, "rg-1", deletes=False),
            document(
                "direct read of archives", "bucket_archive_direct_read", "BucketArchiveDirectRead",
                "archive_direct_read_configuration", m.ArchiveDirectReadConfiguration(enabled=True),
                lambda it: it.enabled, True, deletes=False),
            document(
                "HTTPS", "bucket_https_config", "BucketHttpsConfig", "https_configuration",
                m.HttpsConfiguration(tls=m.TLS(enable=True, tls_versions=["TLSv1.2"])),
                lambda it: (it.tls.enable, it.tls.tls_versions), (True, ["TLSv1.2"]), deletes=False),
        ]
