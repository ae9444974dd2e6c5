#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A runner that misses failures is worse than none: every kind of failure is
# made here and must be found. Host only; what needs a guest is in
# uml-selftest.sh.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/vm/verdict.sh
. "$here/verdict.sh"
say() { :; }

number=0
failed=0
result()
{
	number=$((number + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $number $3"
	else
		echo "not ok $number $3 # '$1' is not '$2'"
		failed=1
	fi
}

# tap NAME EXPECTED_LAST_LINE INPUT
tap()
{
	local said

	said=$(printf '%b' "$3" | awk -f "$here/tap.awk" | tail -n 1)
	result "$said" "$2" "tap_$1"
}

# run NAME EXPECTED_VERDICT STATUS DMESG [ENDED]
run()
{
	run=$(mktemp -d)
	verdict=
	printf '%b' "$3" > "$run/status"
	printf '%b' "$4" > "$run/dmesg"
	judge "${5:-0}" 10
	result "$verdict" "$2" "verdict_$1"
	rm -rf "$run"
}

echo "TAP version 13"
echo "1..23"
tap pass "2 passed, 0 failed, 0 skipped" "TAP version 13\n1..2\nok 1 a\nok 2 b\n"
tap failure "1 passed, 1 failed, 0 skipped" "TAP version 13\n1..2\nok 1 a\nnot ok 2 b\n"
tap skip "1 passed, 0 failed, 1 skipped" "TAP version 13\n1..2\nok 1 a\nok 2 b # SKIP no kvm\n"
tap missing "1 passed, 1 failed, 0 skipped" "TAP version 13\n1..2\nok 1 a\n"
tap too_many "2 passed, 1 failed, 0 skipped" "TAP version 13\n1..1\nok 1 a\nok 2 b\n"
tap no_plan "1 passed, 1 failed, 0 skipped" "TAP version 13\nok 1 a\n"
tap nothing "0 passed, 1 failed, 0 skipped" ""
tap nested "1 passed, 0 failed, 0 skipped" "TAP version 13\n1..1\n# not ok 1 x # todo\nok 1 a\n"
tap two_streams "2 passed, 1 failed, 0 skipped" \
	"TAP version 13\n1..1\nok 1 a\nTAP version 13\n1..2\nok 1 a\n"
run pass "" "code 0\ntainted 12288\ndone\n" "all is well\n"
run died 123 "code 0\n" ""
run timeout 124 "" "" 124
run insmod 123 "insmod failed\ntainted 0\ndone\n" ""
run rmmod 125 "code 0\nrmmod busy\ntainted 0\ndone\n" ""
run sockets 125 "code 0\nsockets 3\ntainted 0\ndone\n" ""
run namespaces 125 "code 0\nnamespaces 2\ntainted 0\ndone\n" ""
run lockdep 125 "code 0\ndebug_locks 0\ntainted 0\ndone\n" ""
run lockdep_watches "" "code 0\ndebug_locks 1\ntainted 0\ndone\n" ""
run taint 125 "code 0\ntainted 512\ndone\n" ""
run warning 125 "code 0\ndone\n" "WARNING: CPU: 0 PID: 1 at x.c:1\n"
run oops 125 "code 0\ndone\n" "Oops: 0000 [#1]\n"
run slab 125 "code 0\ndone\n" "BUG xtcp_tw (Not tainted): Objects remaining in xtcp_tw\n"
run netns 125 "code 0\ndone\n" "unregister_netdevice: waiting for lo to become free\n"
exit $failed
