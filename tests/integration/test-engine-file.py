#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`profile: "engine"`: the file that an engine's own configuration names, for podman, CRI-O and Docker."""

import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
import private  # noqa: E402
from guardtest import ABSENT  # noqa: E402

try:
    import tomllib
except ImportError:
    tomllib = None

DUMP = guardtest.program("toml-dump")
# What makes a configuration an engine's (src/oci/identity.c).
CRIO = {"io.container.manager": "cri-o", "io.kubernetes.cri-o.SandboxName": "k8s_pod_ns_uid_0",
        "io.kubernetes.pod.namespace": "ns", "io.kubernetes.pod.name": "pod"}
PODMAN = {"io.container.manager": "libpod"}
# Tells it from every built-in flavor.
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 71}]}


class Link(str):
    """A symbolic link to this."""


class EngineCase(guardtest.Case):
    """
    File systems of its own for /etc and /usr/share; `files` go there, {path, below /etc if it is relative: text, (text, mode)
    or Link}. A path that ends with "/" is a directory, its value the mode.
    """

    def setUp(self):
        super().setUp()
        if private.reason():
            self.skipTest(private.reason())
        self.profile = self.file("engine.json", json.dumps(PROFILE))

    def prefix(self, files):
        script = ["mount -t tmpfs -o mode=755 tmpfs /etc", "mount -t tmpfs -o mode=755 tmpfs /usr/share"]
        for path, text in files.items():
            path = os.path.join("/etc", path)
            text, mode = text if isinstance(text, tuple) else (text, 0o644)
            script.append("mkdir -p '%s'" % os.path.dirname(path))
            if path.endswith("/"):
                script.append("chmod %o '%s'" % (text, path))
            elif isinstance(text, Link):
                script.append("ln -s '%s' '%s'" % (text, path))
            else:
                source = self.file(os.path.basename(self.fresh("source")), text.replace("PROFILE", self.profile))
                script.append("cp %s '%s'; chmod %o '%s'" % (source, path, mode, path))
        return private.prefix(*script)

    def engine_bundle(self, engine):
        b = self.bundle(seccomp=ABSENT, annotations={"podman": PODMAN, "cri-o": CRIO}.get(engine, {}))
        if engine == "docker":
            config = json.loads(b.read())
            config["linux"]["cgroupsPath"] = "/docker/0123456789ab"
            b.write(json.dumps(config).encode())
        return b

    def judged(self, engine, files, **keys):
        keys.setdefault("profile", "engine")
        done = guardtest.command([*self.prefix(files), guardtest.CLI, "check", "--json", "--policy",
                                  self.policy(**keys), self.engine_bundle(engine).path])
        line = json.loads(done.text)
        self.assertEqual(line["engine"], engine)
        return line

    def assertProfile(self, engine, files, profile):
        line = self.judged(engine, files)
        self.assertEqual((line["action"], line["profile"]), ("inject", profile), (files, line))

    def assertRefusal(self, engine, files, *words):
        line = self.judged(engine, files)
        self.assertEqual((line["action"], line["reason"]), ("refuse", "profile"), (files, line))
        for word in words:
            self.assertIn(word, line["why"])


