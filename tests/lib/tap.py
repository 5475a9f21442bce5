# SPDX-License-Identifier: Apache-2.0
"""unittest that speaks TAP: each test method is one line, a skip carries its reason.

The plan comes last, so that a program that dies half way is seen as an error by the driver. A test that is interrupted
still cleans up.
"""

import os
import signal
import sys
import time
import unittest

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """One of STOPS came. unittest lets nothing through but KeyboardInterrupt."""


def _interrupt(number, _):
    for s in STOPS:
        signal.signal(s, signal.SIG_IGN)
    raise Interrupted(number)


def diagnose(text):
    """Print `text` as TAP comments."""
    for line in str(text).splitlines():
        print("# " + line.encode("ascii", "backslashreplace").decode())
    sys.stdout.flush()


class TapResult(unittest.TestResult):
    """Prints each result as it comes."""

    def __init__(self):
        super().__init__()
        self.count = 0
        self.failed = False
        self._subtest_failed = False
        self._started = 0.0
        self._test = None

    def startTest(self, test):
        super().startTest(test)
        self._test = test
        self._subtest_failed = False
        self._started = time.monotonic()

    def clean_up(self):
        """What unittest leaves undone when it is interrupted."""
        if self._test:
            self._test.doCleanups()
            type(self._test).tearDownClass()
            type(self._test).doClassCleanups()

    def _line(self, ok, test, suffix=""):
        self.count += 1
        name = getattr(test, "_testMethodName", None)
        name = "%s.%s" % (type(test).__name__, name) if name else str(test)
        print("%s %d - %s%s" % ("ok" if ok else "not ok", self.count, name.replace("#", ""), suffix))
        sys.stdout.flush()

    def _fail(self, test, err):
        self.failed = True
        # Without unittest's own frames.
        diagnose(self._exc_info_to_string(err, test))
        self._line(False, test)

    def addSuccess(self, test):
        # Python 3.11 and later report success also after a failed subtest.
        if not self._subtest_failed:
            taken = time.monotonic() - self._started
            if taken > 5:
                diagnose("%s took %.1f s" % (test, taken))
            self._line(True, test)

    def addError(self, test, err):
        self._fail(test, err)

    def addFailure(self, test, err):
        self._fail(test, err)

    def addSkip(self, test, reason):
        self._line(True, test, " # SKIP " + reason.replace("\n", " "))

    def addSubTest(self, test, subtest, err):
        # A test with failing subtests is one failed test with all of them as diagnostics.
        if err is None:
            return
        self.failed = True
        diagnose("subtest %s" % subtest._subDescription())
        diagnose(self._exc_info_to_string(err, test))
        if not self._subtest_failed:
            self._subtest_failed = True
            self._line(False, test)


def main(module="__main__"):
    """Run the tests of `module`, or those that the command line names (Class or Class.method)."""
    loader = unittest.TestLoader()
    module = sys.modules[module]
    if len(sys.argv) > 1:
        suite = loader.loadTestsFromNames(sys.argv[1:], module)
    else:
        suite = loader.loadTestsFromModule(module)
    result = TapResult()
    for number in STOPS:
        signal.signal(number, _interrupt)
    try:
        suite.run(result)
    except Interrupted as stop:
        # Who read this may be gone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        result.clean_up()
        signal.signal(stop.args[0], signal.SIG_DFL)
        os.kill(os.getpid(), stop.args[0])
    print("1..%d" % result.count)
    sys.exit(1 if result.failed else 0)


def each(cases, name):
    """Class decorator: for each method `check_X(self, case)` make one test for each of `cases`, named by name(case)."""

    def decorate(cls):
        for attribute in [a for a in dir(cls) if a.startswith("check_")]:
            for case in cases:
                def test(self, _method=attribute, _case=case):
                    getattr(self, _method)(_case)
                label = "".join(c if c.isalnum() or c in "-_." else "_" for c in name(case))
                setattr(cls, "test_%s_%s" % (attribute[len("check_"):], label), test)
        return cls

    return decorate
