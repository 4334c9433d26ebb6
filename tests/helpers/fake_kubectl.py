#!/usr/bin/env python3
"""kubectl with one cluster of one machine: jobs from manifests, their pods, labels, custom columns. State is in ~/.kubernetes.

    create -f - -o name     a Job of batch/v1 with one container; its command is run on this machine
    get jobs|pods [-l a=b] [--no-headers] -o custom-columns=NAME:.path,...
    delete [--wait=false] job.batch/NAME...

Claims of volumes are directories ~/.kubernetes/claims/<name>; a pod that names another one stays Pending. Anything else is refused.
"""

import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

HOME = pathlib.Path(os.environ["HOME"]) / ".kubernetes"
IMAGES = ("registry.example/", "python:", "debian:")


def fail(text):
    print(f"error: {text}", file=sys.stderr)
    raise SystemExit(1)


def save(pod):
    file = HOME / f"{pod['name']}.json"
    (HOME / f".{pod['name']}").write_text(json.dumps(pod))
    (HOME / f".{pod['name']}").rename(file)


def pods():
    return [json.loads(p.read_text()) for p in sorted(HOME.glob("*.json"))]


def need(thing, path):
    for key in path.split("."):
        if not isinstance(thing, dict) or key not in thing:
            fail(f'error validating "STDIN": missing required field "{path}"')
        thing = thing[key]
    return thing


def create(words):
    import ruamel.yaml

    if words != ["-f", "-", "-o", "name"]:
        fail(f"unknown arguments {words}")
    manifest = ruamel.yaml.YAML(typ="safe").load(sys.stdin)
    if (need(manifest, "apiVersion"), need(manifest, "kind")) != ("batch/v1", "Job"):
        fail("no matches for kind")
    meta, template = need(manifest, "metadata"), need(manifest, "spec.template.spec")
    if need(template, "restartPolicy") not in ("Never", "OnFailure"):
        fail("spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")
    for key, value in meta.get("labels", {}).items():
        if not re.fullmatch(r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", str(value)):
            fail(f"metadata.labels: Invalid value: {value!r} ({key})")
    for value in meta.get("annotations", {}).values():
        if not isinstance(value, str):
            fail("metadata.annotations: Invalid type, expected string")
    (container,) = need(template, "containers")
    for kind in "requests", "limits":
        for name, amount in container.get("resources", {}).get(kind, {}).items():
            if not re.fullmatch(r"\d+(\.\d+)?(m|Ki|Mi|Gi)?", str(amount)):
                fail(f"quantities must match the regular expression: {name}={amount}")
    claims = [v["persistentVolumeClaim"]["claimName"] for v in template.get("volumes", []) if "persistentVolumeClaim" in v]
    name = need(meta, "generateName") + "".join(random.choices("bcdfghjklmnpqrstvwxz2456789", k=5))
    HOME.mkdir(exist_ok=True)
    pod = {"name": name, "labels": meta.get("labels", {}), "annotations": meta.get("annotations", {}), "command": need(container, "command"),
           "image": need(container, "image"), "claims": claims, "phase": "Pending", "waiting": "ContainerCreating", "terminated": None,
           "seconds": manifest["spec"].get("activeDeadlineSeconds")}
    save(pod)
    subprocess.Popen([sys.executable, __file__, "--run", name], start_new_session=True, stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(f"job.batch/{name}")


def run(name):
    pod = json.loads((HOME / f"{name}.json").read_text())
    time.sleep(0.1)
    if not all((HOME / "claims" / claim).exists() for claim in pod["claims"]):
        return  # it waits for its volume
    if not pod["image"].startswith(IMAGES):
        save({**pod, "waiting": "ImagePullBackOff"})
        return
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ["HOME"], "HOSTNAME": f"{name}-pod"}
    with open(HOME / f"{name}.log", "ab") as log:
        process = subprocess.Popen(pod["command"], cwd="/", env=env, stdout=log, stderr=log, start_new_session=True)
    save({**pod, "phase": "Running", "waiting": None, "pid": process.pid})
    reason = None
    try:
        process.wait(pod["seconds"])
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        reason = "DeadlineExceeded"
    if (HOME / f"{name}.json").exists():
        save({**pod, "phase": "Failed" if process.returncode else "Succeeded", "waiting": None, "reason": reason,
              "terminated": "Completed" if process.returncode == 0 else "OOMKilled" if process.returncode == -signal.SIGKILL else "Error"})


def column(pod, path, of_jobs):
    """What a path of custom columns gives: "<none>" where there is nothing."""
    known = {".metadata.name": pod["name"] if of_jobs else f"{pod['name']}-pod", ".metadata.labels.job-name": pod["name"],
             ".status.phase": pod["phase"], ".status.reason": pod.get("reason"),
             ".status.containerStatuses[0].state.waiting.reason": pod["waiting"],
             ".status.containerStatuses[0].state.terminated.reason": pod["terminated"]}
    for key, value in {**pod["labels"]}.items():
        known[f".metadata.labels.{key}"] = value
    for key, value in {**pod["annotations"]}.items():
        known[f".metadata.annotations.{key}"] = value
    return known.get(path) or "<none>"


def get(words):
    kind, wanted, columns, headers = words[0], {}, None, True
    words = words[1:]
    while words:
        word = words.pop(0)
        if word == "-l":
            wanted = dict(pair.split("=") for pair in words.pop(0).split(","))
        elif word == "--no-headers":
            headers = False
        elif word == "-o":
            columns = words.pop(0)
        else:
            fail(f"unknown argument {word}")
    if kind not in ("jobs", "pods") or not columns or not columns.startswith("custom-columns="):
        fail("only jobs and pods in custom columns are there")
    paths = [part.split(":", 1) for part in columns.removeprefix("custom-columns=").split(",")]
    rows = [[head for head, _ in paths]] if headers else []
    for pod in pods():
        if all(str(pod["labels"].get(key)) == value for key, value in wanted.items()):
            rows.append([str(column(pod, path, kind == "jobs")) for _, path in paths])
    for row in rows:
        print("   ".join(row))
    if not rows:
        print("No resources found in default namespace.", file=sys.stderr)


def delete(words):
    status = 0
    for name in (w.removeprefix("job.batch/") for w in words if w != "--wait=false"):
        file = HOME / f"{name}.json"
        if not file.exists():
            print(f'Error from server (NotFound): jobs.batch "{name}" not found', file=sys.stderr)
            status = 1
            continue
        pid = json.loads(file.read_text()).get("pid")
        file.unlink()
        if pid:
            try:
                os.killpg(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        print(f'job.batch "{name}" deleted')
    raise SystemExit(status)


if sys.argv[1:2] == ["--run"]:
    run(sys.argv[2])
elif sys.argv[1:2] and sys.argv[1] in ("create", "get", "delete"):
    {"create": create, "get": get, "delete": delete}[sys.argv[1]](sys.argv[2:])
else:
    fail(f"unknown command {sys.argv[1:2]}")