@guardtest.needs_cli
@guardtest.needs_root
class Docker(EngineCase):
    def test_named(self):
        self.assertProfile("docker", {"docker/daemon.json": '{"log-level": "info", "seccomp-profile": "PROFILE"}'},
                           self.profile)
        # With a byte order mark, as dockerd takes it.
        self.assertProfile("docker", {"docker/daemon.json": '\ufeff{"seccomp-profile": "PROFILE"}'}, self.profile)

    def test_built_in(self):
        for text in ("{}", "", " \t\r\n", "\ufeff", '{"seccomp-profile": "builtin"}', '{"seccomp-profile": ""}',
                     '{"seccomp-profile": "unconfined"}', '{"seccomp-profile": null}'):
            self.assertProfile("docker", {"docker/daemon.json": text}, "runtime/default")
        self.assertProfile("docker", {}, "runtime/default")

    def test_what_cannot_be_told(self):
        name = "cannot tell the seccomp profile of docker: /etc/docker/daemon.json"
        for text, words in (
                ('{"seccomp-profile": 1}', (name + ":1:21", "must be a string")),
                ('{"seccomp-profile": "/a", "seccomp-profile": "/b"}', (name, "written twice")),
                ('{\n"Seccomp-Profile": "/a"}', (name + ":2:1",)),
                ('{"seccomp-profile": "/a\\u0000b"}', (name,)),
                ('{"seccomp-profile": "/a"', (name,)), ("[]", (name,)), ("\0", (name,)),
                ('{"seccomp-profile":\n"a.json"}', (name + ':2:1: "a.json" is no absolute path',)),
                ('{"seccomp-profile": "a\\nb"}', ("a\\x0ab",))):
            self.assertRefusal("docker", {"docker/daemon.json": text}, *words)
        self.assertRefusal("docker", {"docker/daemon.json": ('{"seccomp-profile": "PROFILE"}', 0o666)}, name, "can be written by everybody")

    def test_what_others_could_change(self):
        name = "cannot tell the seccomp profile of docker: /etc/docker/daemon.json: "
        named = '{"seccomp-profile": "PROFILE"}'
        self.assertRefusal("docker", {"docker/daemon.json": named, "docker/": 0o777}, name + "/etc/docker: can be written")
        # Somebody could have renamed it.
        self.assertRefusal("docker", {"docker/": 0o777}, name + "/etc/docker: can be written")
        self.assertRefusal("docker", {"docker/daemon.json": Link("/etc/open/d.json"), "open/d.json": named, "open/": 0o777},
                           name + "/etc/open: can be written")
        self.assertProfile("docker", {"docker/daemon.json": Link("/etc/root/d.json"), "root/d.json": named}, self.profile)
        for path in ("/etc/open/p.json", "/etc/root/p.json"):
            self.assertRefusal("docker", {"docker/daemon.json": '{"seccomp-profile": "%s"}' % path, "open/": 0o777,
                                          "root/p.json": Link("/etc/open/p.json"), "open/p.json": json.dumps(PROFILE)},
                               "seccomp profile \"%s\": /etc/open: can be written" % path)

    def test_a_profile_that_is_not_there(self):
        self.assertRefusal("docker", {"docker/daemon.json": '{"seccomp-profile": "/etc/docker/none.json"}'},
                           "/etc/docker/none.json", "does not exist")


