#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Python: its HTTP server and client.

# shellcheck source=selftests/programs/lib.sh
. "$(dirname "$0")/lib.sh"
needs python3
two_hosts
make_file 300000
mkdir "$work/www"
cp "$work/file" "$work/www"

cat > "$work/get.py" <<'PYTHON'
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=600) as answer:
    sys.stdout.buffer.write(answer.read())
PYTHON

gets() { client python3 "$work/get.py" "http://$host:$port/file" | cmp - "$work/file"; }

check server serve python3 -m http.server --bind :: --directory "$work/www" $port
each_way get gets
check no_segment_of_TCP no_tcp
finish
