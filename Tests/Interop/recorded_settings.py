"""The recorded operations on the settings of a bucket."""

import datetime

DAY = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
POLICY = ('{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject"],"Principal":["1"],'
          '"Resource":["acs:oss:*:1:photos/*"]}]}')


def setting(c, name, verbs="put get delete", **members):
    """Stores, reads and deletes a setting; the members are those of the request that stores it."""
    item = {key: value for key, value in members.items() if isinstance(value, str) and key not in ("body", "category")}
    for verb in verbs.split():
        c(f"{verb}_{name}", **(members if verb == "put" else item))


def storage(c):
    transition = {"days": 30, "storage_class": "IA", "is_access_time": True, "return_to_std_when_visit": True,
                  "allow_small_file": False}
    setting(c, "bucket_lifecycle", lifecycle_configuration={"rules": [
        {"id": "r1", "prefix": "a/", "status": "Enabled", "tags": [{"key": "a", "value": "b"}],
         "filter": {"nots": [{"prefix": "a/b/", "tag": {"key": "c", "value": "d"}}]},
         "expiration": {"days": 400}, "transitions": [transition], "abort_multipart_upload": {"days": 7},
         "noncurrent_version_expiration": {"noncurrent_days": 90},
         "noncurrent_version_transitions": [{
             "noncurrent_days": 10, "storage_class": "IA", "is_access_time": True, "return_to_std_when_visit": True,
             "allow_small_file": False}]},
        {"id": "r2", "prefix": "b/", "status": "Disabled",
         "filter": {"object_size_greater_than": 1, "object_size_less_than": 9},
         "expiration": {"created_before_date": DAY},
         "transitions": [{"created_before_date": DAY, "storage_class": "Archive"}],
         "abort_multipart_upload": {"created_before_date": DAY}},
    ]})
    c("put_bucket_lifecycle", allow_same_action_overlap="true", lifecycle_configuration={
        "rules": [{"id": "r", "prefix": "", "status": "Enabled", "expiration": {"days": 1}}]})
    setting(c, "bucket_encryption", server_side_encryption_rule={"apply_server_side_encryption_by_default": {
        "sse_algorithm": "KMS", "kms_master_key_id": "k", "kms_data_encryption": "SM4"}})
    setting(c, "bucket_tags", tagging={"tag_set": {"tags": [{"key": "a", "value": "ü"}, {"key": "b", "value": "c"}]}})
    setting(c, "bucket_request_payment", "put get", request_payment_configuration={"payer": "Requester"})
    c("put_bucket_request_payment", request_payment_configuration={"payer": "BucketOwner"})
    setting(c, "bucket_transfer_acceleration", "put get", transfer_acceleration_configuration={"enabled": True})
    setting(c, "bucket_access_monitor", "put get", access_monitor_configuration={"status": "Enabled"})
    setting(c, "bucket_archive_direct_read", "put get", archive_direct_read_configuration={"enabled": True})
    setting(c, "bucket_resource_group", "put get",
            bucket_resource_group_configuration={"resource_group_id": "rg-1"})
    setting(c, "bucket_storage_quota", quota_configuration={"storage_quota": 1024, "mode": "Strict"})
    setting(c, "bucket_overwrite_config", overwrite_configuration={"rules": [{
        "id": "r", "action": "forbid", "prefix": "a", "suffix": "z", "principals": {"principals": ["1", "2"]}}]})


def access(c):
    setting(c, "bucket_policy", "put get", body=POLICY)
    c("get_bucket_policy_status")
    c("delete_bucket_policy")
    setting(c, "bucket_referer", "put get", referer_configuration={
        "allow_empty_referer": False, "allow_truncate_query_string": True, "truncate_path": True,
        "referer_list": {"referers": ["https://a", "https://*.b"]}, "referer_blacklist": {"referers": ["https://c"]}})
    setting(c, "bucket_https_config", "put get", https_configuration={
        "tls": {"enable": True, "tls_versions": ["TLSv1.2", "TLSv1.3"]},
        "cipher_suite": {"enable": True, "strong_cipher_suite": False,
                         "custom_cipher_suites": ["ECDHE-ECDSA-AES128-SHA256"],
                         "tls13_custom_cipher_suites": ["TLS_AES_128_GCM_SHA256"]}})
    setting(c, "bucket_public_access_block", public_access_block_configuration={"block_public_access": True})
    created = c("create_access_point", create_access_point_configuration={
        "access_point_name": "point", "network_origin": "vpc", "vpc_configuration": {"vpc_id": "vpc-1"}})
    assert created.alias, "an access point has an alias"
    c("get_access_point", access_point_name="point")
    c("list_access_points")
    setting(c, "access_point_policy", access_point_name="point", body=POLICY)
    setting(c, "access_point_public_access_block", access_point_name="point",
            public_access_block_configuration={"block_public_access": True})
    c("delete_access_point", access_point_name="point")