@guardtest.needs_cli
@guardtest.needs_root
class Crio(EngineCase):
    def test_named(self):
        for text in ('[crio.runtime]\nseccomp_profile = "PROFILE"\n', "[crio.runtime]\nseccomp_profile='PROFILE'",
                     '[crio]\nruntime.seccomp_profile = "PROFILE"', 'crio.runtime = {seccomp_profile = "PROFILE"}',
                     '["crio" . \'runtime\']\n"seccomp_profile" = """PROFILE"""',
                     '[crio.runtime]\nlog = """\nseccomp_profile = "/wrong"\n"""\nseccomp_profile = "PROFILE" # "/wrong"\n',
                     '[crio.api]\nseccomp_profile = "/wrong"\n[crio.runtime]\nseccomp_profile = "PROFILE"\n'
                     '[crio.runtime.runtimes.runc]\nseccomp_profile = ""\nruntime_path = "/usr/bin/runc"\n'):
            self.assertProfile("cri-o", {"crio/crio.conf": text}, self.profile)

    def test_built_in(self):
        for text in ("", "[crio.runtime]\n", '[crio.runtime]\nseccomp_profile = ""\n', '[crio.runtime]\n# seccomp_profile = "/a"',
                     '[crio]\nseccomp_profile = "/a"', '[[crio.runtime]]\nseccomp_profile = "/a"',
                     'crio = [{runtime = {seccomp_profile = "/a"}}]',
                     '[crio.runtime]\nprivileged_seccomp_profile = "/a"'):
            self.assertProfile("cri-o", {"crio/crio.conf": text}, "runtime/default")
        self.assertProfile("cri-o", {}, "runtime/default")

    def test_the_last_file_counts(self):
        key = '[crio.runtime]\nseccomp_profile = "%s"\n'
        files = {"crio/crio.conf": key % "/main", "crio/crio.conf.d/10-a": key % "/first",
                 "crio/crio.conf.d/20-b/x.conf": key % "PROFILE", "crio/crio.conf.d/30-c.conf": "[crio.api]\n"}
        self.assertProfile("cri-o", files, self.profile)
        # CRI-O reads whatever is there, whatever its name.
        self.assertProfile("cri-o", {**files, "crio/crio.conf.d/90-d.conf~": key % ""}, "runtime/default")

    def test_a_handler_of_its_own(self):
        self.assertRefusal("cri-o", {"crio/crio.conf": '[crio.runtime]\nseccomp_profile = "PROFILE"\n',
                                     "crio/crio.conf.d/50-kata.conf":
                                     '[crio.runtime.runtimes.kata]\nseccomp_profile = "/a"\n'},
                           "/etc/crio/crio.conf.d/50-kata.conf:2:", 'handler "kata"', "policy")

    def test_what_cannot_be_told(self):
        name = "cannot tell the seccomp profile of cri-o: /etc/crio/crio.conf"
        for text, words in (
                ("[crio.runtime]\nseccomp_profile = 1\n", (name + ":2:", "string")),
                ('[crio.runtime]\nSeccomp_Profile = "/a"\n', (name + ":2:", "Seccomp_Profile")),
                ('[Crio.runtime]\nseccomp_profile = "/a"\n', (name + ":2:",)),
                ('[crio.runtime]\nseccomp_profile = "/a"\nseccomp_profile = "/b"\n', (name + ":3:", "twice")),
                ('[crio.runtime]\nseccomp_profile = "/a\\u0000"\n', (name + ":2:", "NUL")),
                ('[crio.runtime\nseccomp_profile = "/a"\n', (name + ":1:", "not valid TOML")),
                ('seccomp_profile = "/a\n', (name + ":1:", "not valid TOML")),
                ("\x00", (name + ":1:", "not valid TOML")),
                ('[crio.runtime]\nseccomp_profile = "a.json"\n', ("a.json", "no absolute path"))):
            self.assertRefusal("cri-o", {"crio/crio.conf": text}, *words)

    def test_keys_below_the_keys(self):
        for text in ("[crio.runtime.runtimes.x.seccomp_profile]\ny = 1\n", "[crio.runtime.runtimes.x.seccomp_profile]\ny.z = ''\n",
                     "[crio.runtime.seccomp_profile]\na.b.c.d.e.f.g.h = 'x'\n", "a.b.c.d.e.f.g.h.i.j = 'x'"):
            self.assertProfile("cri-o", {"crio/crio.conf": text}, "runtime/default")

    def test_a_profile_that_is_not_there(self):
        # CRI-O takes its own then, so as not to break upgrades (pkg/config/config.go).
        key = '[crio.runtime]\nseccomp_profile = "%s"\n'
        self.assertProfile("cri-o", {"crio/crio.conf": key % "/etc/none.json"}, "runtime/default")
        self.assertRefusal("cri-o", {"crio/crio.conf": key % "/etc/open/none.json", "open/": 0o777}, "/etc/open: can be written")
        self.assertRefusal("cri-o", {"crio/crio.conf": key % "/etc/crio"}, "/etc/crio", "not a regular file")
        self.assertRefusal("cri-o", {"crio/crio.conf": key % "/etc/x.json", "x.json": Link("x.json")}, "/etc/x.json")

    def test_what_is_no_file(self):
        name = "cannot tell the seccomp profile of cri-o: /etc/crio/crio.conf"
        files = {"crio/crio.conf": '[crio.runtime]\nseccomp_profile = "PROFILE"\n'}
        self.assertProfile("cri-o", files, self.profile)
        self.assertRefusal("cri-o", {**files, "crio/crio.conf.d/x": Link("/dev/null")}, name + ".d/x: is not a regular file")
        self.assertRefusal("cri-o", {**files, "crio/crio.conf.d": "[crio.runtime]\nseccomp_profile = '/a'\n"},
                           name + ".d: Not a directory")
        self.assertRefusal("cri-o", {"crio/crio.conf": Link("crio.conf")}, name + ": ")

    def test_what_others_could_change(self):
        name = "cannot tell the seccomp profile of cri-o: /etc/crio/crio.conf"
        self.assertRefusal("cri-o", {"crio/": 0o777}, name + ": /etc/crio: can be written")
        self.assertRefusal("cri-o", {"crio/crio.conf.d/": 0o777}, name + ".d: can be written")
        self.assertRefusal("cri-o", {"open/x": "", "open/": 0o777, "crio/crio.conf.d": Link("/etc/open/d"), "open/d/": 0o755},
                           name + ".d: /etc/open: can be written")

    def test_directories_without_end(self):
        self.assertRefusal("cri-o", {"crio/crio.conf.d/%s/x" % "/".join("abcdefghij"): ""}, "directories in each other")


