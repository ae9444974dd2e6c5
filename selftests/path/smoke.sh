#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does the measuring of "make bench-path" work? One round of a little on three paths,
# of which one loses a twentieth, and two flows on a fourth.

here=$(dirname "$0")
lines=$(XTCP_PATH_SIZES="2*10000,2*100000" XTCP_PATH_SHARE=2 \
	"$here/rig.sh" loss-5 late-5 ecn pair-near 2>&1)
code=$?

count() { grep -cE "$1" <<< "$lines"; }

echo "TAP version 13"
echo "1..4"
echo "$lines" | sed 's/^/# /'
failed=0
result()
{
	if "${@:3}"; then
		echo "ok $1 $2"
	else
		echo "not ok $1 $2"
		failed=1
	fi
}
result 1 all_is_measured test $code -eq 0
result 2 all_data_is_right test "$(count '^cell [^ ]* fetch x?tcp cubic 1 10+ .* ok$')" -eq 24
result 3 what_is_lost_is_counted test \
	"$(count '^cell loss-5 fetch x?tcp cubic 1 10+ [0-9]+ [0-9]+ [1-9][0-9]* ok$')" -ge 2
result 4 both_share test "$(count '^cell pair-near share cubic 1 ok( x?tcp [1-9][0-9]+){2}$')" -eq 1
exit $failed
