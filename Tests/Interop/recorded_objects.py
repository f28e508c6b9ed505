"""The recorded operations on buckets, objects and the account."""

import base64

import oss2

UNTIL = "2030-01-01T00:00:00.000Z"
EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"

# Responses of SelectObject and CreateSelectObjectMeta: published frames without rows.
CSV_META = base64.b64encode(bytes.fromhex(
    "01800006000000250000000000000000000000000000000000000000000000c8000000010000000000000130000000182e46a93f70",
)).decode()
ROWS = base64.b64encode(bytes.fromhex(
    "0180000500000014000000000000000000000000" "0000000000000000000000c800000000")).decode()


def account(c):
    c("list_buckets", prefix="p", marker="p", max_keys=10, tag_key="team", tag_value="web", resource_group_id="rg-1")
    c("describe_regions")
    c("list_cloud_boxes", prefix="p")
    c("put_public_access_block", public_access_block_configuration={"block_public_access": True})
    c("get_public_access_block")
    c("delete_public_access_block")
    c("list_access_points", bucket=None)
    c("list_user_data_redundancy_transition")


def buckets(c):
    c("put_bucket", bucket="new-bucket", acl="private", resource_group_id="rg-1",
      create_bucket_configuration={"storage_class": "IA", "data_redundancy_type": "ZRS"})
    c("get_bucket_info", bucket="new-bucket")
    c("get_bucket_location", bucket="new-bucket")
    c("get_bucket_stat", bucket="new-bucket")
    c("put_bucket_acl", bucket="new-bucket", acl="public-read")
    c("get_bucket_acl", bucket="new-bucket")
    c("delete_bucket", bucket="new-bucket")


def objects(c):
    c("put_object", key="a b+c/ü%.txt", body=b"content", acl="private", storage_class="IA", content_type="text/x-test",
      cache_control="no-cache", content_disposition="inline", content_encoding="identity", expires=EPOCH,
      metadata={"author": "alice"}, tagging="a%20b=%C3%BC&c=", server_side_encryption="AES256", forbid_overwrite=True,
      traffic_limit=819200, request_payer="requester")
    c("get_object", key="a b+c/ü%.txt", range_header="bytes=1-3", if_modified_since=EPOCH,
      if_none_match='"0"', response_content_type="a/b", response_cache_control="no-store",
      response_content_disposition="attachment", response_content_language="en", response_expires="0")
    tag = c("head_object", key="a b+c/ü%.txt").etag
    c("head_object", key="a b+c/ü%.txt", if_match=tag, if_unmodified_since="Tue, 01 Jan 2030 00:00:00 GMT")
    c("get_object_meta", key="a b+c/ü%.txt")
    c("list_objects", prefix="a b+c/", delimiter="/", marker="a b+c/a", max_keys=7)
    c("list_objects_v2", prefix="a b+c/", delimiter="/", start_after="a b+c/a", max_keys=7, fetch_owner=True)
    c("delete_object", key="a b+c/ü%.txt")
    c("delete_multiple_objects", objects=[{"key": "a"}, {"key": "<&> \u00fc"}])


def copies(c):
    c("put_object", key="a b+c/ü%.txt", body=b"content", content_type="text/x-test")
    c("copy_object", key="copy", source_bucket="photos", source_key="a b+c/ü%.txt", storage_class="IA",
      metadata_directive="REPLACE", tagging_directive="Replace", content_type="text/x-copy",
      metadata={"author": "bob"}, tagging="a=b", forbid_overwrite=True)


def appends(c):
    c("append_object", key="log", position=0, body=b"one", content_type="text/plain", metadata={"author": "alice"})
    c("append_object", key="log", position=3, body=b"two")
    c("seal_append_object", key="log", position=6)


