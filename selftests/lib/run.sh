#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs programs that print TAP, one after the other, as tests of one TAP: what
# they print is shown indented, their exit code decides. 4 means skipped
# (kselftest). usage: run.sh PROGRAM...

number=0
failed=0
echo "TAP version 13"
echo "1..$#"
for program; do
	number=$((number + 1))
	status=$(mktemp)
	{ "$program" 2>&1; echo $? > "$status"; } | sed 's/^/# /'
	read -r code < "$status"
	rm -f "$status"
	case $code in
	0)	echo "ok $number $(basename "$program")" ;;
	4)	echo "ok $number $(basename "$program") # SKIP" ;;
	*)	echo "not ok $number $(basename "$program") # exit=$code"
		failed=1 ;;
	esac
done
exit $failed
