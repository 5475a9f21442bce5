# SPDX-License-Identifier: Apache-2.0
"""How runc, crun to 1.27 and crun from 1.28 read linux.seccomp out of a config.json: models to test against.

Independent of the C sources, and deliberately naive. Go's encoding/json applies every occurrence of a key in order,
folds case and merges; libocispec on yajl takes the first, on json-c the last, and both see C strings. A reading is
a Reading, or Reject when the runtime would not start the container. What a model does not know it accepts: that can
only make the guard look worse than it is.
"""

import os
import re
import sys

ACTIONS = {"SCMP_ACT_" + a for a in
           "KILL KILL_PROCESS KILL_THREAD TRAP ERRNO TRACE ALLOW LOG NOTIFY".split()}
OPERATORS = {"SCMP_CMP_" + o for o in "NE LT LE EQ GE GT MASKED_EQ".split()}
FOREIGN = ("run.oci.seccomp_bpf_data", "run.oci.seccomp.plugins", "run.oci.seccomp.receiver")


sys.setrecursionlimit(20000)


class Reject(Exception):
    pass


class Reading:
    """`profile`: None for no filter, else (default, default errno, rules); a rule is (names, action, errno, args)."""

    def __init__(self, profile, foreign=False):
        self.profile = profile
        self.foreign = foreign


# ---- the text: objects become Members, so that every occurrence of a key is kept ----

class Members(list):
    """Pairs of key and value, in order."""


class Number(str):
    pass


class Text:
    """A parser with the habits of one library."""

    white = b" \t\r\n"
    comments = False
    lenient = False      # json-c's default mode
    whole = True         # something behind the value is an error
    max_depth = 10000

    def __init__(self, text):
        self.text = text
        self.at = 0
        self.depth = 0

    def parse(self):
        value = self.value()
        self.skip()
        if self.whole and self.at < len(self.text):
            raise Reject("something behind the value")
        return value

    def skip(self):
        while self.at < len(self.text):
            if self.text[self.at] in self.white:
                self.at += 1
            elif self.comments and self.text.startswith(b"/*", self.at):
                end = self.text.find(b"*/", self.at + 2)
                if end < 0:
                    raise Reject("comment without end")
                self.at = end + 2
            elif self.comments and self.text.startswith(b"//", self.at):
                end = self.text.find(b"\n", self.at)
                self.at = len(self.text) if end < 0 else end + 1
            else:
                return

    def peek(self):
        self.skip()
        return self.text[self.at:self.at + 1]

    def value(self):
        c = self.peek()
        if c == b"{":
            return self.container(b"}", self.member, Members())
        if c == b"[":
            return self.container(b"]", self.value, [])
        if c == b'"' or (self.lenient and c == b"'"):
            return self.string(c)
        for word, value in ((b"null", None), (b"true", True), (b"false", False)):
            found = self.text[self.at:self.at + len(word)]
            if found == word or (self.lenient and found.lower() == word):
                self.at += len(word)
                return value
        return self.number()

    def container(self, end, element, items):
        self.at += 1
        self.depth += 1
        if self.depth > min(self.max_depth, 2000):
            raise Reject("nested too deep")
        if self.peek() == end:
            self.at += 1
            self.depth -= 1
            return items
        while True:
            items.append(element())
            c = self.peek()
            self.at += 1
            if c == b"," and self.lenient and self.peek() == end:
                c = self.peek()
                self.at += 1
            if c == end:
                self.depth -= 1
                return items
            if c != b",":
                raise Reject("neither comma nor end")

    def member(self):
        c = self.peek()
        if c != b'"' and not (self.lenient and c == b"'"):
            raise Reject("no key")
        key = self.string(c)
        if self.peek() != b":":
            raise Reject("no colon")
        self.at += 1
        return key, self.value()

    def number(self):
        form = rb"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"
        if self.lenient:
            form = rb"-?([0-9]+(\.[0-9]*)?([eE][-+]?[0-9]*)?|NaN|Infinity)"
        m = re.compile(form).match(self.text, self.at)
        if not m:
            raise Reject("no value")
        self.at = m.end()
        return Number(m.group().decode())

    def string(self, quote):
        out = bytearray()
        self.at += 1
        while True:
            c = self.text[self.at:self.at + 1]
            if not c:
                raise Reject("string without end")
            self.at += 1
            if c == quote:
                return self.decode(bytes(out))
            if c[0] < 0x20 and not self.lenient:
                raise Reject("control character")
            out += self.escape() if c == b"\\" else c

    def escape(self):
        c = self.text[self.at:self.at + 1]
        self.at += 1
        if c and c in b'"\\/bfnrt':
            return {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(c, c)
        code = self.hex4() if c == b"u" else None
        if code is None:
            raise Reject("bad escape")
        if 0xd800 <= code < 0xdc00 and self.text.startswith(b"\\u", self.at):
            back = self.at
            self.at += 2
            low = self.hex4()
            if low is not None and 0xdc00 <= low < 0xe000:
                return chr(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)).encode()
            self.at = back
        return b"\xef\xbf\xbd" if 0xd800 <= code < 0xe000 else chr(code).encode()

    def hex4(self):
        digits = self.text[self.at:self.at + 4]
        if not re.fullmatch(rb"[0-9a-fA-F]{4}", digits):
            return None
        self.at += 4
        return int(digits, 16)

    def decode(self, raw):
        return raw.decode("utf-8", "replace")