@guardtest.needs_cli
@guardtest.needs_root
class Podman(EngineCase):
    def test_named(self):
        key = '[containers]\nseccomp_profile = "%s"\n'
        self.assertProfile("podman", {"containers/containers.conf": key % "PROFILE"}, self.profile)
        self.assertProfile("podman", {"containers/containers.conf": key % "/a",
                                      "containers/containers.conf.d/10-x.conf": key % "PROFILE",
                                      "containers/containers.conf.d/20-x.txt": key % "/b",
                                      "containers/containers.conf.d/30-x/y.conf": key % "/c"}, self.profile)

    def test_the_whole_name(self):
        # strings.HasSuffix() in Go: ".conf" ends with itself.
        self.assertProfile("podman", {"containers/containers.conf.d/.conf": '[containers]\nseccomp_profile = "PROFILE"\n'},
                           self.profile)

    def test_the_distributions_own(self):
        key = '[containers]\nseccomp_profile = "%s"\n'
        self.assertProfile("podman", {"/usr/share/containers/containers.conf": key % "PROFILE"}, self.profile)
        self.assertProfile("podman", {"/usr/share/containers/containers.conf": key % "/a",
                                      "containers/containers.conf": key % "PROFILE"}, self.profile)
        self.assertProfile("podman", {"/usr/share/containers/containers.conf": key % "PROFILE",
                                      "containers/containers.conf": Link("nowhere")}, self.profile)
        # Other files, and the same profile.
        usual = "/usr/share/containers/seccomp.json"
        self.assertProfile("podman", {"/usr/share/containers/containers.conf": key % usual, usual: json.dumps(PROFILE),
                                      "containers/containers.conf": "[engine]\n"}, usual)
        self.assertProfile("podman", {"/usr/share/containers/containers.conf": key % "unconfined",
                                      "containers/containers.conf": "[engine]\n"}, "runtime/default")
        # Podman 6 reads these; a file of the same name in /etc stands for it.
        self.assertProfile("podman", {"/usr/share/containers/containers.conf.d/50-x.conf": key % "/a",
                                      "containers/containers.conf.d/50-x.conf": key % "PROFILE"}, self.profile)

    def test_what_podman_6_reads_otherwise(self):
        key, conf = '[containers]\nseccomp_profile = "%s"\n', "containers/containers.conf"
        share = "/usr/share/" + conf
        before = {conf: key % "PROFILE"}
        for files, word, place in (
                # Of the main files it reads one.
                ({share: key % "/a", conf: "[engine]\n"}, "before", share + ":2:"),
                ({**before, share + ".d/x.conf": key % "/a"}, "before", "/etc/%s:2:" % conf),
                ({share + ".d/x.conf": key % "/a"}, "from", share + ".d/x.conf:2:"),
                ({conf[:-5] + ".rootful.conf.d/x.conf": key % "/a"}, "from", "/etc/containers/containers.rootful.conf.d/x.conf:2:"),
                ({share[:-5] + ".rootful.conf.d/x.conf": key % "/a"}, "from", "/usr/share/containers/containers.rootful.conf.d/x.conf:2:"),
                # The name decides, and not the directory.
                ({share + ".d/90.conf": key % "/a", conf + ".d/10.conf": key % "/b"}, "before", "/etc/%s.d/10.conf:2:" % conf),
                # No links, and one does not stand for a file of its name.
                ({conf + ".d/x.conf": Link("/etc/real"), "real": key % "/a"}, "before", "/etc/%s.d/x.conf:2:" % conf),
                ({conf + ".d/x.conf": Link("/etc/real"), "real": "", share + ".d/x.conf": key % "/a"}, "from", share + ".d/x.conf:2:")):
            with self.subTest(files):
                self.assertRefusal("podman", files, "cannot tell the seccomp profile of podman: " + place,
                                   " counts only %s Podman 6" % word)

    def test_what_others_could_change(self):
        name = "cannot tell the seccomp profile of podman: "
        for path in ("containers/", "/usr/share/containers/", "containers/containers.conf.d/",
                     "/usr/share/containers/containers.rootful.conf.d/"):
            self.assertRefusal("podman", {path: 0o777}, name, os.path.join("/etc", path)[:-1] + ": can be written")

    def test_usual_places(self):
        usual = {"containers/seccomp.json": json.dumps(PROFILE), "/usr/share/containers/seccomp.json": json.dumps(PROFILE)}
        self.assertProfile("podman", usual, "/etc/containers/seccomp.json")
        del usual["containers/seccomp.json"]
        self.assertProfile("podman", usual, "/usr/share/containers/seccomp.json")
        self.assertProfile("podman", {}, "runtime/default")
        # Podman fails there too.
        self.assertRefusal("podman", {**usual, "containers/seccomp.json": Link("seccomp.json")}, "/etc/containers/seccomp.json: ")
        self.assertProfile("podman", {"containers/seccomp.json": json.dumps(PROFILE), "containers/containers.conf":
                                      '[containers]\nseccomp_profile = ""\n'}, "/etc/containers/seccomp.json")

    def test_none(self):
        self.assertProfile("podman", {"containers/containers.conf": '[containers]\nseccomp_profile = "unconfined"\n'},
                           "runtime/default")

    def test_handlers_are_not_podmans(self):
        self.assertProfile("podman", {"containers/seccomp.json": json.dumps(PROFILE), "containers/containers.conf":
                                      '[crio.runtime.runtimes.x]\nseccomp_profile = "/a"\n'}, "/etc/containers/seccomp.json")

    def test_not_asked_for(self):
        line = self.judged("podman", {"containers/containers.conf": "["}, profile="runtime/default")
        self.assertEqual((line["action"], line["profile"]), ("inject", "runtime/default"))

    def test_as_a_measure(self):
        # What is weak by RuntimeDefault of Docker is not, when it is what the file of this engine says.
        files = {"docker/daemon.json": '{"seccomp-profile": "PROFILE"}'}
        b = self.engine_bundle("docker")
        config = json.loads(b.read())
        config["linux"]["seccomp"] = PROFILE
        b.write(json.dumps(config).encode())
        for files, finding, action in ((files, "confined", "keep"), ({}, "weak", "refuse")):
            done = guardtest.command([*self.prefix(files), guardtest.CLI, "check", "--json", "--policy",
                                      self.policy(profile="engine", weak="refuse"), b.path])
            line = json.loads(done.text)
            self.assertEqual((line["finding"], line["action"]), (finding, action))


