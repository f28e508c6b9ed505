"""Reads manifests, and holds them to the API and to what the API's server would refuse besides."""

import pathlib

import kubernetes_validate
import yaml

# The first with backoffLimitPerIndex for everyone, the first where it is stable, and the latest that there is.
VERSIONS = ["1.29", "1.33", "1.37"]


def load(path, replacements=()):
    """The objects in a file, valid in all versions."""
    text = pathlib.Path(path).read_text()
    for old, new in replacements:
        assert old in text, f"{path} has no {old}"
        text = text.replace(old, new)
    documents = list(yaml.safe_load_all(text))
    for document in documents:
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)
        if document["kind"] == "Job":
            check_job(document["spec"])
    return documents


def check_job(spec):
    """What the schema does not say: how fields depend on one another."""
    pod = spec["template"]["spec"]
    names = {container["name"] for container in pod["containers"]}
    if "backoffLimitPerIndex" in spec:
        assert spec["completionMode"] == "Indexed" and pod["restartPolicy"] == "Never"
    if spec.get("completionMode") == "Indexed":
        assert 1 <= spec["completions"] <= 100_000 and spec["parallelism"] <= 100_000
    if "podFailurePolicy" in spec:
        assert pod["restartPolicy"] == "Never" and spec.get("podReplacementPolicy", "Failed") == "Failed"
        for rule in spec["podFailurePolicy"]["rules"]:
            assert rule["action"] in ("FailJob", "FailIndex", "Ignore", "Count")
            assert ("onExitCodes" in rule) != ("onPodConditions" in rule)
            assert rule["action"] != "FailIndex" or "backoffLimitPerIndex" in spec
            codes = rule.get("onExitCodes")
            if codes:
                assert codes["containerName"] in names and codes["operator"] in ("In", "NotIn")
                # In order, each once, and 0 is no failure.
                assert codes["values"] == sorted(set(codes["values"])) and (codes["operator"] == "NotIn" or 0 not in codes["values"])
            for condition in rule.get("onPodConditions", []):
                assert condition["status"] in ("True", "False", "Unknown"), "the status is a string"
    volumes = {volume["name"] for volume in pod.get("volumes", [])}
    for container in pod["containers"]:
        assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes
        assert all(isinstance(entry.get("value", ""), str) for entry in container.get("env", []))
    for constraint in pod.get("topologySpreadConstraints", []):
        labels = spec["template"]["metadata"]["labels"]
        assert constraint["labelSelector"]["matchLabels"].items() <= labels.items(), "it selects other pods"