def multipart_uploads(c):
    upload = c.name(c("initiate_multipart_upload", key="large", content_type="text/x-test", storage_class="IA",
                      metadata={"author": "alice"}, tagging="a=b").upload_id, "upload")
    part = c("upload_part", key="large", upload_id=upload, part_number=1, body=b"content")
    c("list_parts", key="large", upload_id=upload, max_parts=1000)
    c("list_multipart_uploads", prefix="la", max_uploads=1000)
    c("complete_multipart_upload", key="large", upload_id=upload, forbid_overwrite=True,
      complete_multipart_upload={"parts": [{"part_number": 1, "etag": part.etag}]})
    c("put_object", key="a b", body=b"content", content_type="text/plain")
    aborted = c.name(c("initiate_multipart_upload", key="aborted", content_type="text/plain").upload_id, "aborted")
    c("upload_part_copy", key="aborted", upload_id=aborted, part_number=2, source_bucket="photos", source_key="a b",
      source_range="bytes=1-3")
    c("abort_multipart_upload", key="aborted", upload_id=aborted)


def versions(c):
    c("put_bucket_versioning", versioning_configuration={"status": "Enabled"})
    c("get_bucket_versioning")
    first = c.name(c("put_object", key="k", body=b"1", content_type="text/plain").version_id, "first")
    second = c.name(c("put_object", key="k", body=b"2", content_type="text/plain").version_id, "second")
    c("list_object_versions", prefix="k", delimiter="/", max_keys=7)
    c("get_object", key="k", version_id=first)
    c("head_object", key="k", version_id=first)
    c("get_object_meta", key="k", version_id=first)
    c("put_object_acl", key="k", version_id=first, acl="private")
    c("get_object_acl", key="k", version_id=first)
    c("put_object_tagging", key="k", version_id=first,
      tagging={"tag_set": {"tags": [{"key": "a b", "value": "ü"}]}})
    c("get_object_tagging", key="k", version_id=first)
    c("delete_object_tagging", key="k", version_id=first)
    c("delete_object", key="k", version_id=second)
    c("delete_multiple_objects", objects=[{"key": "k", "version_id": first}])


def object_settings(c):
    c("put_object", key="k", body=b"1", content_type="text/plain")
    c("put_object_acl", key="k", acl="public-read")
    c("get_object_acl", key="k")
    c("put_object_tagging", key="k", tagging={"tag_set": {"tags": [{"key": "a", "value": "b"}]}})
    c("get_object_tagging", key="k")
    c("delete_object_tagging", key="k")
    # This client sends a target as it is given; it has to be percent-encoded.
    c("put_symlink", key="link", target="a%20b%2F%C3%BC", acl="private", storage_class="IA",
      metadata={"author": "alice"}, forbid_overwrite=True)
    c("get_symlink", key="link")


def retention(c):
    c("put_bucket_versioning", versioning_configuration={"status": "Enabled"})
    c("put_bucket_object_worm_configuration", object_worm_configuration={
        "object_worm_enabled": "Enabled", "rule": {"default_retention": {"mode": "GOVERNANCE", "days": 3}}})
    c("get_bucket_object_worm_configuration")
    version = c.name(c("put_object", key="k", body=b"1", content_type="text/plain", object_worm_mode="GOVERNANCE",
                       object_worm_retain_until_date=UNTIL, object_worm_legal_hold="ON").version_id, "version")
    c("put_object_retention", key="k", version_id=version, bypass_governance_retention=True,
      retention={"mode": "GOVERNANCE", "retain_until_date": UNTIL})
    c("get_object_retention", key="k", version_id=version)
    c("put_object_legal_hold", key="k", version_id=version, legal_hold={"status": "OFF"})
    c("get_object_legal_hold", key="k", version_id=version)
    c("delete_object", key="k", version_id=version, bypass_governance_retention=True)