@guardtest.all_runtimes
@guardtest.needs_wrapper
@guardtest.needs_root
class Live(EngineCase):
    FILES = {"docker": {"docker/daemon.json": '{"seccomp-profile": "PROFILE"}'},
             "cri-o": {"crio/crio.conf": '[crio.runtime]\nseccomp_profile = "PROFILE"\n'},
             "podman": {"containers/containers.conf": '[containers]\nseccomp_profile = "PROFILE"\n'}}

    def start(self, engine, files):
        b = self.engine_bundle(engine)
        argv = self.guarded_argv("run", "--bundle", b.path, self.container_id(), policy=self.policy(profile="engine"))
        return b, guardtest.command([*self.prefix(files), *argv])

    def test_confined_by_the_engines_file(self):
        for engine, files in self.FILES.items():
            with self.subTest(engine):
                seen = self.probed(self.start(engine, files)[1])
                self.assertEqual((seen["Seccomp"], seen["keyctl"], seen["add_key"]), (2, 71, 14))
                self.assertEqual(self.decisions()[-1]["profile"], self.profile)

    def test_refused_when_it_cannot_be_told(self):
        for engine in self.FILES:
            with self.subTest(engine):
                files = {path: text + "\x00" for path, text in self.FILES[engine].items()}
                b, done = self.start(engine, files)
                self.assertRefused(done, "cannot tell the seccomp profile of " + engine)
                self.assertIsNone(b.seccomp())
                self.assertNothingLeft()


