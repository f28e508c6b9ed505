"""The rest of oss2's face: everything beyond single objects."""

import base64
import json

import oss2
from oss2.models import (
    BatchDeleteObjectVersion, BatchDeleteObjectVersionList, BucketCors, BucketLifecycle, BucketLogging, BucketReferer,
    BucketTlsVersion, BucketVersioningConfig, BucketWebsite, CorsRule, InventoryBucketDestination,
    InventoryConfiguration, InventoryDestination, InventorySchedule, LifecycleExpiration, LifecycleRule, PartInfo,
    PutBucketCnameRequest, ReplicationRule, ServerSideEncryptionRule, Tagging, TaggingRule)


def encoded(members):
    return base64.b64encode(json.dumps(members).encode()).decode()


class OSS2Features:
    def create_bucket(self, acl=None):
        self.call(self.bucket.create_bucket, acl or oss2.BUCKET_ACL_PRIVATE)

    def delete_bucket(self):
        self.call(self.bucket.delete_bucket)

    # Multipart

    def begin(self, key):
        return self.call(self.bucket.init_multipart_upload, key).upload_id

    def part(self, key, upload, number, data):
        return self.call(self.bucket.upload_part, key, upload, number, data).etag

    def copy_part(self, source, first, last, key, upload, number):
        return self.call(
            self.bucket.upload_part_copy, self.bucket.bucket_name, source, (first, last), key, upload, number).etag

    def parts(self, key, upload):
        result = self.call(self.bucket.list_parts, key, upload)
        return [(part.part_number, part.size) for part in result.parts]

    def uploads(self, prefix):
        result = self.call(self.bucket.list_multipart_uploads, prefix=prefix)
        return [(upload.key, upload.upload_id) for upload in result.upload_list]

    def complete(self, key, upload, parts, callback=None):
        headers = {"x-oss-callback": encoded(callback)} if callback else None
        result = self.call(
            self.bucket.complete_multipart_upload, key, upload, [PartInfo(number, tag) for number, tag in parts],
            headers=headers)
        return result.resp.read() if callback else result.etag.strip('"')

    def abort(self, key, upload):
        self.call(self.bucket.abort_multipart_upload, key, upload)

    def checksum(self, key):
        return int(self.call(self.bucket.head_object, key).headers["x-oss-hash-crc64ecma"])

    def upload_file(self, key, path, part_size):
        self.call(
            oss2.resumable_upload, self.bucket, key, path, multipart_threshold=part_size, part_size=part_size,
            num_threads=3, store=oss2.ResumableStore(root=path + ".state"))

    def download_file(self, key, path, part_size):
        self.call(
            oss2.resumable_download, self.bucket, key, path, multiget_threshold=part_size, part_size=part_size,
            num_threads=3, store=oss2.ResumableDownloadStore(root=path + ".state"))

    # Single objects

    def append(self, key, position, data):
        return self.call(self.bucket.append_object, key, position, data).next_position

    def put_with_callback(self, key, data, callback, variables):
        headers = {"x-oss-callback": encoded(callback), "x-oss-callback-var": encoded(variables)}
        result = self.call(self.bucket.put_object, key, data, headers=headers)
        # This client takes 203 for success.
        self.call(self.check_callback, result)
        return result.resp.read()

    @staticmethod
    def check_callback(result):
        if result.status == 203:
            raise oss2.exceptions.make_exception(result.resp)

    def put_in_class(self, key, data, storage_class):
        self.call(self.bucket.put_object, key, data, headers={"x-oss-storage-class": storage_class})

    def restore(self, key):
        return self.call(self.bucket.restore_object, key).status

    def set_acl(self, key, acl):
        self.call(self.bucket.put_object_acl, key, acl)

    def acl(self, key):
        return self.call(self.bucket.get_object_acl, key).acl

    def set_tags(self, key, tags):
        rule = TaggingRule()
        for name, value in tags.items():
            rule.add(name, value)
        self.call(self.bucket.put_object_tagging, key, Tagging(rule))

    def tags(self, key):
        return dict(self.call(self.bucket.get_object_tagging, key).tag_set.tagging_rule)

    def clear_tags(self, key):
        self.call(self.bucket.delete_object_tagging, key)

    def put_symlink(self, key, target):
        self.call(self.bucket.put_symlink, target, key)

    def symlink(self, key):
        return self.call(self.bucket.get_symlink, key).target_key

    # Versions

    def set_versioning(self, status):
        self.call(self.bucket.put_bucket_versioning, BucketVersioningConfig(status))

    def versioning(self):
        return self.call(self.bucket.get_bucket_versioning).status

    def versions(self, prefix, page=1000):
        """Key, id, whether it is a delete marker and whether it is the latest, for every version."""
        found, key_marker, version_marker = [], "", ""
        while True:
            result = self.call(
                self.bucket.list_object_versions, prefix=prefix, key_marker=key_marker,
                versionid_marker=version_marker, max_keys=page)
            found += [(entry.key, entry.versionid, False, entry.is_latest) for entry in result.versions]
            found += [(entry.key, entry.versionid, True, entry.is_latest) for entry in result.delete_marker]
            if not result.is_truncated:
                return found
            key_marker, version_marker = result.next_key_marker, result.next_versionid_marker

    def get_version(self, key, version):
        return self.call(self.bucket.get_object, key, params={"versionId": version}).read()

    def delete_versions(self, versions):
        listed = BatchDeleteObjectVersionList([BatchDeleteObjectVersion(key, version) for key, version in versions])
        return len(self.call(self.bucket.delete_object_versions, listed).delete_versions)

    # The bucket

    def set_bucket_acl(self, acl):
        self.call(self.bucket.put_bucket_acl, acl)

    def bucket_acl(self):
        return self.call(self.bucket.get_bucket_acl).acl

    def stat(self):
        result = self.call(self.bucket.get_bucket_stat)
        return result.object_count, result.storage_size_in_bytes

    def info(self):
        result = self.call(self.bucket.get_bucket_info)
        return result.name, result.storage_class, result.location

    def list_buckets(self, prefix):
        service = oss2.Service(self.bucket.auth, self.bucket.endpoint, region=self.bucket.region)
        return [entry.name for entry in self.call(service.list_buckets, prefix=prefix, max_keys=1000).buckets]

    def regions(self):
        service = oss2.Service(self.bucket.auth, self.bucket.endpoint, region=self.bucket.region)
        return [entry.region for entry in self.call(service.describe_regions).regions]

    def retention(self, days, longer):
        """Begins a retention policy, aborts it, begins it again, locks and extends it: its states and lengths."""
        bucket, states = self.bucket, []

        def note():
            result = self.call(bucket.get_bucket_worm)
            states.append((result.worm_id, result.worm_state or result.state, int(result.retention_period_days)))

        self.call(bucket.init_bucket_worm, days)
        note()
        self.call(bucket.abort_bucket_worm)
        worm = self.call(bucket.init_bucket_worm, days).worm_id
        self.call(bucket.complete_bucket_worm, worm)
        note()
        self.call(bucket.extend_bucket_worm, worm, longer)
        note()
        return [(state, length) for _, state, length in states]

    def bind_domain(self, domain):
        self.call(self.bucket.put_bucket_cname, PutBucketCnameRequest(domain))

    def domain_tokens(self, domain):
        """The token made for a domain, and the one found afterwards."""
        made = self.call(self.bucket.create_bucket_cname_token, domain).token
        return made, self.call(self.bucket.get_bucket_cname_token, domain).token

    def set_cors(self, origin, methods):
        rule = CorsRule(allowed_origins=[origin], allowed_methods=methods, allowed_headers=["*"], max_age_seconds=60)
        self.call(self.bucket.put_bucket_cors, BucketCors([rule]))

    def configurations(self):
        """Name, put, get, what get then says, delete, and the code of what was never put or was deleted."""
        bucket, call = self.bucket, self.call
        name = bucket.bucket_name

        def lifecycle():
            rules = call(bucket.get_bucket_lifecycle).rules
            return [(rule.id, rule.prefix, rule.status, rule.expiration.days) for rule in rules]

        def cors():
            rules = call(bucket.get_bucket_cors).rules
            return [(rule.allowed_origins, rule.allowed_methods, rule.max_age_seconds) for rule in rules]

        def website():
            result = call(bucket.get_bucket_website)
            return result.index_file, result.error_file

        def encryption():
            result = call(bucket.get_bucket_encryption)
            return result.sse_algorithm, result.kms_data_encryption

        def logging():
            result = call(bucket.get_bucket_logging)
            return result.target_bucket, result.target_prefix

        def referer():
            result = call(bucket.get_bucket_referer)
            return result.allow_empty_referer, result.referers

        def inventory():
            result = call(bucket.get_bucket_inventory_configuration, "report")
            return result.inventory_id, result.is_enabled, result.inventory_schedule.frequency

        def https():
            result = call(bucket.get_bucket_https_config)
            return result.tls_enabled, result.tls_version

        def replication():
            rules = call(bucket.get_bucket_replication).rule_list
            return [(rule.rule_id, rule.target_bucket_name, rule.status) for rule in rules]

        tags = TaggingRule()
        tags.add("a", "1")
        report = InventoryConfiguration(
            inventory_id="report", is_enabled=True, included_object_versions="All",
            inventory_destination=InventoryDestination(
                InventoryBucketDestination("1", "acs:ram::1:role/r", name, "CSV", "p/")),
            inventory_schedule=InventorySchedule("Daily"))
        lifecycle_rule = LifecycleRule("r", "logs/", status="Enabled", expiration=LifecycleExpiration(days=3))
        copying = ReplicationRule(
            rule_id="copy", target_bucket_name="elsewhere", target_bucket_location="oss-cn-beijing")
        policy = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Principal": ["1"]}]})
        cors_rule = CorsRule(["*"], ["GET", "PUT"], ["x-*"], ["ETag"], 60)
        return [
            ("lifecycle", lambda: call(bucket.put_bucket_lifecycle, BucketLifecycle([lifecycle_rule])), lifecycle,
             [("r", "logs/", "Enabled", 3)], bucket.delete_bucket_lifecycle, "NoSuchLifecycle"),
            ("cors", lambda: call(bucket.put_bucket_cors, BucketCors([cors_rule])), cors,
             [(["*"], ["GET", "PUT"], 60)], bucket.delete_bucket_cors, "NoSuchCORSConfiguration"),
            ("website", lambda: call(bucket.put_bucket_website, BucketWebsite("index.html", "error.html")), website,
             ("index.html", "error.html"), bucket.delete_bucket_website, "NoSuchWebsiteConfiguration"),
            ("policy", lambda: call(bucket.put_bucket_policy, policy), lambda: call(bucket.get_bucket_policy).policy,
             policy, bucket.delete_bucket_policy, "NoSuchBucketPolicy"),
            ("encryption",
             lambda: call(bucket.put_bucket_encryption, ServerSideEncryptionRule("KMS", "key", "SM4")), encryption,
             ("KMS", "SM4"), bucket.delete_bucket_encryption, "NoSuchServerSideEncryptionRule"),
            ("inventory", lambda: call(bucket.put_bucket_inventory_configuration, report), inventory,
             ("report", True, "Daily"), lambda: bucket.delete_bucket_inventory_configuration("report"),
             "NoSuchInventory"),
            ("style", lambda: call(bucket.put_bucket_style, "small", "image/resize,p_10"),
             lambda: call(bucket.get_bucket_style, "small").content, "image/resize,p_10",
             lambda: bucket.delete_bucket_style("small"), "NoSuchStyle"),
            ("replication", lambda: call(bucket.put_bucket_replication, copying), replication,
             [("copy", "elsewhere", "starting")], lambda: bucket.delete_bucket_replication("copy"),
             [("copy", "elsewhere", "closing")]),
            ("tagging", lambda: call(bucket.put_bucket_tagging, Tagging(tags)),
             lambda: dict(call(bucket.get_bucket_tagging).tag_set.tagging_rule), {"a": "1"},
             bucket.delete_bucket_tagging, {}),
            ("logging", lambda: call(bucket.put_bucket_logging, BucketLogging(name, "log/")), logging,
             (name, "log/"), bucket.delete_bucket_logging, ("", "")),
            ("public access block", lambda: call(bucket.put_bucket_public_access_block, True),
             lambda: call(bucket.get_bucket_public_access_block).block_public_access, True,
             bucket.delete_bucket_public_access_block, False),
            ("referer", lambda: call(bucket.put_bucket_referer, BucketReferer(False, ["http://a"])), referer,
             (False, ["http://a"]), None, None),
            ("transfer acceleration", lambda: call(bucket.put_bucket_transfer_acceleration, "true"),
             lambda: call(bucket.get_bucket_transfer_acceleration).enabled, "true", None, None),
            ("request payment", lambda: call(bucket.put_bucket_request_payment, "Requester"),
             lambda: call(bucket.get_bucket_request_payment).payer, "Requester", None, None),
            ("access monitor", lambda: call(bucket.put_bucket_access_monitor, "Enabled"),
             lambda: call(bucket.get_bucket_access_monitor).access_monitor.status, "Enabled", None, None),
            ("resource group", lambda: call(bucket.put_bucket_resource_group, "rg-1"),
             lambda: call(bucket.get_bucket_resource_group).resource_group_id, "rg-1", None, None),
            ("direct read of archives", lambda: call(bucket.put_bucket_archive_direct_read, True),
             lambda: call(bucket.get_bucket_archive_direct_read).enabled, True, None, None),
            ("HTTPS", lambda: call(bucket.put_bucket_https_config, BucketTlsVersion(True, ["TLSv1.2"])), https,
             (True, ["TLSv1.2"]), None, None),
        ]
