#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names, image and labels outside Kubernetes: from the engine's own files, when they are needed, if nobody else could
have written them. test-engines.py has the real engines."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import bundle as bundles  # noqa: E402
import guardtest  # noqa: E402
import opens  # noqa: E402
from faked import Faked  # noqa: E402
from guardtest import WRAPPER, command  # noqa: E402

ID = "0123456789abcdef" * 4
KNOWN = {"ID": ID, "Name": "/happy", "Config": {"Image": "r/probe:1", "Labels": {"team": "db-1", "x": ""}}}
RULES = [{"name": "r", "match": {"container": ["happy"], "image": ["r/*"], "label": {"team": "db*"}}, "mode": "audit"}]


@guardtest.needs_wrapper
@guardtest.needs_root
class Docker(Faked):
    def setUp(self):
        super().setUp()
        # Directories that only root can write to, as an engine's are.
        self.own = os.path.join(self.tmp, "containers", ID)
        os.makedirs(self.own)
        self.write(KNOWN)

    def write(self, content, mode=0o600):
        path = os.path.join(self.own, "config.v2.json")
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "w", encoding="utf-8") as f:
            f.write(content if isinstance(content, str) else json.dumps(content))
        os.chmod(path, mode)
        return path

    def container(self, **change):
        c = bundles.config()
        c["linux"]["cgroupsPath"] = change.get("cgroup", "/docker/" + ID)
        for name in ("hostname", "resolv.conf"):
            c["mounts"].append({"destination": "/etc/" + name, "type": "bind", "options": ["rbind"],
                                "source": change.get(name, os.path.join(self.own, name))})
        return self.bundle(raw=bundles.encode(c))

    def start(self, rules=None, log=None, **change):
        keys = {"rules": RULES if rules is None else rules}
        if log:
            keys["log"] = log
        self.assertStatus(self.create(self.container(**change), policy=self.policy(**keys)), 0)
        return self.decisions()[-1] if not log else None

    def assertKnown(self, record):
        self.assertEqual([record.get(k) for k in ("engine", "container", "image", "id", "rule")],
                         ["docker", "happy", "r/probe:1", "ID", "r"], record)

    def assertUnknown(self, record):
        self.assertEqual([record.get(k) for k in ("container", "image", "rule")], [None] * 3, record)
        self.assertEqual(record["action"], "inject")

    def test_on_record_and_in_rules(self):
        self.assertKnown(self.start())
        for match in ({"container": ["sad"]}, {"image": ["other"]}, {"label": {"team": "web"}}, {"label": {"gone": "*"}}):
            record = self.start(rules=[{"name": "r", "match": match, "mode": "audit"}])
            self.assertEqual((record["container"], record.get("rule"), record["action"]), ("happy", None, "inject"))
        # The annotation for one container is for this one.
        self.assertKnown(self.start(cgroup="/system.slice:docker:" + ID))

    def test_not_where_others_could_have_written(self):
        for mode in (0o666, 0o662):
            self.write(KNOWN, mode)
            self.assertUnknown(self.start())
        os.chown(self.write(KNOWN), 12345, 0)
        self.assertUnknown(self.start())
        self.write(KNOWN)
        self.assertKnown(self.start())
        os.chmod(self.own, 0o777)
        self.assertUnknown(self.start())
        os.chmod(self.own, 0o700)
        os.chown(os.path.dirname(self.own), 12345, 0)
        self.assertUnknown(self.start())

    def test_not_of_another_container(self):
        """Whoever starts a container can mount what he likes, but not choose its cgroup."""
        self.assertUnknown(self.start(cgroup="/docker/" + ID[::-1]))
        self.assertUnknown(self.start(hostname="/etc/hostname"))
        self.assertUnknown(self.start(**{"resolv.conf": "/etc/resolv.conf"}))
        self.write(dict(KNOWN, ID=ID[::-1]))
        self.assertUnknown(self.start())

    def test_what_cannot_be_read_stops_nothing(self):
        path = os.path.join(self.own, "config.v2.json")
        for content in ("", "{", "[]", '{"ID": 1}', json.dumps(KNOWN)[:-1], json.dumps(KNOWN) + " " * (1 << 20),
                        json.dumps(dict(KNOWN, Config={"Labels": {str(i): "x" for i in range(2000)}}))):
            self.write(content)
            self.assertUnknown(self.start())
        os.unlink(path)
        self.assertUnknown(self.start())
        os.mkfifo(path)
        self.assertUnknown(self.start())
        os.unlink(path)
        os.symlink(self.file("elsewhere.json", json.dumps(KNOWN)), path)
        self.assertUnknown(self.start())

    def test_read_only_when_it_is_needed(self):
        seen = opens.Opens()
        self.addCleanup(seen.close)
        seen.add(self.own)
        none = {"to": "none"}
        self.start(rules=[{"name": "r", "match": {"engine": ["docker"]}}], log=none)
        self.assertEqual(seen.seen(), set())
        for match in RULES[0]["match"].items():
            self.start(rules=[{"name": "r", "match": dict([match])}], log=none)
            self.assertEqual(seen.seen(), {os.path.join(self.own, "config.v2.json")})
        self.start(rules=[])
        self.assertEqual(seen.seen(), {os.path.join(self.own, "config.v2.json")})

    # Open, status, read, close, and a look at each directory on the way, here four.
    CALLS = 9

    @guardtest.needs_strace
    @guardtest.not_sanitized
    def test_how_much_it_adds(self):
        counts = []
        for rules in ([], RULES):
            trace = os.path.join(self.tmp, "trace")
            policy = self.policy(rules=rules, log={"to": "none"}, mode="audit")
            done = command(["strace", "-o", trace, WRAPPER, "--guard-policy", policy, "--guard-runtime", self.fake, "create",
                            "--bundle", self.container().path, "ID"])
            self.assertStatus(done, 0)
            with open(trace, encoding="utf-8", errors="replace") as f:
                counts.append([m.group(1) for m in (re.match(r"([a-z0-9_]+)\(", line) for line in f) if m])
        more = len(counts[1]) - len(counts[0])
        guardtest.diagnose("names: %d system calls more" % more)
        self.assertLessEqual(more, self.CALLS)
        for never in ("mmap", "brk"):
            self.assertEqual(counts[1].count(never), counts[0].count(never))