SAMPLE = '''# all there is
title = "a \\"quoted\\" \\u00e9 \\U0001F600 \\t\\\\" # not "this"
literal = 'C:\\no\\escape'
multi = """
one ""two"" \\
    three
four"""
lines = \'\'\'
# no comment
x = 'y\'\'\'\'
bare-key_1 = 1_000
"quoted.key" = true
'literal key' = 1979-05-27 07:32:00
3.14159 = "pi"
date = 1979-05-27T07:32:00-08:00
float = -6.626e-34
array = [ 1, "two", [ 3, { a = "in" } ], # comment
  "x", ]
point = { x = "1", y.z = '2', "q q" = { r = "3" } }
empty = ""
[table]
key = "v"   # comment
[table . "sub.table"]
a.b.c = "deep"
[crio.runtime]
seccomp_profile = "/etc/x.json"
[[list.of.tables]]
name = "n"
[[list.of.tables]]
name = "m"
[other]
crlf = "1"\r
last = """\r
x"""'''


@unittest.skipUnless(DUMP, "toml-dump is not built")
class Toml(guardtest.Case):
    """The reader of TOML against Python's."""

    def dump(self, texts):
        lines = guardtest.command([DUMP], stdin="".join(t.encode().hex() + "\n" for t in texts).encode()).text.splitlines()
        answers, values = [], []
        for line in lines:
            if line == "ok" or line.startswith("! "):
                answers.append((line, values))
                values = []
            else:
                path, value = line.split(" ")
                values.append((tuple(bytes.fromhex(k).decode() for k in path.split(".")),
                               None if value == "-" else bytes.fromhex(value).decode()))
        self.assertEqual(len(answers), len(texts))
        return answers

    def expected(self, tree, path=()):
        """[(path, string or None)], and the paths of arrays."""
        values, arrays = [], []
        for key, value in tree.items():
            if isinstance(value, dict):
                inner = self.expected(value, path + (key,))
                values += inner[0]
                arrays += inner[1]
            else:
                arrays += [path + (key,)] if isinstance(value, list) else []
                values.append((path + (key,), value if isinstance(value, str) else None))
        return values, arrays

    def compare(self, text, answer):
        """True when Python reads it, and then it is read alike."""
        try:
            tree = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError, ValueError):
            return False
        if answer[0] != "ok":
            self.fail("%r: %s" % (text, answer[0]))
        # Python makes one kind of line end of both.
        values = [(path, value and value.replace("\r\n", "\n")) for path, value in answer[1]]
        wanted, arrays = self.expected(tree)
        # What is in an array has no path of its own; an array of tables is not told at all.
        mine = [v for v in values if not any(v[0][:len(a)] == a and v[0] != a for a in arrays)]
        theirs = [v for v in wanted if v[0] not in arrays or v in mine]
        self.assertEqual(sorted(mine, key=repr), sorted(theirs, key=repr), text)
        return True

    def test_sample(self):
        answer = self.dump([SAMPLE])[0]
        self.assertEqual(answer[0], "ok")
        values = dict(answer[1])
        self.assertEqual(values["title",], 'a "quoted" \u00e9 \U0001F600 \t\\')
        self.assertEqual(values["crio", "runtime", "seccomp_profile"], "/etc/x.json")
        self.assertEqual(values["table", "sub.table", "a", "b", "c"], "deep")
        self.assertEqual(values["point", "y", "z"], "2")
        self.assertNotIn(("list", "of", "tables", "name"), values)
        if tomllib:
            self.assertTrue(self.compare(SAMPLE, answer))

    @unittest.skipUnless(tomllib, "this Python reads no TOML")
    def test_files_of_engines(self):
        found = [p for p in ("/usr/share/containers/containers.conf", "/etc/containers/registries.conf",
                             "/etc/containers/libpod.conf") if os.path.exists(p)]
        if not found:
            self.skipTest("no configuration of an engine here")
        for path in found:
            with open(path, encoding="utf-8") as f:
                text = f.read()
            # Every line that is commented out, too, where that is TOML.
            texts = [text] + [line.lstrip("#").strip() for line in text.splitlines() if "=" in line]
            self.assertTrue(sum(self.compare(t, a) for t, a in zip(texts, self.dump(texts))) > 1, path)

    @unittest.skipUnless(tomllib, "this Python reads no TOML")
    def test_mutations(self):
        picker, texts = random.Random(7), []
        pieces = ['"', "'", '"""', "'''", "\\", "\n", "\r\n", "#", "=", ".", ",", "[", "]", "{", "}", "[[", "]]", " ", "\t", "a",
                  "\\u0041", "\\x41", "\x00", "\x7f", "\u00e9", "1979-05-27", "07:32:00", "true", "a.b", "0"]
        for _ in range(6000):
            # A few lines, so that some of them stay whole.
            lines = SAMPLE.split("\n")
            start = picker.randrange(len(lines))
            text = "\n".join(lines[start:start + picker.randint(1, 6)])
            for _ in range(picker.randint(1, 2)):
                at = picker.randint(0, len(text))
                cut = picker.choice((0, 0, 1, 2))
                text = text[:at] + picker.choice(pieces) + text[at + cut:]
            texts.append(text)
        read = sum(self.compare(t, a) for t, a in zip(texts, self.dump(texts)))
        guardtest.diagnose("%d of %d texts are TOML" % (read, len(texts)))
        self.assertGreater(read, 500)

    def test_what_is_not_toml(self):
        cases = ["a", "a =", "= 1", "a = \"", "a = 'x", 'a = """x""', "a = [1", "a = {b = 1", "[a", "[[a]", "a = 1 b = 2", "a.=1", "a b = 1",
                 'a = "\\q"', 'a = "\\u12"', 'a = "\\ud800"', 'a = "\\U00110000"', 'a = "x\ny"', "a = 'x\ny'", 'a = "\x01"', "# \x01",
                 '"""a""" = 1', "a = " + "[" * 40, "a = " + "{a=" * 40, ".".join("a" * 40) + " = 1", "\r", "a = 1\rb = 2", 'a = """""""""']
        for text, (end, _) in zip(cases, self.dump(cases)):
            self.assertTrue(end.startswith("! "), (text, end))
            self.assertIn("not valid TOML", end)


if __name__ == "__main__":
    guardtest.main()
