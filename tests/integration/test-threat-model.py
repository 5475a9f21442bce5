#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each claim of docs/threat-model.md names the test that holds it, and there is such a test."""

import glob
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import guardtest  # noqa: E402
from guardtest import SRCDIR  # noqa: E402


def page():
    with open(os.path.join(SRCDIR, "docs/threat-model.md"), encoding="utf-8") as f:
        return re.sub(r"\n {2,}", " ", f.read())


def found(what):
    """Whether there is the test: "test-x.py [test_name]", "unit/test-x name" or "tests/fuzz/fuzz-x"."""
    name, _, case = what.partition(" ")
    if name.startswith("unit/"):
        path = os.path.join(SRCDIR, "tests", name + ".c")
    elif name.startswith("tests/fuzz/"):
        return os.path.isfile(os.path.join(SRCDIR, name + ".c")) and os.listdir(
            os.path.join(SRCDIR, "tests/fuzz/corpus", os.path.basename(name)))
    else:
        path = (glob.glob(os.path.join(SRCDIR, "tests/*", name)) + [""])[0]
    if not os.path.isfile(path):
        return False
    with open(path, encoding="utf-8") as f:
        text = f.read()
    return not case or re.search(r"def %s\(self\)|cmocka_unit_test\(%s\)" % (case, case), text) is not None


class ThreatModel(unittest.TestCase):
    def test_each_named_test_exists(self):
        named = [one.strip() for names in re.findall(r"\(held by:\s*([^)]*)\)", page())
                 for one in re.sub(r"\s+", " ", names).split(",")]
        self.assertGreater(len(named), 30)
        self.assertEqual([one for one in named if not found(one)], [])

    def test_each_claim_names_one(self):
        claims = page().split("## What holds")[1].split("## What is no boundary")[0]
        bullets = re.findall(r"(?m)^\* .*$", claims)
        self.assertGreater(len(bullets), 20)
        self.assertEqual([b for b in bullets if "(held by:" not in b], [])

    def test_what_is_not_there_is_found_missing(self):
        self.assertFalse(found("test-hook.py test_nothing_of_that_name"))
        self.assertFalse(found("test-nothing.py"))
        self.assertFalse(found("unit/test-judge nothing"))


if __name__ == "__main__":
    guardtest.main()