@guardtest.needs_cli
@guardtest.needs_root
class Podman(guardtest.Case):
    def found(self, static, volatile, cgroup=True):
        own = os.path.join(self.fresh("storage"), "overlay-containers")
        run = os.path.join(self.fresh("run"), "overlay-containers")
        for directory, name, content in ((own, "containers.json", static), (run, "volatile-containers.json", volatile)):
            os.makedirs(directory)
            if content is not None:
                with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
                    f.write(content if isinstance(content, str) else json.dumps(content))
        c = bundles.config(annotations={"io.container.manager": "libpod"})
        if cgroup:
            c["linux"]["cgroupsPath"] = "/libpod_parent/libpod-" + ID
        c["mounts"] += [{"destination": "/dev/shm", "type": "bind", "source": "%s/%s/userdata/shm" % (own, ID)},
                        {"destination": "/run/.containerenv", "type": "bind",
                         "source": "%s/%s/userdata/.containerenv" % (run, ID)}]
        b = self.bundle(raw=bundles.encode(c))
        self.assertStatus(self.cli("apply", "--policy", self.policy(), b.path), 0)
        record = self.decisions()[-1]
        self.assertEqual((record["engine"], record["id"]), ("podman", ID))
        return record.get("container"), record.get("image")

    def test_both_files(self):
        def entry(name, image, cid=ID):
            return {"id": cid, "names": [name, "more"], "image": "0", "metadata": json.dumps({"image-name": image, "name": name})}

        other = entry("other", "o", ID[::-1])
        for static, volatile, seen in (
                ([other, entry("happy", "r/x:1"), other], None, ("happy", "r/x:1")),
                ([other], [entry("brief", "r/y")], ("brief", "r/y")), (None, [entry("brief", "r/y")], ("brief", "r/y")),
                ([{"id": ID, "names": ["bare"]}], None, ("bare", None)),
                ([dict(entry("odd", "x"), metadata="{")], None, ("odd", None)),
                ([other], [other], (None, None)), ([], None, (None, None)), ("[", "{}", (None, None)), (None, None, (None, None))):
            self.assertEqual(self.found(static, volatile), seen)
            # As without root: the identifier is where the files come from.
            self.assertEqual(self.found(static, volatile, cgroup=False), seen)


if __name__ == "__main__":
    guardtest.main()
