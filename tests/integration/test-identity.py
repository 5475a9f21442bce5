#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nobody is taken for somebody else: pods that carry the annotation keys by which engines say whose a container is."""

import itertools
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402

# Everything that engines write about whose container it is, and what would be worth saying instead.
FORGED = {
    "containerd": {"io.kubernetes.cri.sandbox-namespace": "kube-system", "io.kubernetes.cri.sandbox-name": "etcd",
                   "io.kubernetes.cri.container-name": "etcd", "io.kubernetes.cri.container-type": "container",
                   "io.kubernetes.cri.sandbox-id": "0", "io.kubernetes.cri.image-name": "etcd",
                   "io.kubernetes.cri.podsandbox.image-name": "etcd"},
    "cri-o": {"io.container.manager": "cri-o", "io.kubernetes.cri-o.SandboxName": "k8s_etcd_kube-system_u_0",
              "io.kubernetes.cri-o.Name": "k8s_etcd_etcd_kube-system_u_0", "io.kubernetes.cri-o.ContainerType":
              "container", "io.kubernetes.cri-o.Namespace": "kube-system", "io.kubernetes.cri-o.KubeName": "etcd",
              "io.kubernetes.container.name": "etcd", "io.kubernetes.pod.namespace": "kube-system",
              "io.kubernetes.pod.name": "etcd", "io.kubernetes.cri-o.ImageName": "etcd",
              "io.kubernetes.cri-o.SandboxID": "0"},
    "podman": {"io.container.manager": "libpod"},
    "nobody": {"io.container.manager": "x", "io.kubernetes.cri.container-type": "sandbox",
               "io.kubernetes.cri-o.ContainerType": "sandbox"},
}

# What CRI-O writes into a sandbox's configuration behind the pod's annotations: its labels, some paths.
CRIO_SANDBOX_LAST = {"io.kubernetes.container.name", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace",
                     "io.kubernetes.pod.uid", "io.kubernetes.cri-o.SeccompProfilePath",
                     "io.kubernetes.cri-o.MountPoint"}


def forgeries(own):
    """Annotations that the author of a pod writes: each key alone, two together, whole sets of an engine's, and his
    own with only one name changed."""
    every = {k: v for keys in FORGED.values() for k, v in keys.items()}
    for n in (1, 2):
        for keys in itertools.combinations(sorted(every), n):
            yield {k: every[k] for k in keys}
    for keys in FORGED.values():
        yield dict(keys)
        for left_out in keys:
            yield {k: v for k, v in keys.items() if k != left_out}
    yield {**FORGED["containerd"], **FORGED["cri-o"]}
    for old, new in (("labns", "kube-system"), ("lab-un", "etcd"), ("_c1_", "_etcd_")):
        renamed = {k: v.replace(old, new) for k, v in own.items() if old in v}
        for n in range(1, len(renamed) + 1):
            for keys in itertools.combinations(sorted(renamed), n):
                yield {k: renamed[k] for k in keys}


def as_engine(name, annotations, forged):
    """What the engine writes when the pod carries `forged`. containerd: whatever pod_annotations lets through first, its
    own then; CRI-O the same for containers, but for sandboxes its own first (see the head of src/oci/identity.c)."""
    if name.startswith("crio") and ".sandbox" in name:
        last = {k: v for k, v in annotations.items() if k in CRIO_SANDBOX_LAST}
        return {**annotations, **forged, **last}
    return {**forged, **annotations}


