#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# requests.sh works: nginx and redis answer over each transport, and are counted.

# shellcheck source=selftests/programs/lib.sh disable=SC2154
. "$(dirname "$0")/../programs/lib.sh"
needs nginx wrk redis-server redis-cli redis-benchmark curl
bench=$(cd "$(dirname "$0")" && pwd)

rows()
{
	XTCP_BENCH_ROWS='^(lo redis-get-pipeline|veth nginx-connections)$' XTCP_BENCH_SHARE=2 \
		"$bench/requests.sh" 1 > "$work/rows" || return
	[ "$(tail -n +2 "$work/rows" | cut -d ' ' -f 1-3)" = "lo redis-get-pipeline xtcp
lo redis-get-pipeline tcp
lo redis-get-pipeline unix
veth nginx-connections xtcp
veth nginx-connections tcp" ]
}

columns() { ! tail -n +2 "$work/rows" | grep -vE ' [0-9]+(\.[0-9]+)?$'; }

check "nginx and redis answer over each transport" rows
check "what is printed can be read" columns
finish
