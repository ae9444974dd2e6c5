#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Is the documentation true? Every setting and every counter of the code is
# described, everything described exists, the code uses what it offers, and states
# change as the table of the state machine says.
# TAP; the exit code is 0 if all holds.

set -u
shopt -s inherit_errexit

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
doc=$top/Documentation
admin=$top/module/admin

test_no=0
failed=0

# check NAME LINES: fails, and shows the lines, unless there are none
check()
{
	test_no=$((test_no + 1))
	if [ -z "$2" ]; then
		echo "ok $test_no $1"
		return
	fi
	failed=1
	echo "not ok $test_no $1"
	echo "# ${2//$'\n'/$'\n'# }"
}

# The two ways in which lists of words can differ.
missing() { comm -23 <(sort -u <<<"$1") <(sort -u <<<"$2"); }

# An empty list means that a file has changed its form, and the check is blind.
need()
{
	if [ "$(wc -l <<<"$2")" -lt "$3" ]; then
		echo "Bail out! no $1 found"
		exit 1
	fi
}

settings=$(sed -nE 's/^\tINT_SETTING\(([a-z_]+), .*/\1/p; s/.*\.procname\t= "([a-z_]+)".*/\1/p' \
	"$admin/sysctl.c")
described=$(sed -nE 's/^   \* - \x60\x60([a-z_]+)\x60\x60$/\1/p' "$doc/sysctl.rst")
need settings "$settings" 10
need "settings in sysctl.rst" "$described" 10

# X-lists: the name and the text of each line
list() { sed -nE 's/^\tX\(([A-Z0-9_]+),[[:space:]]*"([A-Za-z]+)".*/\1 \2/p' "$@"; }

counters=$(list "$top/include/xtcp/mib.h" "$admin/mib.h")
counter_names=$(cut -d' ' -f2 <<<"$counters")
described_counters=$(sed -nE 's/^\x60\x60([A-Z][A-Za-z]+)\x60\x60$/\1/p' "$doc/counters.rst")
need counters "$counters" 20
need "counters in counters.rst" "$described_counters" 20

# words used outside the files that define them
used()
{
	local word

	while read -r word; do
		grep -rqwE "$2$word" --include='*.c' --exclude-dir=admin "$top/module" ||
			echo "$word"
	done <<<"$1"
}

if ! make -s -C "$top/selftests/doc" >&2 || ! table=$("$top/selftests/doc/build/states"); then
	echo "Bail out! the state machine cannot be tried"
	exit 1
fi
# The first table of the page, from its first rule to its third.
described_table=$(awk '/^=+  =/ && ++rules > 3 { exit } rules' "$doc/state-machine.rst" |
	sed '/^$/,$d')
need "rows of the state machine" "$table" 30

# Rows of rfc9293.rst, and the tests that they name.
musts=$(sed -nE 's/^   ([0-9]+) \| .*/\1/p' "$doc/rfc9293.rst")
must_tests=$(grep -E '^   [0-9]+ \| ' "$doc/rfc9293.rst" | sed 's/.*| //' | tr -d '\140')
need "requirements in rfc9293.rst" "$musts" 60

# not_there TEST...: FIXTURE.TEST of a C program, FILE.CHECK of a shell script, or a script
# of conform
not_there()
{
	local test

	for test; do
		case $test in
		*.xtcp)	[ -e "$top/selftests/conform/scripts/$test" ] ;;
		*.*)	grep -rqw --include='*.c' --exclude-dir=build \
				"^TEST_F(${test%%.*}, ${test#*.}" "$top/selftests" ||
			grep -qw "^check ${test#*.}" "$top/selftests/net/${test%%.*}.sh" ;;
		*)	false ;;
		esac || echo "$test"
	done
}

echo "TAP version 13"
echo "1..12"
check settings_are_described "$(missing "$settings" "$described")"
check described_settings_exist "$(missing "$described" "$settings")"
check counters_are_described "$(missing "$counter_names" "$described_counters")"
check described_counters_exist "$(missing "$described_counters" "$counter_names")"
check counters_have_one_name_each "$(sort <<<"$counter_names" | uniq -d)"
# mem and available_congestion_control are not fields of a namespace
fields=$(grep -vxE 'mem|available_congestion_control' <<<"$settings")
# By its name, or by the core's. Only two processors at the same moment can cause DropRace.
untested()
{
	local id name

	while read -r id name; do
		grep -rqwE --exclude-dir=build --exclude-dir=doc --include='*.c' --include='*.sh' \
			--include='*.xtcp' "$name|XTCP_(EV|DROP|MIB)_$id" "$top/selftests" ||
			echo "$name"
	done < <(grep -vw DropRace <<<"$counters")
}
check counters_are_tested "$(untested)"
check settings_are_used "$(used "$fields" '(set\.|set->)')"
check shell_counters_are_counted \
	"$(used "$(list "$admin/mib.h" | cut -d' ' -f1)" 'XTCP_MIB_')"
check core_counters_are_counted \
	"$(for kind in DROP EV; do
		start="XTCP_${kind}S"; [ $kind = EV ] && start=XTCP_EVENTS
		used "$(sed -n "/^#define $start(X)/,/^\$/p" "$top/include/xtcp/mib.h" |
			sed -nE 's/^\tX\(([A-Z0-9_]+),.*/\1/p')" "XTCP_${kind}_"
	done)"
check states_change_as_described \
	"$(diff <(echo "$described_table") <(echo "$table") | grep '^[<>]')"
check every_MUST_of_RFC_9293_is_answered "$(diff <(seq 69) - <<<"$musts")"
# shellcheck disable=SC2086 # words
check tests_of_the_MUSTs_exist "$(not_there $must_tests)"
exit $failed
