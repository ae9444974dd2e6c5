#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scale.sh: what 100,000 established connections cost (scale.c), XTCP and TCP one
# after the other in one virtual machine of virtual time; build/bench/scale-COMMIT
# gets the table.
#
#	KERNEL=6.12		the kernel
#	XTCP_BENCH_PAIRS	pairs of sockets (50000)

set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
pairs=${XTCP_BENCH_PAIRS:-50000}
commit=$(git -C "$top" rev-parse --short=12 HEAD)
[ -z "$(git -C "$top" status --porcelain -uno)" ] || commit+=-changed
out=$top/build/bench/scale-$commit
mkdir -p "$top/build/bench"

make -s -C "$here" "OUTPUT=$here" "KSELFTEST=$cache/linux-source-6.12/tools/testing/selftests"
# shellcheck disable=SC2016 # the guest's shell expands them
"$top/selftests/vm/vm-run.sh" --kernel "${KERNEL:-6.12}" --timeout 3600 --mem 2G -- bash -c '
	set -e -o pipefail
	sysctl -qw net.ipv4.ip_local_port_range="1024 65535" fs.file-max=1000000
	uname -r
	for transport in tcp xtcp tcp xtcp; do
		unshare -n bash -c "ip link set lo up && exec \"\$@\"" - "$0" "$1" $transport |
			sed "s/^/$transport /"
	done' "$here/scale" "$pairs" |
awk -v pairs="$pairs" -v commit="$commit" '
	NF == 1 { kernel = $1 }
	NF == 3 { value[$1, $2] = $3 }		# the second time counts: caches are warm
	function row(text, name, limit,    ratio) {
		ratio = value["tcp", name] ? value["xtcp", name] / value["tcp", name] : 0
		printf "%-46s%10d%10d%8.2f  %s\n", text, value["xtcp", name],
		       value["tcp", name], ratio, limit
	}
	function growth(transport) {
		return value[transport, "alone"] ? value[transport, "crowded"] / value[transport, "alone"] : 0
	}
	END {
		if (!(("xtcp", "left") in value))
			exit 1
		printf "XTCP %s, kernel %s: %d pairs on loopback\n\n", commit, kernel, pairs
		printf "%-46s%10s%10s%8s  goal\n", "", "xtcp", "tcp", "/tcp"
		row("bytes of MemAvailable for an idle pair", "memory", "1.00")
		row("  of these in slabs", "slab", "")
		row("  not given back 150 s after the last close", "left", "")
		row("instructions for a connection, alone", "alone", "0.80")
		row("  while all these are open", "crowded", "")
		printf "%-46s%10.2f%10.2f%8s  1.10\n", "  as a multiple", growth("xtcp"), growth("tcp"), ""
		row("instructions for a socket in a dump of all", "dump", "1.00")
		row("  sockets shown", "dumped", "")
	}' | tee "$out"
