"""Mirrors a folder up and down with the Jobs of Docs/Scaling, and compares. Run it with .ci/run-kubernetes-job."""

import argparse
import copy
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import cluster as kubernetes
import manifest

SCALING = pathlib.Path(__file__).resolve().parent.parent.parent / "Docs/Scaling"
REGION, KEY_ID, SECRET = "cn-hangzhou", "kubernetes", "kubernetes-secret"
USER = 1000


def expect(condition, message):
    if not condition:
        sys.exit(f"run-kubernetes-job: {message}")


def make_tree(folder):
    random.seed(2)
    for number in range(1000):
        path = folder.joinpath(*random.choices(["a", "b b", "文件夹", "d.e"], k=random.randrange(4)), f"file {number}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.randbytes(random.choice([0, 1, 100, 20_000])))
    folder.joinpath("large").write_bytes(random.randbytes(40 << 20))


class Run:
    def __init__(self, work, server, ossmirror):
        # First: what is refused here must not leave a server behind.
        manifest.load(SCALING / "kubernetes-storage.yaml")
        (self.job,) = manifest.load(SCALING / "kubernetes-job.yaml")
        self.work, self.ossmirror = pathlib.Path(work), ossmirror
        image = self.folder("image")
        shutil.copy(ossmirror, image)
        self.cluster = kubernetes.Cluster(self.folder("pods"), image)
        self.cluster.claims = {"tree": self.folder("tree"), "ossmirror-work": self.folder("work", USER)}
        # As `kubectl create configmap --from-file` would.
        self.cluster.config_maps = {"ossmirror-scripts": self.folder("scripts")}
        shutil.copy(SCALING / "combine-reports.py", self.folder("scripts"))
        self.server = subprocess.Popen(
            [server, "--bucket", "photos", "--access-key-id", KEY_ID, "--access-key-secret", SECRET],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.endpoint = self.server.stdout.readline().removeprefix("listening on ").strip()
        self.credentials = {"OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": SECRET, "OSS_ENDPOINT": self.endpoint}
        self.cluster.secrets = {"ossmirror-credentials": self.credentials}

    def folder(self, name, owner=0):
        folder = self.work / name
        folder.mkdir(exist_ok=True)
        os.chown(folder, owner, owner)
        return folder

    def control(self, method, path, body=None):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        data = json.dumps(body).encode() if body is not None else None
        return json.load(opener.open(urllib.request.Request(f"{self.endpoint}/-/{path}", data, method=method)))

    def alone(self, *arguments):
        """Runs ossmirror as it runs on one machine."""
        return subprocess.run(
            [self.ossmirror, *arguments], env={**os.environ, **self.credentials, "OSS_REGION": REGION}
        ).returncode

    def mirror(self, what, job=None):
        """Runs the Job and the one that combines its reports, and returns both the run and the report."""
        began = time.monotonic()
        run = self.cluster.run(job or self.job)
        (combine,) = manifest.load(SCALING / "kubernetes-combine.yaml", [("THE-RUN", run.uid)])
        combined = self.cluster.run(combine)
        log = combined.logs[0][0]
        print(f"{what}: {time.monotonic() - began:.1f} s; exit statuses {list(run.statuses.values())}, combined {combined.statuses[0]}")
        try:
            report = json.loads(log)
        except ValueError:
            sys.exit(f"the log of the Job that combines is not a report: {log}\n{run.logs}")
        expect(combined.is_complete == report["succeeded"], f"status and report differ: {report}")
        return run, report

    def changed(self, tree, arguments, is_read_only=True):
        """The Job with other arguments and another tree, changed as Docs/Scaling.md says."""
        job = copy.deepcopy(self.job)
        (container,) = job["spec"]["template"]["spec"]["containers"]
        container["args"] = arguments
        (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "tree"]
        mount["readOnly"] = is_read_only
        self.cluster.claims["tree"] = tree
        return job

    def everything(self):
        tree = self.cluster.claims["tree"]
        make_tree(tree)
        files = sum(path.is_file() for path in tree.rglob("*"))
        count = self.job["spec"]["completions"]
        (container,) = self.job["spec"]["template"]["spec"]["containers"]
        environment = {entry["name"]: entry.get("value") for entry in container["env"]}
        expect(environment["PARTITIONS"] == str(count), "completions and PARTITIONS are not the same")
        remote = container["args"][2]

        gone = self.folder("gone")
        for number in range(50):
            gone.joinpath(f"gone {number}").write_text("gone")
        expect(self.alone("up", str(gone), remote, "--quiet") == 0, "the objects to delete were not made")

        fault = {"action": "respond", "status": 403, "code": "AccessDenied", "operation": "UploadPart", "partNumber": 3, "times": 1}
        self.control("POST", "faults", fault)
        run, report = self.mirror("up, one pod fails the first time")
        expect(run.is_complete and report["succeeded"], f"not complete: {report} {run.logs}")
        expect(sorted(run.statuses.values()) == [[0]] * (count - 1) + [[1, 0]], "one pod should have failed once")
        expect(report["transferred"]["files"] + report["unchanged"]["files"] == files, f"files are missing: {report}")
        expect(report["deleted"]["files"] == 50 and report["partitions"]["complete"] == list(range(1, count + 1)), f"{report}")
        begun = sum(request["operation"] == "InitiateMultipartUpload" for request in self.control("GET", "log"))
        expect(begun == 1, f"the second pod did not go on with the upload of the first: {begun} were begun")
        expect(self.alone("check", str(tree), remote) == 0, "bucket and tree differ")

        run, report = self.mirror("up again")
        expect(run.is_complete and report["unchanged"]["files"] == files and report["transferred"]["files"] == 0, f"{report}")

        copy_of_tree = self.folder("copy", USER)
        run, report = self.mirror("down", self.changed(copy_of_tree, ["down", remote, "/tree"], is_read_only=False))
        expect(run.is_complete and report["transferred"]["files"] == files, f"not complete: {report} {run.logs}")
        expect(subprocess.run(["diff", "-r", tree, copy_of_tree]).returncode == 0, "tree and copy differ")

        run, report = self.mirror("check", self.changed(copy_of_tree, ["check", "/tree", remote]))
        expect(run.is_complete and report["isEqual"] and report["equal"]["files"] == files, f"{report} {run.logs}")

        run, report = self.mirror("up, from an empty tree", self.changed(self.folder("empty"), ["up", "/tree", remote, "--delete"]))
        ends = [statuses for statuses in run.statuses.values() if statuses]
        # Those that were still running are ended; none is tried again.
        expect(run.failed_job.is_set() and [3] in ends and all(len(end) == 1 for end in ends), f"not refused at once: {ends}")
        run, report = self.mirror("a bad command line", self.changed(tree, ["up", "/tree", remote, "--update", "sometimes"]))
        ends = [statuses for statuses in run.statuses.values() if statuses]
        expect(run.failed_job.is_set() and [2] in ends and all(len(end) == 1 for end in ends), f"not ended at once: {ends}")
        expect(self.alone("check", str(tree), remote) == 0, "what was refused changed the bucket")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--ossmirror", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        run = Run(work, os.path.abspath(arguments.server), os.path.abspath(arguments.ossmirror))
        try:
            run.everything()
        finally:
            run.server.terminate()
            run.server.wait()
    print("run-kubernetes-job: everything as it should be")


if __name__ == "__main__":
    main()