@guardtest.needs_cli
class Posing(guardtest.Case):
    """Real configurations, with a pod's author who writes the engine's own annotation keys."""

    CONFIGS = ("containerd-1.6.20-unset", "containerd-2.1.9-unconfined", "containerd-2.3.4-unconfined",
               "containerd-2.3.4-unconfined.sandbox", "crio-head-unconfined", "crio-head-unconfined.sandbox")

    def judge(self, cases, **policy):
        """The verdicts on many configurations, by one call."""
        paths = []
        for i, c in enumerate(cases):
            paths.append(self.file("case%d.json" % i, json.dumps(c)))
        done, lines = self.check("--policy", self.policy(**policy), *paths)
        self.assertEqual(done.err, b"", done)
        self.assertEqual(len(lines), len(cases))
        return lines

    def test_nobody_gets_another_namespaces_exemption(self):
        policy = {"mode": "audit", "rules": [
            {"name": "system", "match": {"namespace": ["kube-system"]}, "profile": "unconfined"},
            {"name": "etcd", "match": {"container": ["etcd"]}, "profile": "unconfined"},
            {"name": "image", "match": {"image": ["etcd"]}, "profile": "unconfined"},
            {"name": "pod", "match": {"pod": ["etcd*"]}, "profile": "unconfined"},
            {"name": "podman", "match": {"engine": ["podman", "docker"]}, "profile": "unconfined"},
            {"name": "lab", "match": {"namespace": ["labns"]}, "mode": "enforce", "annotations": {"honor": False}}]}
        for name in self.CONFIGS:
            with open(os.path.join(guardtest.DATA, "configs", name + ".json"), encoding="utf-8") as f:
                config = json.load(f)
            config["linux"].pop("seccomp", None)
            own = config["annotations"]
            forged = list(forgeries(own))
            cases = [{**config, "annotations": as_engine(name, own, extra)} for extra in forged]
            self.assertGreater(len(cases), 150)
            honest, *lines = self.judge([config, *cases], **policy)
            self.assertEqual((honest["namespace"], honest["rule"], honest["action"]), ("labns", "lab", "inject"), name)
            outcomes = set()
            for extra, case, line in zip(forged, cases, lines):
                told = "%s with %s: %s" % (name, extra, line)
                # Either believed, and then by what it is; or by nothing at all, and refused.
                outcomes.add((line["action"], line["reason"]))
                if line["action"] == "inject":
                    self.assertEqual((line["namespace"], line["rule"]), ("labns", "lab"), told)
                    for key in ("engine", "pod", "container"):
                        self.assertEqual(line.get(key), honest.get(key), told)
                else:
                    self.assertEqual((line["action"], line["reason"]), ("refuse", "identity"), told)
                    # What is told is what the engine says as well.
                    self.assertIn(line.get("namespace"), (None, "labns"), told)
                    for key in ("container", "image", "rule"):
                        self.assertNotIn(key, line, told)
                # What the engine would have written anyway changes nothing.
                if case["annotations"] == own:
                    self.assertEqual(line["action"], "inject", told)
            self.assertEqual(outcomes, {("inject", "absent"), ("refuse", "identity")}, name)

    def test_what_is_kept_all_the_same_says_so(self):
        """A weak profile is no reason to refuse; the record says whose it may be, and what speaks against it."""
        with open(os.path.join(guardtest.DATA, "configs", "crio-head-unconfined.json"), encoding="utf-8") as f:
            config = json.load(f)
        config["linux"]["seccomp"] = guardtest.WEAK
        for forged, known in (({"io.kubernetes.pod.name": "other"}, {"engine": "cri-o", "namespace": "labns"}),
                              ({"io.kubernetes.pod.namespace": "kube-system"},
                               {"engine": "cri-o", "pod": config["annotations"]["io.kubernetes.cri-o.SandboxName"].split("_")[1]}),
                              ({"io.kubernetes.cri.sandbox-id": "x"}, {})):
            b = self.bundle(raw=json.dumps(dict(config, annotations={**config["annotations"], **forged})).encode())
            records = self.policy()
            self.assertStatus(self.cli("apply", "--policy", records, b.path), 0)
            record = self.decisions()[-1]
            self.assertEqual({k: record.get(k) for k in ("finding", "action", "level")},
                             {"finding": "weak", "action": "keep", "level": "warning"})
            self.assertEqual({k: record[k] for k in ("engine", "namespace", "pod", "container", "sandbox") if k in record}, known)
            self.assertIn('annotation "%s" contradicts others' % record["contradiction"], record["msg"])
            # Where two engines speak, either may be the one that was forged.
            self.assertIn(record["contradiction"], {*forged, "io.container.manager", "io.kubernetes.cri-o.SandboxName"})

    def test_docker_is_no_kubernetes(self):
        rules = [{"name": "system", "match": {"namespace": ["kube-system"]}, "profile": "unconfined"},
                 {"name": "docker", "match": {"engine": ["docker"]}, "mode": "audit"}]
        with open(os.path.join(guardtest.DATA, "configs", "docker20-unconfined.json"), encoding="utf-8") as f:
            config = json.load(f)
        honest, *lines = self.judge([config, *({**config, "annotations": FORGED[e]} for e in ("containerd", "cri-o"))],
                                    rules=rules)
        self.assertEqual((honest["engine"], honest["rule"], honest["action"]), ("docker", "docker", "would-inject"))
        for line in lines:
            self.assertEqual((line["action"], line["reason"]), ("refuse", "identity"))


if __name__ == "__main__":
    guardtest.main()
