#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Make ./configure from a git checkout.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --force --install
