#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# path.sh [CELL...]: measure those cells, or all, in two guests at once; print the
# table and write build/path/COMMIT: results.json, plots, and all lines of rig.sh.
#
#	XTCP_PATH_SEEDS=4	and the others that rig.sh knows
#	XTCP_PATH_CC=cubic,bbr	congestion controls
#	KERNEL=6.12		Debian's kernel in qemu, instead of the quicker "path",
#				which is User Mode Linux, its 6.12 (uml-run.sh --path)

set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=${XTCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xtcp}
kernel=${KERNEL:-path}
export XTCP_PATH_SEEDS=${XTCP_PATH_SEEDS:-4}
export XTCP_PATH_CC=${XTCP_PATH_CC:-cubic,bbr}

commit=$(git -C "$top" rev-parse --short=12 HEAD)
[ -z "$(git -C "$top" status --porcelain -uno)" ] || commit+=-changed
out=$top/build/path/$commit
mkdir -p "$out"
rm -rf "$out"/guest[01].*

if [ "$kernel" = path ]; then
	machine=("$top/selftests/vm/uml-run.sh" --path)
else
	machine=("$top/selftests/vm/vm-run.sh" --kernel "$kernel")
fi
[ $# -gt 0 ] || mapfile -t cells < <(awk '!/^#/ && NF { print $2 }' "$here/cells")
[ $# -eq 0 ] || cells=("$@")

make -s -C "$here" "OUTPUT=$here" "KSELFTEST=$cache/linux-source-6.12/tools/testing/selftests"

# half NUMBER: every other cell, in a guest of its own. If that dies (123), the cell is named
# in which it did, and those behind it have another; what is left of it stays.
half()
{
	local i mine=() code=0 guest run=0

	for ((i = $1; i < ${#cells[@]}; i += 2)); do
		mine+=("${cells[i]}")
	done
	while [ ${#mine[@]} -gt 0 ]; do
		guest=$out/guest$1.$((run += 1))
		code=0
		"${machine[@]}" --timeout 14400 --results "$guest" -- \
			"$here/rig.sh" "${mine[@]}" 2> "$guest.log" |
			awk '$1 == "begin" { print "# " $2; fflush() }' >&2 || code=$?
		[ $code -ne 0 ] || return 0
		{ echo "path: guest $1 ended with $code"; cat "$guest.log"; } >&2
		[ $code -eq 123 ] || break
		i=$(grep -c '^begin ' "$guest/console") || :
		[ "$i" -gt 0 ] || break
		echo "path: it died in the cell ${mine[i - 1]}" >&2
		mine=("${mine[@]:i}")
	done
	return 1
}

code=0
half 0 & first=$!
half 1 || code=1
wait $first || code=1
cat "$out"/guest[01].*/console > "$out/lines"
[ $code -ne 0 ] || rm -rf "$out"/guest[01].*
"$here/report.py" "$commit" "$kernel" "$out" < "$out/lines" | tee "$out/table" || code=1
for cell in "${cells[@]}"; do
	grep -q "^cell $cell " "$out/lines" || { echo "$cell was not measured"; code=1; }
done
exit $code
