#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""As much of the kubelet's side of CRI (runtime.v1) as tests need: cri-client.py SOCKET CALL... with the request as JSON on
standard input, each of whose keys is a field's number, or "NUMBER:s" etc. Prints the response's fields as JSON. Debian
packages grpc for its own Python, hence a program by itself."""

import json
import sys

import grpc


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def encode(message):
    """{number: value}; a list is a repeated field, a dictionary a message, a number a varint."""
    out = b""
    for number, value in message.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int):
                out += varint(int(number) << 3) + varint(one)
            else:
                raw = encode(one) if isinstance(one, dict) else one.encode()
                out += varint(int(number) << 3 | 2) + varint(len(raw)) + raw
    return out


def decode(raw):
    """The last value of each field of the outermost message; bytes as text."""
    found, at = {}, 0

    def number():
        nonlocal at
        n = shift = 0
        while True:
            byte = raw[at]
            at += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while at < len(raw):
        key = number()
        if key & 7 == 0:
            found[key >> 3] = number()
        else:
            size = number()
            found[key >> 3] = raw[at:at + size].decode("utf-8", "replace")
            at += size
    return found


def main():
    with grpc.insecure_channel("unix://" + sys.argv[1]) as channel:
        call = channel.unary_unary("/runtime.v1." + sys.argv[2], request_serializer=encode, response_deserializer=decode)
        try:
            print(json.dumps(call(json.load(sys.stdin), timeout=60)))
        except grpc.RpcError as e:
            sys.exit("cri-client: %s: %s" % (e.code(), e.details()))


main()