def logs_and_websites(c):
    setting(c, "bucket_logging", bucket_logging_status={"logging_enabled": {
        "target_bucket": "archive", "target_prefix": "l/", "logging_role": "role"}})
    setting(c, "user_defined_log_fields_config", user_defined_log_fields_configuration={
        "header_set": {"headers": ["h1", "h2"]}, "param_set": {"parameters": ["p"]}})
    key, value = {"key": "a", "value": "b"}, "text"
    setting(c, "bucket_website", website_configuration={
        "index_document": {"suffix": "index.html", "support_sub_dir": True, "type": 1},
        "error_document": {"key": "error.html", "http_status": 404},
        "routing_rules": {"routing_rules": [
            {"rule_number": 1,
             "condition": {"key_prefix_equals": "a/", "key_suffix_equals": ".z", "http_error_code_returned_equals": 404,
                           "include_headers": [{"key": "h", "equals": "e", "starts_with": "s", "ends_with": "t"}]},
             "redirect": {
                 "redirect_type": "Mirror", "mirror_url": "https://example.com/", "mirror_sni": True,
                 "mirror_follow_redirect": True, "mirror_check_md5": True, "mirror_pass_query_string": True,
                 "mirror_headers": {"pass_all": True, "passs": ["p"], "removes": ["r"], "sets": [key]},
                 "mirror_taggings": {"taggings": [key]},
                 "mirror_return_headers": {"return_headers": [key]},
                 "mirror_auth": {"auth_type": "S3V4", "region": "r", "access_key_id": "i", "access_key_secret": "s"},
                 "mirror_multi_alternates": {"mirror_multi_alternates": [{
                     "mirror_multi_alternate_number": 1, "mirror_multi_alternate_url": "https://alternate.example.com/",
                     "mirror_multi_alternate_vpc_id": value, "mirror_multi_alternate_dst_region": value}]}}},
            {"rule_number": 2, "condition": {"key_prefix_equals": "b/"},
             "redirect": {"redirect_type": "External", "protocol": "https", "host_name": "example.com",
                          "pass_query_string": True, "http_redirect_code": 302, "replace_key_prefix_with": "c/",
                          "enable_replace_prefix": True}},
            {"rule_number": 3, "condition": {"key_prefix_equals": "d/"}, "lua_config": {"script": "d.lua"},
             "redirect": {"redirect_type": "AliCDN", "protocol": "http", "replace_key_with": "e"}},
        ]}})


def inventories(c):
    setting(c, "bucket_inventory", "put get", inventory_id="report", inventory_configuration={
        "id": "report", "is_enabled": True, "included_object_versions": "All",
        "destination": {"oss_bucket_destination": {
            "format": "CSV", "account_id": "1", "role_arn": "acs:ram::1:role/r", "bucket": "acs:oss:::archive",
            "prefix": "i/", "encryption": {"sse_kms": {"key_id": "k"}}}},
        "schedule": {"frequency": "Weekly"},
        "filter": {"lower_size_bound": 1, "upper_size_bound": 9, "storage_class": "IA", "prefix": "a/",
                   "last_modify_begin_time_stamp": 1_600_000_000, "last_modify_end_time_stamp": 1_700_000_000},
        "optional_fields": {"fields": ["Size", "ETag"]},
        "incremental_inventory": {"is_enabled": True, "schedule": {"frequency": 600},
                                  "optional_fields": {"fields": ["Size"]}}})
    c("list_bucket_inventory")
    c("delete_bucket_inventory", inventory_id="report")


def styles(c):
    setting(c, "style", "put get", style_name="small", category="image", style={"content": "image/resize,p_50"})
    c("list_style")
    c("delete_style", style_name="small")