def archived_objects(c):
    c("put_object", key="cold", body=b"1", content_type="text/plain", storage_class="ColdArchive")
    c("restore_object", key="cold", restore_request={"days": 2, "job_parameters": {"tier": "Expedited"}})
    c("put_object", key="archive", body=b"1", content_type="text/plain", storage_class="Archive")
    c("restore_object", key="archive")
    c.refused("ArchiveRestoreNotFinished", "clean_restored_object", key="cold")


def cross_origin(c):
    c("put_bucket_cors", cors_configuration={"response_vary": True, "cors_rules": [{
        "allowed_origins": ["https://example.com"], "allowed_methods": ["GET", "PUT"],
        "allowed_headers": ["*"], "expose_headers": ["ETag"], "max_age_seconds": 60}]})
    c("get_bucket_cors")
    c("option_object", key="k", origin="https://example.com", access_control_request_method="PUT",
      access_control_request_headers="x-a, x-b")
    c("delete_bucket_cors")


def processing(c):
    c("put_object", key="k", body=b"a,b\n", content_type="text/plain")
    c.answer("ProcessObject", text='{"bucket":"photos","fileSize":1,"object":"d","status":"OK"}')
    c("process_object", key="k", process="image/resize,w_1|sys/saveas,o_ZA==")
    c.answer("AsyncProcessObject", text='{"EventId":"e","RequestId":"r","TaskId":"t"}')
    c("async_process_object", key="k", process="video/convert,f_avi")
    c.answer("ProcessObject", text="pixels", headers={"Content-Type": "image/png"})
    c("get_object", key="k", process="image/resize,w_1")


def selection(c):
    c("put_object", key="k", body=b"a,b\n", content_type="text/plain")
    text = {name: base64.b64encode(value).decode() for name, value in
            [("line", b"\n"), ("comma", b","), ("quote", b"'"), ("comment", b"#")]}
    csv = {"file_header_info": "Use", "record_delimiter": text["line"], "field_delimiter": text["comma"],
           "quote_character": text["quote"], "comment_character": text["comment"],
           "allow_quoted_record_delimiter": True}
    c.answer("CreateSelectObjectMeta", base64=CSV_META)
    c("create_select_object_meta", key="k", process="csv/meta", select_meta_request={
        "overwrite_if_exists": True, "input_serialization": {"compression_type": "None", "csv": csv}})
    c.answer("SelectObject", base64=ROWS)
    c("select_object", key="k", process="csv/select", select_request={
        "expression": base64.b64encode(b"select * from ossobject").decode(),
        "input_serialization": {"compression_type": "None", "csv": {**csv, "range": "line-range=0-9"}},
        "output_serialization": {
            "keep_all_columns": True, "output_header": True, "output_raw_data": False, "enable_payload_crc": True,
            "csv": {"record_delimiter": text["line"], "field_delimiter": text["comma"]}},
        "options": {"skip_partial_data_record": True, "max_skipped_records_allowed": 3}})
    c("select_object", key="k", process="json/select", select_request={
        "expression": base64.b64encode(b"select * from ossobject").decode(),
        "input_serialization": {"compression_type": "GZIP", "json": {
            "type": "LINES", "parse_json_number_as_string": True, "range": "split-range=0-1"}},
        "output_serialization": {"output_raw_data": False, "enable_payload_crc": True,
                                 "json": {"record_delimiter": text["line"]}}})


def written_responses(c):
    """WriteGetObjectResponse, which only oss2 has."""
    c.answer("WriteGetObjectResponse")
    c.recorder.operation = "WriteGetObjectResponse"
    service = oss2.Service(oss2.AuthV4(c.key_id, c.secret), c.endpoint, region=c.region)
    service.write_get_object_response(
        c.name(c.endpoint.removeprefix("http://"), "route"), "token", "200", b"content",
        headers={"x-oss-fwd-header-Content-Type": "text/plain", "x-oss-fwd-header-ETag": '"1"'})


SCENES = [
    account, buckets, objects, copies, appends, multipart_uploads, versions, object_settings, retention,
    archived_objects, cross_origin, processing, selection, written_responses,
]