class GoText(Text):
    whole = False


class YajlText(Text):
    white = b" \t\r\n\v\f"
    comments = True

    def __init__(self, text):
        super().__init__(text.split(b"\0")[0])

    def decode(self, raw):
        # yajl looks at the shape of a sequence only: overlong forms and surrogates pass.
        if not re.fullmatch(rb"(?s)([\0-\x7f]|[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3})*",
                            raw):
            raise Reject("not UTF-8")
        return raw.decode("utf-8", "replace")


class JsonCText(Text):
    comments = True
    lenient = True
    whole = False
    max_depth = 32

    def __init__(self, text):
        super().__init__(text.split(b"\0")[0])


# ---- runc: encoding/json into specs-go ----

class Slice:
    """A Go slice: elements beyond the length stay in the array, and are decoded over when it grows again."""

    def __init__(self):
        self.array = []
        self.n = 0

    def items(self):
        return self.array[:self.n]


def go_unsigned(limit):
    def decode(value, old):
        if value is None:
            return old
        if not isinstance(value, Number) or not re.fullmatch(r"[0-9]+", value) or int(value) > limit:
            raise Reject("no unsigned number")
        return int(value)
    return decode


def go_string(value, old):
    if value is None:
        return old
    if not isinstance(value, str) or isinstance(value, Number):
        raise Reject("no string")
    return value


def go_any(_value, old):
    return old


def go_map(value, old):
    if value is None:
        return None
    if not isinstance(value, Members):
        raise Reject("no object")
    out = dict(old or {})
    for key, v in value:
        out[key] = go_string(v, "")
    return out


def go_slice(element, fresh):
    def decode(value, old):
        if value is None:
            return None
        if not isinstance(value, list) or isinstance(value, Members):
            raise Reject("no array")
        if not value:
            return Slice()
        s = old or Slice()
        s.n = 0
        for v in value:
            if s.n == len(s.array):
                s.array.append(fresh())
            s.array[s.n] = element(v, s.array[s.n])
            s.n += 1
        return s
    return decode


def go_fold(text):
    return "".join({"\u017f": "s", "\u212a": "k"}.get(c, c.lower() if c.isascii() else c) for c in text)


def go_struct(fields):
    folded = {go_fold(name): name for name in fields}

    def decode(value, old):
        if value is None:
            return old
        if not isinstance(value, Members):
            raise Reject("no object")
        for key, v in value:
            name = folded.get(go_fold(key))
            if name is not None:
                old[name] = fields[name](v, old.get(name))
        return old
    return decode


def go_pointer(element):
    def decode(value, old):
        return None if value is None else element(value, {} if old is None else old)
    return decode


def go_empty():
    return ""


U64 = 2 ** 64 - 1
GO_ARG = go_struct({"index": go_unsigned(U64), "value": go_unsigned(U64), "valueTwo": go_unsigned(U64),
                    "op": go_string})


def go_errno(value, old):
    """*uint: null makes it nil."""
    return None if value is None else go_unsigned(U64)(value, old)


GO_RULE = go_struct({"names": go_slice(go_string, go_empty), "action": go_string, "errnoRet": go_errno,
                     "args": go_slice(GO_ARG, dict)})
GO_SECCOMP = go_struct({
    "defaultAction": go_string, "defaultErrnoRet": go_errno, "architectures": go_slice(go_string, go_empty),
    "flags": go_slice(go_string, go_empty), "listenerPath": go_string, "listenerMetadata": go_string,
    "syscalls": go_slice(GO_RULE, dict)})
GO_LINUX = go_struct({"seccomp": go_pointer(GO_SECCOMP), "maskedPaths": go_slice(go_string, go_empty)})
GO_SPEC = go_struct({"ociVersion": go_string, "linux": go_pointer(GO_LINUX), "annotations": go_map})


def items(slice_):
    return slice_.items() if slice_ else []


def runc(text):
    spec = GO_SPEC(GoText(text).parse(), {})
    if not spec.get("ociVersion"):
        raise Reject("no version")
    s = (spec.get("linux") or {}).get("seccomp")
    if s is None or (not s.get("defaultAction") and not items(s.get("syscalls"))):
        return Reading(None)
    rules = [rule(items(r.get("names")), r.get("action", ""), r.get("errnoRet"),
                  [condition(a) for a in items(r.get("args"))]) for r in items(s.get("syscalls"))]
    return Reading(profile(s.get("defaultAction", ""), s.get("defaultErrnoRet"), rules))


