#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the host: what report.py makes of what is left when a guest has died.

here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

# fetches CELL CC: two seeds of two sizes, by both
fetches()
{
	local seed size

	for seed in 1 2; do
		for size in 10000 1000000; do
			echo "cell $1 fetch xtcp $2 $seed $size 1000000 $size 0 ok"
			echo "cell $1 fetch tcp $2 $seed $size 2000000 $size 0 ok"
		done
	done
}

# report CODE: of the lines on standard input; it must end with that code
report()
{
	"$here/report.py" commit kernel "$out" > "$out/table" 2>&1
	[ $? -eq "$1" ] || { sed 's/^/# /' "$out/table"; false; }
}

whole()
{
	{ fetches centre cubic; fetches lte cubic; } | report 0 &&
		grep -q '^lte .* 2\.00' "$out/table"
}

# The last line is in pieces, and one protocol has more of it than the other.
died()
{
	{
		fetches centre cubic
		fetches lte cubic | head -n 5
		echo "cell lte fetch tcp cubic 2 100"
	} | report 1 && grep -q '^centre .* 2\.00' "$out/table" &&
		grep -qx 'lte with cubic was not measured to its end' "$out/table" &&
		! grep -q '^lte .* 2\.00' "$out/table"
}

one_is_missing()
{
	{ fetches centre cubic; fetches centre bbr; fetches lte cubic; } | report 1 &&
		grep -qx 'lte with bbr was not measured to its end' "$out/table" &&
		grep -q '^lte .* 2\.00' "$out/table"
}

nothing() { report 1 < /dev/null; }

n=0 failed=0
result()
{
	if [ $? -eq 0 ]; then
		echo "ok $((n += 1)) $1"
	else
		echo "not ok $((n += 1)) $1"
		failed=1
	fi
}

echo "TAP version 13"
echo "1..4"
whole; result what_is_whole_is_told
died; result what_is_left_of_a_cell_is_not
one_is_missing; result one_congestion_control_is_missing
nothing; result nothing_was_measured
exit $failed