def domains(c):
    name = "a.example.com"
    domain = {"bucket_cname_configuration": {"cname": {"domain": name}}}
    c("create_cname_token", **domain)
    c("get_cname_token", cname=name)
    c("put_cname", bucket_cname_configuration={"cname": {
        "domain": name, "certificate_configuration": {
            "cert_id": "493****-cn-hangzhou", "certificate": "CERTIFICATE", "private_key": "KEY",
            "previous_cert_id": "493****-cn-beijing", "force": True, "delete_certificate": False}}})
    c("list_cname")
    c("delete_cname", **domain)


def replication(c):
    rule = c.name(c("put_bucket_replication", replication_configuration={"rules": [{
        "destination": {"bucket": "archive", "location": "oss-cn-beijing", "transfer_type": "oss_acc"},
        "historical_object_replication": "disabled", "sync_role": "role", "rtc": {"status": "disabled"},
        "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
        "encryption_configuration": {"replica_kms_key_id": "k"}, "prefix_set": {"prefixs": ["a/", "b/"]},
        "action": "ALL"}]}).headers["x-oss-replication-rule-id"], "rule")
    c("get_bucket_replication")
    c("get_bucket_replication_location")
    c("get_bucket_replication_progress", rule_id=rule)
    c("put_bucket_rtc", rtc_configuration={"id": rule, "rtc": {"status": "enabled"}})
    c("delete_bucket_replication", replication_rules={"ids": [rule]})


def transitions(c):
    task = c("create_bucket_data_redundancy_transition", target_redundancy_type="ZRS")
    task = c.name(task.bucket_data_redundancy_transition.task_id, "task")
    c("get_bucket_data_redundancy_transition", redundancy_transition_taskid=task)
    c("list_bucket_data_redundancy_transition")
    c("delete_bucket_data_redundancy_transition", redundancy_transition_taskid=task)


def bucket_retention(c):
    c("initiate_bucket_worm", initiate_worm_configuration={"retention_period_in_days": 3})
    c("get_bucket_worm")
    c("abort_bucket_worm")
    worm = c.name(c("initiate_bucket_worm", initiate_worm_configuration={
        "retention_period_in_days": 3}).worm_id, "worm")
    c("complete_bucket_worm", worm_id=worm)
    c("extend_bucket_worm", worm_id=worm, extend_worm_configuration={"retention_period_in_days": 4})


def metadata_tables(c):
    encryption = {"sse_algorithm": "KMS", "kms_key_arn": "k"}
    journal = {"record_expiration": {"expiration": "ENABLED", "days": 7}, "encryption_configuration": encryption}
    inventory = {"configuration_state": "ENABLED", "encryption_configuration": encryption}
    for name in ["CreateBucketMetadataConfiguration", "DeleteBucketMetadataConfiguration",
                 "UpdateBucketMetadataInventoryTableConfiguration", "UpdateBucketMetadataJournalTableConfiguration"]:
        c.answer(name)
    c.answer("GetBucketMetadataConfiguration", text="<GetBucketMetadataConfigurationResult/>")
    c("create_bucket_metadata_configuration", metadata_configuration={
        "journal_table_configuration": journal, "inventory_table_configuration": inventory})
    c("get_bucket_metadata_configuration")
    c("update_bucket_metadata_inventory_table_configuration", inventory_table_configuration=inventory)
    c("update_bucket_metadata_journal_table_configuration", journal_table_configuration=journal)
    c("delete_bucket_metadata_configuration")


def meta_queries(c):
    c("open_meta_query", mode="semantic")
    c("get_meta_query_status")
    c("do_meta_query", mode="semantic", meta_query={
        "max_results": 5, "query": '{"Field":"Size"}', "sort": "Size", "order": "asc",
        "aggregations": {"aggregations": [{"field": "Size", "operation": "sum"}]},
        "media_types": {"media_type": ["image"]}, "simple_query": "s"})
    c("close_meta_query")


def actions(c):
    # This client sends MetaQuery where the service expects metaQuery, which selects no operation.
    c.refused("OperationNotSupported", "do_meta_query_action", action="createDataset", body=b"<A/>")
    c.answer("GetDataPipelineConfiguration", text="<DataPipelineConfiguration/>")
    c("do_data_pipeline_action", action="getDataPipelineConfiguration", body=b"<A/>")


SCENES = [
    storage, access, logs_and_websites, inventories, styles, domains, replication, transitions, bucket_retention,
    metadata_tables, meta_queries, actions,
]
