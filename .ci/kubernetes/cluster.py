"""What a cluster does with a Job, on one machine: the Job controller as threads, a pod as a process in a root of its own."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import threading
import uuid

# Builds the pod's root, which has the machine's programs and the pod's volumes and cannot be written to, and runs the
# container in it as its first process. $1 is the root, $2 user, $3 group, then mounts (`FOLDER PATH ro|rw`) up to `--`.
START_POD = r"""
set -eu
root=$1 user=$2 group=$3
shift 3
mount -t tmpfs -o mode=755 pod "$root"
for folder in /usr /etc /opt /bin /sbin /lib /lib64; do
    if [ -L "$folder" ]; then
        cp -P "$folder" "$root$folder"
    elif [ -d "$folder" ]; then
        mkdir "$root$folder"
        mount --rbind "$folder" "$root$folder"
    fi
done
mkdir "$root/proc" "$root/dev" "$root/image"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
    shift 3
done
shift
mount -o remount,ro "$root"
exec chroot "$root" /usr/bin/setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs "$@"
"""


class Cluster:
    def __init__(self, folder, image):
        """`image` is a folder whose programs all containers find in their PATH."""
        self.folder, self.image = pathlib.Path(folder), image
        # Folders by the name of the claim and of the config map; environments by the name of the secret.
        self.claims, self.config_maps, self.secrets = {}, {}, {}

    def run(self, job):
        """Runs a Job to its end."""
        return JobRun(self, job).run()


class JobRun:
    """One run of a Job: which indexes succeeded and failed, and whether the whole was ended by a rule."""

    def __init__(self, cluster, job):
        self.cluster, self.spec = cluster, job["spec"]
        self.uid = str(uuid.uuid4())
        # For each index the exit statuses of its pods, in order; and the pods' logs.
        self.statuses, self.logs = {}, {}
        self.failed_job = threading.Event()
        self.pods, self.lock = set(), threading.Lock()

    @property
    def is_complete(self):
        return not self.failed_job.is_set() and all(statuses[-1:] == [0] for statuses in self.statuses.values())

    def run(self):
        self.statuses = {index: [] for index in range(self.spec.get("completions", 1))}
        with concurrent.futures.ThreadPoolExecutor(self.spec.get("parallelism", 1)) as pool:
            list(pool.map(self.run_index, self.statuses))
        return self

    def run_index(self, index):
        failures = 0
        while not self.failed_job.is_set():
            status = self.run_pod(index)
            self.statuses[index].append(status)
            if status == 0:
                return
            match self.action(status):
                case "FailJob":
                    self.fail_job()
                case "FailIndex":
                    return
                case _:
                    failures += 1
            if failures > self.spec.get("backoffLimitPerIndex", self.spec.get("backoffLimit", 6)):
                return

    def action(self, status):
        """What the first rule that matches says. Nobody evicts a pod here, so conditions never match."""
        for rule in self.spec.get("podFailurePolicy", {}).get("rules", []):
            codes = rule.get("onExitCodes")
            if codes and (status in codes["values"]) == (codes["operator"] == "In"):
                return rule["action"]
        return "Count"

    def fail_job(self):
        self.failed_job.set()
        with self.lock:
            for pod in self.pods:
                pod.terminate()

    def run_pod(self, index):
        pod = self.spec["template"]["spec"]
        (container,) = pod["containers"]
        security = pod["securityContext"]
        name = f"{self.uid[:8]}-{index}-{len(self.statuses[index])}"
        root = self.cluster.folder / name
        root.mkdir()
        environment = self.environment(container, index)
        words = [expand(word, environment) for word in container["command"] + container.get("args", [])]
        arguments = [str(root), str(security["runAsUser"]), str(security["runAsGroup"])]
        for mount in [{"folder": self.cluster.image, "mountPath": "/image", "readOnly": True}] + container["volumeMounts"]:
            folder = mount.get("folder") or self.volume(pod, mount["name"], name, security)
            arguments += [str(folder), mount["mountPath"], "ro" if mount.get("readOnly") else "rw"]
        log = self.cluster.folder / f"{name}.log"
        with open(log, "wb") as file:
            process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child=TERM", "sh", "-c", START_POD, "pod"]
                + arguments + ["--"] + words,
                env={"PATH": "/image:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **environment}, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file,
            )  # fmt: skip
            with self.lock:
                self.pods.add(process)
            status = process.wait()
            with self.lock:
                self.pods.remove(process)
        self.logs.setdefault(index, []).append(log.read_text())
        return 128 - status if status < 0 else status

    def volume(self, pod, name, pod_name, security):
        (volume,) = [volume for volume in pod["volumes"] if volume["name"] == name]
        if "persistentVolumeClaim" in volume:
            return self.cluster.claims[volume["persistentVolumeClaim"]["claimName"]]
        if "configMap" in volume:
            return self.cluster.config_maps[volume["configMap"]["name"]]
        assert volume["emptyDir"] == {}
        folder = self.cluster.folder / f"{pod_name}-{name}"
        folder.mkdir()
        os.chown(folder, security["runAsUser"], security["runAsGroup"])
        return folder

    def environment(self, container, index):
        environment = {}
        for source in container.get("envFrom", []):
            environment |= self.cluster.secrets[source["secretRef"]["name"]]
        for entry in container.get("env", []):
            if "value" in entry:
                environment[entry["name"]] = expand(entry["value"], environment)
            else:
                path = entry["valueFrom"]["fieldRef"]["fieldPath"]
                assert path == "metadata.labels['batch.kubernetes.io/controller-uid']", path
                environment[entry["name"]] = self.uid
        if self.spec.get("completionMode") == "Indexed":
            environment["JOB_COMPLETION_INDEX"] = str(index)
        return environment


def expand(text, environment):
    """`$(NAME)` is the variable, and stays as it is when there is none of that name; `$$` is a dollar."""
    return re.sub(r"\$\$|\$\(([^)]*)\)", lambda found: "$" if found[1] is None else environment.get(found[1], found[0]), text)