def condition(arg):
    if arg.get("op") not in OPERATORS or (arg.get("index") or 0) > 5:
        raise Reject("bad condition")
    return arg.get("index") or 0, arg["op"], arg.get("value") or 0, arg.get("valueTwo") or 0


def rule(names, action, errno, args):
    if action not in ACTIONS:
        raise Reject("bad action")
    return [n.split("\0")[0] for n in names], action, errno, args


def profile(default, errno, rules):
    if default not in ACTIONS:
        raise Reject("bad default action")
    return default, errno, rules


# ---- crun: libocispec ----

def crun(parse, pick):
    """`pick` chooses among the values of one key, in order."""
    def get(value, name, kind):
        found = [v for k, v in value if k.split("\0")[0] == name]
        v = pick(found) if found else None
        return v if kind(v) else None

    def is_object(v):
        return isinstance(v, Members)

    def is_array(v):
        return isinstance(v, list) and not isinstance(v, Members)

    def is_string(v):
        return isinstance(v, str) and not isinstance(v, Number)

    def is_number(v):
        return isinstance(v, Number)

    def number(value, name, limit):
        v = get(value, name, is_number)
        if v is None:
            return None
        if not re.fullmatch(r"-?0|[0-9]+", v) or int(v) > limit:
            raise Reject("bad number")
        return abs(int(v))

    def required(value, name, kind):
        v = get(value, name, kind) if is_object(value) else None
        if v is None:
            raise Reject("required " + name)
        return v

    def cut(v):
        return v.split("\0")[0]

    def read_arg(a):
        op = cut(required(a, "op", is_string))
        return condition({"op": op, "index": number(a, "index", 2 ** 32 - 1), "value": number(a, "value", U64),
                          "valueTwo": number(a, "valueTwo", U64)})

    def read_rule(r):
        names = [cut(n) if is_string(n) else "" for n in required(r, "names", is_array)]
        args = [read_arg(a) for a in get(r, "args", is_array) or []]
        return rule(names, cut(required(r, "action", is_string)), number(r, "errnoRet", 2 ** 32 - 1), args[:6])

    def read(text):
        spec = parse(text).parse()
        required(spec, "ociVersion", is_string)
        linux = required(spec, "linux", is_object)
        notes = get(spec, "annotations", is_object) or []
        if not all(is_string(v) for _, v in notes):
            raise Reject("an annotation that is no string")
        foreign = any(cut(k) in FOREIGN for k, _ in notes)
        s = get(linux, "seccomp", is_object)
        if s is None:
            return Reading(None, foreign)
        default = cut(required(s, "defaultAction", is_string))
        rules = [read_rule(r) for r in get(s, "syscalls", is_array) or []]
        return Reading(profile(default, number(s, "defaultErrnoRet", 2 ** 32 - 1), rules), foreign)
    return read


READERS = {"runc": runc, "crun": crun(YajlText, lambda v: v[0]), "json-c": crun(JsonCText, lambda v: v[-1])}


# ---- what a profile does ----

def syscalls():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "flavor", "profiles", "syscalls.list")
    with open(path, encoding="ascii") as f:
        return {line.split()[0] for line in f if line.strip() and not line.startswith("#")}


SYSCALLS = syscalls()


def permits(action):
    return action in ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG")


def can_be_true(arg):
    _, op, value, two = arg
    return not ((op == "SCMP_CMP_LT" and value == 0) or (op == "SCMP_CMP_GT" and value == U64) or
                (op == "SCMP_CMP_MASKED_EQ" and two & ~value))


def rule_can_apply(args):
    if len({a[0] for a in args}) < len(args):
        return any(can_be_true(a) for a in args)
    return all(can_be_true(a) for a in args)


def restricts(p):
    """Is there a call that does not run, for some arguments? libseccomp keeps the first rule without conditions."""
    if p is None:
        return False
    default, default_errno, rules = p
    for name in SYSCALLS if not permits(default) else {n for r in rules for n in r[0]} & SYSCALLS:
        verdicts = [not permits(default)]
        for names, action, errno, args in rules:
            same = action == default and (action != "SCMP_ACT_ERRNO" or
                                          (1 if errno is None else errno) == (1 if default_errno is None else default_errno))
            if name not in names or same or not rule_can_apply(args):
                continue
            if not args:
                verdicts = [not permits(action)]
                break
            verdicts.append(not permits(action))
        if any(verdicts):
            return True
    return False


def readings(text):
    """{runtime: Reading or None}; None: the runtime refuses."""
    out = {}
    for name, read in READERS.items():
        try:
            out[name] = read(text)
        except Reject:
            out[name] = None
    return out
