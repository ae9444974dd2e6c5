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
# shellcheck source=tools/apt.sh
. "$here/../../tools/apt.sh"
apt_suites="bookworm trixie testing unstable"

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

# kernel NAME SERIES EXPECTED SUITE:RELEASE...: which of Debian's kernels is taken
kernel()
{
	local name=$1 series=$2 expected=$3 found

	shift 3
	found=$(for entry; do
		echo " linux-image-${entry#*:}-amd64 | 1.0-1 | http://example.org/debian ${entry%%:*}/main amd64 Packages"
	done | apt_newest_kernel "$series" 12)
	result "$found" "$expected" "kernel_$name"
}

echo "TAP version 13"
echo "1..32"
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
kernel newest_of_the_series 6.1 "6.1.0-56-amd64 bookworm" bookworm:6.1.0-9 bookworm-security:6.1.0-56 \
	bookworm:6.1.0-47 bookworm-security:6.12.117+deb12
kernel own_build_of_a_version 6.12 "6.12.117+deb12-amd64 bookworm" trixie:6.12.117+deb13 \
	bookworm-security:6.12.117+deb12 trixie-security:6.12.117+deb13.1
kernel later_build_of_a_version 6.12 "6.12.90+deb12.1-amd64 bookworm" \
	bookworm-backports:6.12.90+deb12.1 bookworm-backports:6.12.90+deb12
kernel newer_version_of_another_suite 6.12 "6.12.118+deb13-amd64 trixie" \
	bookworm-security:6.12.117+deb12 trixie-security:6.12.118+deb13
kernel backports_before_older_testing 7 "7.3.4+deb13-amd64 trixie" trixie-backports:7.2.12+deb13 \
	trixie-backports:7.3.4+deb13 testing:7.2.12+deb14 unstable:7.2.13+deb14
kernel newer_testing 7 "7.3.10+deb14-amd64 testing" trixie-backports:7.3.4+deb13 \
	testing:7.3.10+deb14
kernel same_in_all_suites 7 "7.3.4+deb13-amd64 trixie" unstable:7.3.4+deb14 testing:7.3.4+deb14 \
	trixie-backports:7.3.4+deb13
kernel not_these 7 "7.3.4+deb14-amd64 unstable" unstable:7.4-rc3 unstable:7.3.5+deb14-cloud \
	unstable:7.3.5+deb14-rt unstable:7.3.5+deb14-unsigned unstable:7.3.4+deb14 unstable:8.1.1+deb14
kernel none_of_the_series 7 "" bookworm:6.1.0-9
exit $failed
